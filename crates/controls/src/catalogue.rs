//! The catalogue: every control that Knight knows, by family.

mod api;
mod eventing;
mod image;
mod network;
mod pod;
mod resources;
mod routing;
mod scale;
mod secret;
mod settings;
mod tenancy;

use std::sync::LazyLock;

use crate::control::Control;

/// A family of controls: a folder of pages and a part of the book.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The name, usable with `--select`.
    pub name: &'static str,
    /// The controls, by id.
    pub controls: &'static [&'static Control],
}

/// The families, by name.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "api",
        controls: api::CONTROLS,
    },
    Family {
        name: "eventing",
        controls: eventing::CONTROLS,
    },
    Family {
        name: "image",
        controls: image::CONTROLS,
    },
    Family {
        name: "network",
        controls: network::CONTROLS,
    },
    Family {
        name: "pod",
        controls: pod::CONTROLS,
    },
    Family {
        name: "resources",
        controls: resources::CONTROLS,
    },
    Family {
        name: "routing",
        controls: routing::CONTROLS,
    },
    Family {
        name: "scale",
        controls: scale::CONTROLS,
    },
    Family {
        name: "secret",
        controls: secret::CONTROLS,
    },
    Family {
        name: "settings",
        controls: settings::CONTROLS,
    },
    Family {
        name: "tenancy",
        controls: tenancy::CONTROLS,
    },
];

static BY_ID: LazyLock<Vec<(&'static Control, &'static str)>> = LazyLock::new(|| {
    let mut all: Vec<_> = FAMILIES
        .iter()
        .flat_map(|family| {
            family
                .controls
                .iter()
                .map(|control| (*control, family.name))
        })
        .collect();
    all.sort_unstable_by_key(|(control, _)| control.id);
    all
});

/// Returns every control, by id.
pub fn controls() -> impl Iterator<Item = &'static Control> {
    BY_ID.iter().map(|(control, _)| *control)
}

/// Returns the control of an id.
pub fn control(id: &str) -> Option<&'static Control> {
    entry(id).map(|(control, _)| control)
}

/// Returns the family of the control of an id.
pub fn family_of(id: &str) -> Option<&'static str> {
    entry(id).map(|(_, family)| family)
}

fn entry(id: &str) -> Option<(&'static Control, &'static str)> {
    let at = BY_ID
        .binary_search_by_key(&id, |(control, _)| control.id)
        .ok()?;
    BY_ID.get(at).copied()
}
