//! What a pod may take of its node.

mod unbounded_scratch_volume;
mod unlimited_memory;
mod unreserved_resources;

use crate::{
    control::Control,
    rule::{Items, Sort},
};

/// The containers that may have resources: ephemeral ones may not.
const SIZED: Items = Items::Containers(&[Sort::Container, Sort::Init]);

pub(super) const CONTROLS: &[&Control] = &[
    &unbounded_scratch_volume::CONTROL,
    &unlimited_memory::CONTROL,
    &unreserved_resources::CONTROL,
];
