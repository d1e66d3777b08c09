//! Who is reached under which name, and what travels in the clear.

mod authorization_fails_open;
mod automatic_domain_claim;
mod external_traffic_in_clear;
mod host_collision;
mod internal_traffic_in_clear;
mod plain_http_served;
mod wildcard_key_everywhere;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &authorization_fails_open::CONTROL,
    &automatic_domain_claim::CONTROL,
    &external_traffic_in_clear::CONTROL,
    &host_collision::CONTROL,
    &internal_traffic_in_clear::CONTROL,
    &plain_http_served::CONTROL,
    &wildcard_key_everywhere::CONTROL,
];
