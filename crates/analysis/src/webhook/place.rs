//! The parts of a pod spec that the webhook masks one by one.

use knight_facts::pod_spec::Level;
use knight_model::{
    path::{FieldPath, Step},
    tree::{List, Node},
};

/// The part of a pod spec that a field is in, and what is around it.
pub(super) struct Place<'a> {
    /// The pod spec.
    pub(super) spec: Node<'a>,
    /// The part itself, where it is there.
    pub(super) node: Option<Node<'a>>,
    /// Whether it is in an init container.
    pub(super) in_init: bool,
    /// Whether it is in a container without a port beside others.
    pub(super) in_sidecar: bool,
}

/// A part that is there.
pub(super) struct Part<'a> {
    pub(super) level: Level,
    /// The path from the pod spec.
    pub(super) path: FieldPath,
    pub(super) node: Node<'a>,
}

impl<'a> Place<'a> {
    /// Finds the part at a path from the pod spec.
    pub(super) fn at(spec: Node<'a>, level: Level, path: &FieldPath) -> Self {
        let first = path.steps().first();
        let is_in = |list: &str| matches!(first, Some(Step::Key(key)) if &**key == list);
        let in_container = level != Level::Pod && level != Level::Volume;
        let container: FieldPath = path.steps().iter().take(2).cloned().collect();
        let container = spec.locate(&container);
        let count = |node: Option<Node<'a>>, key: &str| {
            let list = node.and_then(|node| node.get(key)?.as_list());
            list.map_or(0, List::len)
        };
        Self {
            spec,
            node: spec.locate(path),
            in_init: in_container && is_in("initContainers"),
            in_sidecar: in_container
                && is_in("containers")
                && count(Some(spec), "containers") > 1
                && count(container, "ports") == 0,
        }
    }
}

/// Returns every part of a pod spec, outer ones before inner ones.
pub(super) fn parts(spec: Node<'_>) -> Vec<Part<'_>> {
    let mut found = vec![Part {
        level: Level::Pod,
        path: FieldPath::new(),
        node: spec,
    }];
    let mut next = 0;
    while let Some(Part { level, path, node }) = found.get(next) {
        let inner = inside(*level, path, *node);
        found.extend(inner);
        next += 1;
    }
    found
}

/// Returns the parts right inside of another.
fn inside<'a>(level: Level, path: &FieldPath, node: Node<'a>) -> Vec<Part<'a>> {
    const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];
    let child = |keys: &[&str], level: Level| {
        let node = node.at_path(keys).filter(|node| node.as_map().is_some());
        let path = joined(path, keys);
        node.map(|node| Part { level, path, node })
    };
    let items = |keys: &[&str], level: Level| -> Vec<Part<'a>> {
        let list = node.at_path(keys).and_then(Node::as_list);
        let list_path = joined(path, keys);
        let items = list.into_iter().flat_map(List::items).enumerate();
        let maps = items.filter(|(_, item)| item.as_map().is_some());
        maps.map(|(index, node)| {
            let mut path = list_path.clone();
            let name = node.get("name").and_then(Node::as_str);
            path.push_item(index, name.filter(|name| !name.is_empty()));
            Part { level, path, node }
        })
        .collect()
    };
    match level {
        Level::Pod => {
            let mut parts = Vec::new();
            parts.extend(child(&["securityContext"], Level::PodSecurityContext));
            parts.extend(items(&["volumes"], Level::Volume));
            parts.extend(items(&["containers"], Level::Container));
            parts.extend(items(&["initContainers"], Level::Container));
            parts
        }
        Level::Container => {
            let mut parts = items(&["env"], Level::Env);
            parts.extend(items(&["ports"], Level::Port));
            parts.extend(items(&["volumeMounts"], Level::VolumeMount));
            let security = child(&["securityContext"], Level::ContainerSecurityContext);
            parts.extend(security);
            parts.extend(
                PROBES
                    .iter()
                    .filter_map(|probe| child(&[probe], Level::Probe)),
            );
            parts
        }
        Level::Volume => items(&["projected", "sources"], Level::Projection),
        Level::ContainerSecurityContext
        | Level::Env
        | Level::PodSecurityContext
        | Level::Port
        | Level::Probe
        | Level::Projection
        | Level::VolumeMount => Vec::new(),
    }
}

fn joined(path: &FieldPath, keys: &[&str]) -> FieldPath {
    let mut path = path.clone();
    path.extend(&keys.iter().copied().collect());
    path
}

/// Returns the fields of the facts that a path leads through, outermost first: the part each belongs
/// to, the path of that part, and the keys from there.
pub(super) fn fields(path: &FieldPath) -> Vec<(Level, FieldPath, Vec<&str>)> {
    let mut fields = Vec::new();
    let mut level = Level::Pod;
    let mut part = FieldPath::new();
    let mut keys: Vec<&str> = Vec::new();
    for (at, step) in path.steps().iter().enumerate() {
        let next = match step {
            Step::Key(key) => {
                keys.push(key);
                match (level, keys.as_slice()) {
                    (Level::Pod, ["securityContext"]) => Level::PodSecurityContext,
                    (Level::Container, ["securityContext"]) => Level::ContainerSecurityContext,
                    (Level::Container, ["livenessProbe" | "readinessProbe" | "startupProbe"]) => {
                        Level::Probe
                    }
                    _ => continue,
                }
            }
            Step::Item { .. } => match (level, keys.as_slice()) {
                (Level::Pod, ["containers" | "initContainers"]) => Level::Container,
                (Level::Pod, ["volumes"]) => Level::Volume,
                (Level::Container, ["env"]) => Level::Env,
                (Level::Container, ["ports"]) => Level::Port,
                (Level::Container, ["volumeMounts"]) => Level::VolumeMount,
                (Level::Volume, ["projected", "sources"]) => Level::Projection,
                _ => continue,
            },
        };
        fields.push((level, part, std::mem::take(&mut keys)));
        part = path.steps().iter().take(at + 1).cloned().collect();
        level = next;
    }
    if !keys.is_empty() {
        fields.push((level, part, keys));
    }
    fields
}
