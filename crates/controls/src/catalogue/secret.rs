//! Secrets and tokens.

mod automounted_token;
mod default_service_account;
mod projected_token;
mod secret_in_env;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &automounted_token::CONTROL,
    &default_service_account::CONTROL,
    &projected_token::CONTROL,
    &secret_in_env::CONTROL,
];
