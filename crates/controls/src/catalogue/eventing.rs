//! Who may send which events.

mod authorization_without_oidc;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[&authorization_without_oidc::CONTROL];
