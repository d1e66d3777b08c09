//! What keeps tenants apart.

mod pod_security_off;
mod sandbox_opt_out;
mod webhook_exclusion;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &pod_security_off::CONTROL,
    &sandbox_opt_out::CONTROL,
    &webhook_exclusion::CONTROL,
];
