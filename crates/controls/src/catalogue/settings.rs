//! Knative's own settings.

mod logged_credential;
mod moving_tag_registry;
mod node_flag;
mod open_profiling;
mod opened;
mod queue_image_without_digest;
mod scale_limit_unset;
mod secure_defaults_off;
mod setting_contradiction;
mod setting_ignored;
mod setting_out_of_range;
mod surface_flag;
mod unvalidated_settings;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &logged_credential::CONTROL,
    &moving_tag_registry::CONTROL,
    &node_flag::CONTROL,
    &open_profiling::CONTROL,
    &queue_image_without_digest::CONTROL,
    &scale_limit_unset::CONTROL,
    &secure_defaults_off::CONTROL,
    &setting_contradiction::CONTROL,
    &setting_ignored::CONTROL,
    &setting_out_of_range::CONTROL,
    &surface_flag::CONTROL,
    &unvalidated_settings::CONTROL,
];
