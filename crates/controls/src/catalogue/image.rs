//! Where code comes from.

mod foreign_registry;
mod image_without_digest;
mod internal_registry;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &foreign_registry::CONTROL,
    &image_without_digest::CONTROL,
    &internal_registry::CONTROL,
];
