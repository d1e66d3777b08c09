//! What the input leaves open, in words.

use knight_analysis::reach::Doubt;
use knight_model::network::NetworkObjects;
use knight_model::object::ObjectRef;

/// How many objects of one sort are named.
const NAMED: usize = 5;

/// Returns a sentence for everything that is not known.
pub(super) fn of(objects: &NetworkObjects) -> Vec<String> {
    let flawed = (0..objects.flawed.len()).map(Doubt::Flawed);
    let not_judged = (0..objects.not_judged.len()).map(Doubt::NotJudged);
    let unread = (0..objects.unread.len()).map(Doubt::Unread);
    let doubts = flawed.chain(not_judged).chain(unread);
    let mut sentences: Vec<String> = doubts.map(|doubt| sentence(objects, doubt)).collect();
    sentences.extend(carriers(objects));
    let hosts = objects.pods.iter().filter(|pod| pod.host_network).count();
    if hosts > 0 {
        sentences.push(format!(
            "{}: what they reach on their own node is in the list of workloads alone",
            match hosts {
                1 => "1 pod shares the network of its node".to_owned(),
                many => format!("{many} pods share the network of their nodes"),
            }
        ));
    }
    sentences
}

/// Says which objects make pods that the input does not have: in files, they can be most of them.
fn carriers(objects: &NetworkObjects) -> Option<String> {
    let named = objects.carriers.iter().take(NAMED);
    let named = named.map(|found| format!("{} ({})", words(&found.object), found.place));
    let words = named.collect::<Vec<_>>().join(", ");
    let count = match objects.carriers.len() {
        0 => return None,
        1 => "1 object makes".to_owned(),
        many => format!("{many} objects make"),
    };
    let more = match objects.carriers.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "{count} pods that this does not derive; nothing is said of pods that the input does not \
         have: {words}{more}"
    ))
}

/// Says what is not known.
pub(super) fn sentence(objects: &NetworkObjects, doubt: Doubt) -> String {
    let found = match doubt {
        Doubt::Flawed(at) => objects.flawed.get(at).map(|flawed| {
            let place = flawed.flaw.place();
            format!(
                "{} cannot be read, so it may say anything: {} ({place})",
                words(&flawed.object),
                flawed.flaw
            )
        }),
        Doubt::NotJudged(at) => objects.not_judged.get(at).map(|found| {
            format!(
                "{} decides on connections and is not judged ({})",
                words(&found.object),
                found.place
            )
        }),
        Doubt::Carrier(at) => objects.carriers.get(at).map(|found| {
            format!(
                "{} makes pods that this does not derive ({})",
                words(&found.object),
                found.place
            )
        }),
        Doubt::Unread(at) => objects.unread.get(at).map(|unread| {
            let kind = kind(&unread.group, &unread.kind);
            match &unread.namespace {
                Some(namespace) => format!("not every {kind} of `{namespace}` is known"),
                None => format!("not every {kind} is known"),
            }
        }),
        Doubt::Namespace(at) => objects.namespaces.get(at).map(|namespace| {
            format!(
                "the namespace `{}` is not in the input: its labels are not known",
                namespace.name
            )
        }),
        Doubt::HostNetwork(at) => objects.pods.get(at).map(|pod| {
            format!(
                "pod `{}/{}` shares the network of its node: what policies mean for it, the \
                 network plugin decides",
                pod.namespace, pod.name
            )
        }),
        Doubt::Labels(at) => objects.pods.get(at).map(|pod| {
            format!(
                "a controller adds labels to `{}/{}` that are not in the input",
                pod.namespace, pod.name
            )
        }),
        Doubt::Block(at) => objects.policies.get(at).map(|policy| {
            format!(
                "whether an `ipBlock` of the policy `{}/{}` means pods, the network plugin decides \
                 ({})",
                policy.namespace, policy.name, policy.place
            )
        }),
    };
    found.unwrap_or_default()
}

fn words(object: &ObjectRef) -> String {
    let kind = kind(&object.group, &object.kind);
    match &object.namespace {
        Some(namespace) => format!("{kind} `{namespace}/{}`", object.name),
        None => format!("{kind} `{}`", object.name),
    }
}

fn kind(group: &str, kind: &str) -> String {
    match group {
        "" | "apps" | "batch" | "networking.k8s.io" => kind.to_owned(),
        group => format!("{kind}.{group}"),
    }
}
