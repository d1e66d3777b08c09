//! Annotations of Knative that have more than one spelling.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::parse_embedded;

/// An annotation of a revision template.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// The key; it wins over its aliases.
    pub key: String,
    /// Older spellings that Knative still reads.
    pub aliases: Vec<String>,
    /// Where the fact was read.
    pub source: String,
}

/// Returns every annotation that has an older spelling, by key.
pub fn annotations() -> &'static [Annotation] {
    &FILE.annotation
}

/// Returns the annotation that this key is an older spelling of.
pub fn alias(key: &str) -> Option<&'static Annotation> {
    // A look at the key spares the file for those that cannot be one.
    if !key.contains(".knative.dev/") {
        return None;
    }
    annotations()
        .iter()
        .find(|annotation| annotation.aliases.iter().any(|alias| alias == key))
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    parse_embedded(
        "annotations",
        include_str!(concat!(env!("OUT_DIR"), "/annotations.json")),
    )
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    annotation: Vec<Annotation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_annotation_is_sorted_and_has_a_source() {
        assert!(annotations().is_sorted_by(|a, b| a.key < b.key));
        assert!(
            annotations()
                .iter()
                .all(|annotation| !annotation.source.is_empty())
        );
    }

    #[test]
    fn an_old_spelling_finds_the_new_one() {
        let found = alias("autoscaling.knative.dev/maxScale");
        assert_eq!(
            found.map(|found| found.key.as_str()),
            Some("autoscaling.knative.dev/max-scale")
        );
        assert_eq!(alias("autoscaling.knative.dev/max-scale"), None);
    }
}
