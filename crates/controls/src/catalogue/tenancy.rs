//! What keeps tenants apart.

mod webhook_exclusion;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[&webhook_exclusion::CONTROL];
