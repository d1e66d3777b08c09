//! Who may send which events, and where they go.

mod authorization_without_oidc;
mod endless_retry;
mod event_every_second;
mod event_traffic_in_clear;
mod internal_event_target;
mod job_sink_leftover;
mod secret_in_event;
mod senders_unchecked;
mod source_of_every_namespace;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[
    &authorization_without_oidc::CONTROL,
    &endless_retry::CONTROL,
    &event_every_second::CONTROL,
    &event_traffic_in_clear::CONTROL,
    &internal_event_target::CONTROL,
    &job_sink_leftover::CONTROL,
    &secret_in_event::CONTROL,
    &senders_unchecked::CONTROL,
    &source_of_every_namespace::CONTROL,
];
