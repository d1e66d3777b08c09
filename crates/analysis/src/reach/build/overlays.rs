//! What is not judged, by namespace.

use knight_model::{
    network::{Influence, NetworkObjects},
    object::ObjectRef,
};

use super::super::network::Overlay;

/// Returns what could change what policies say, for each namespace.
pub(super) fn overlays(objects: &NetworkObjects) -> Vec<Overlay> {
    let mut everywhere = Overlay::default();
    let mut overlays = vec![Overlay::default(); objects.namespaces.len()];
    let mut add = |namespace: Option<&str>, adds: &dyn Fn(&mut Overlay)| match namespace {
        None => adds(&mut everywhere),
        Some(name) => {
            let namespaces = &objects.namespaces;
            let at = namespaces.binary_search_by(|namespace| (*namespace.name).cmp(name));
            if let Some(overlay) = at.ok().and_then(|at| overlays.get_mut(at)) {
                adds(overlay);
            }
        }
    };
    for flawed in &objects.flawed {
        if is_policy(&flawed.object.group, &flawed.object.kind) {
            add(
                flawed.object.namespace.as_deref(),
                &Overlay::add_unknown_policy,
            );
        }
    }
    for found in &objects.not_judged {
        if let Some(influence) = Influence::of(&found.object.group, &found.object.kind) {
            add(scope(&found.object), &|overlay| overlay.add(influence));
        }
    }
    for unread in &objects.unread {
        if is_policy(&unread.group, &unread.kind) {
            add(unread.namespace.as_deref(), &Overlay::add_unknown_policy);
        } else if let Some(influence) = Influence::of(&unread.group, &unread.kind) {
            add(None, &|overlay| overlay.add(influence));
        }
    }
    for overlay in &mut overlays {
        overlay.denies |= everywhere.denies;
        overlay.denies_open |= everywhere.denies_open;
        overlay.allows |= everywhere.allows;
    }
    overlays
}

fn is_policy(group: &str, kind: &str) -> bool {
    kind == "NetworkPolicy" && matches!(group, "networking.k8s.io" | "extensions")
}

/// Returns the namespace that an object is about; none for all of them.
fn scope(object: &ObjectRef) -> Option<&str> {
    // In the root namespace of a mesh they are about all others, and which that is, is a setting.
    if object.group.ends_with("istio.io") {
        return None;
    }
    object.namespace.as_deref()
}

impl Overlay {
    /// Adds a network policy of which nothing is known: it may isolate, and allow anything.
    fn add_unknown_policy(&mut self) {
        self.denies = true;
        self.allows = true;
    }

    fn add(&mut self, influence: Influence) {
        self.denies |= influence.may_deny(true);
        self.denies_open |= influence.may_deny(false);
        self.allows |= influence.may_allow();
    }
}
