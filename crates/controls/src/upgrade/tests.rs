use knight_model::source::{Position, Span};

use super::*;

const BEFORE: KnativeVersion = KnativeVersion::new(1, 16);
const AFTER: KnativeVersion = KnativeVersion::new(1, 20);

fn object(group: &str, version: &str, kind: &str, file: &str) -> Inventoried {
    let at = Position { line: 1, column: 1 };
    Inventoried {
        object: ObjectRef {
            group: group.into(),
            kind: kind.into(),
            namespace: Some("shop".into()),
            name: "web".into(),
            version: version.into(),
        },
        place: Place {
            file: file.into(),
            span: Span::new(0, 0),
            start: at,
            end: at,
        },
    }
}

#[test]
fn names_api_versions_that_go_between_the_two_versions() {
    let channel = |version, file| object("messaging.knative.dev", version, "KafkaChannel", file);
    let objects = [
        channel("v1alpha1", "b.yaml"),
        channel("v1alpha1", "a.yaml"),
        channel("v1beta1", "a.yaml"),
        object("", "v1", "Pod", "a.yaml"),
    ];
    let gone = apis(BEFORE, AFTER, &objects);
    let row = kinds::removed("messaging.knative.dev", "KafkaChannel", "v1alpha1").unwrap();
    assert_eq!(
        gone,
        [ApiGone {
            api_version: "messaging.knative.dev/v1alpha1".to_owned(),
            kind: "KafkaChannel".into(),
            objects: 2,
            first: objects[1].place.clone(),
            since: KnativeVersion::new(1, 17),
            replacement: row.replacement.clone(),
            same_schema: row.same_schema,
        }]
    );
    assert_eq!(apis(KnativeVersion::new(1, 17), AFTER, &objects), []);
    assert_eq!(apis(KnativeVersion::new(1, 10), BEFORE, &objects), []);
}
