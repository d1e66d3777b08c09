//! Secrets and tokens.

mod automounted_token;
mod secret_in_env;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[&automounted_token::CONTROL, &secret_in_env::CONTROL];
