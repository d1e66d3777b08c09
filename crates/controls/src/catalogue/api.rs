//! What the API server does with the text.

mod legacy_annotation;
mod pruned_field;
mod removed_api_version;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &legacy_annotation::CONTROL,
    &pruned_field::CONTROL,
    &removed_api_version::CONTROL,
];
