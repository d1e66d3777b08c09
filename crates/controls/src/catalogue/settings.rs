//! Knative's own settings.

mod setting_ignored;

use crate::control::Control;

pub(super) const CONTROLS: &[&Control] = &[&setting_ignored::CONTROL];
