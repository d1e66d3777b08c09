//! What the API server asks of objects before any policy does.

use serde_json::{Value, json};

use knight_facts::carriers::carrier;

use super::asked::{Request, Way};

/// An image that every control is content with.
pub(crate) const IMAGE: &str = "ghcr.io/acme/app@sha256:\
    0000000000000000000000000000000000000000000000000000000000000000";

/// Fills in what an object cannot be stored without, and takes out what no rule can ask for there;
/// what is there and wrong stays.
pub(crate) fn fit(request: &mut Request) {
    match &request.way {
        Way::Ephemeral(_) => {
            let spec = &mut request.object["spec"];
            // They may set none of these.
            for container in items(&mut spec["ephemeralContainers"]) {
                if let Some(container) = container.as_object_mut() {
                    for field in [
                        "ports",
                        "livenessProbe",
                        "readinessProbe",
                        "startupProbe",
                        "lifecycle",
                        "resources",
                        "restartPolicy",
                    ] {
                        container.shift_remove(field);
                    }
                }
            }
            name_containers(&mut spec["ephemeralContainers"], "e");
        }
        Way::Replaced(_) => {}
        Way::Created => created(&mut request.object),
    }
}

/// Returns a value for a field that must be there.
pub(crate) fn filler(field: &str) -> Option<Value> {
    Some(match field {
        "name" | "claimName" | "secretName" | "driver" | "server" | "broker" | "kind"
        | "mountPath" | "topic" | "channel" => json!("a"),
        "apiVersion" => json!("v1"),
        "image" => json!(IMAGE),
        "path" => json!("/a"),
        "port" | "containerPort" => json!(8080),
        "resources" => json!({"requests": {"storage": "1Gi"}}),
        "accessModes" => json!(["ReadWriteOnce"]),
        "drop" | "containers" | "items" | "subscribers" | "steps" | "branches" => json!([]),
        "restartPolicy" => json!("Never"),
        "spec" | "sink" | "subscriber" | "ref" | "template" | "metadata" => json!({}),
        "value" => json!("1"),
        "url" | "uri" => json!("http://a.example.com"),
        _ => return None,
    })
}

fn created(object: &mut Value) {
    let group = object["apiVersion"]
        .as_str()
        .and_then(|version| version.split_once('/'));
    let (group, kind) = (
        group.map_or("", |(group, _)| group).to_owned(),
        object["kind"].as_str().unwrap_or_default().to_owned(),
    );
    if object["metadata"]["name"]
        .as_str()
        .is_none_or(str::is_empty)
        && object["metadata"].is_object()
    {
        object["metadata"]["name"] = json!("generated");
    }
    frame(&kind, object);
    let typed = !group.contains('.') || group.ends_with(".k8s.io");
    for place in carrier(&group, &kind)
        .into_iter()
        .flat_map(|carrier| &carrier.pods)
    {
        let mut keys: Vec<&str> = place.spec.segments().collect();
        let last = keys.pop();
        let (Some(parent), Some(last)) = (down(object, &keys), last) else {
            continue;
        };
        if typed && parent[last].is_null() {
            parent[last] = json!({});
        }
        let Some(spec) = parent[last].as_object_mut() else {
            continue;
        };
        if typed {
            // They are the matter of a subresource of pods.
            spec.shift_remove("ephemeralContainers");
            if spec
                .get("containers")
                .is_none_or(|list| list.is_null() || *list == json!([]))
            {
                spec.insert("containers".to_owned(), json!([{}]));
            }
            if matches!(kind.as_str(), "Job" | "CronJob") {
                spec.insert("restartPolicy".to_owned(), json!("Never"));
            }
        }
        for (list, stem) in [("containers", "c"), ("initContainers", "i")] {
            if let Some(list) = spec.get_mut(list) {
                name_containers(list, stem);
            }
        }
    }
}

/// Fills in what stands around the pods of a kind.
fn frame(kind: &str, object: &mut Value) {
    let labels = json!({"app": "law"});
    match kind {
        "Deployment" | "DaemonSet" | "ReplicaSet" | "StatefulSet" => {
            if let Some(spec) = down(object, &["spec"]) {
                let selector = || json!({ "matchLabels": labels });
                spec.as_object_mut()
                    .map(|spec| spec.entry("selector").or_insert_with(selector));
                if kind == "StatefulSet" {
                    spec["serviceName"] = json!("a");
                }
            }
        }
        "ReplicationController" => {
            if let Some(spec) = down(object, &["spec"]) {
                spec.as_object_mut()
                    .map(|spec| spec.entry("selector").or_insert(labels));
            }
        }
        "ApiServerSource" => {
            if let Some(spec) = down(object, &["spec"]).and_then(Value::as_object_mut) {
                spec.entry("resources")
                    .or_insert_with(|| json!([{"apiVersion": "v1", "kind": "Event"}]));
            }
            return;
        }
        "CronJob" => {
            if let Some(spec) = down(object, &["spec"]) {
                spec["schedule"] = json!("0 0 1 1 *");
            }
            return;
        }
        _ => return,
    }
    if let Some(labelled) = down(object, &["spec", "template", "metadata", "labels"]) {
        labelled["app"] = json!("law");
    }
}

/// Goes down, making maps where there is nothing; nothing where something else is in the way.
fn down<'v>(object: &'v mut Value, keys: &[&str]) -> Option<&'v mut Value> {
    let found = keys.iter().try_fold(object, |here, key| {
        if here.is_null() {
            *here = json!({});
        }
        here.is_object().then(|| &mut here[*key])
    })?;
    if found.is_null() {
        *found = json!({});
    }
    found.is_object().then_some(found)
}

/// Gives each container a name of its own, and an image where it has none.
fn name_containers(list: &mut Value, stem: &str) {
    for (at, container) in items(list).enumerate() {
        if let Some(container) = container.as_object_mut() {
            container.insert("name".to_owned(), json!(format!("{stem}{at}")));
            container.entry("image").or_insert_with(|| json!(IMAGE));
        }
    }
}

fn items(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}
