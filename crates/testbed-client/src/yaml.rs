//! Manifests as the objects that requests carry.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Number, Value};

use crate::Error;

/// Reads the documents of a manifest; empty ones are left out.
///
/// This is for the manifests of tests. It reads YAML 1.2, where `yes` is text; write what both
/// versions of YAML read alike.
pub fn objects(text: &str) -> Result<Vec<Value>, Error> {
    let documents =
        Yaml::load_from_str(text).map_err(|error| Error::Manifest(error.to_string()))?;
    documents
        .iter()
        .map(value)
        .filter(|value| !matches!(value, Ok(Value::Null)))
        .collect()
}

fn value(yaml: &Yaml<'_>) -> Result<Value, Error> {
    let odd = |what: &str| Err(Error::Manifest(format!("{what} has no place in JSON")));
    match yaml {
        Yaml::Value(scalar) => Ok(match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(value) => Value::Bool(*value),
            Scalar::Integer(value) => Value::Number(Number::from(*value)),
            Scalar::FloatingPoint(value) => match Number::from_f64(value.into_inner()) {
                Some(number) => Value::Number(number),
                None => return odd("an infinite number"),
            },
            Scalar::String(text) => Value::String(text.to_string()),
        }),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(entries) => entries
            .iter()
            .map(|(key, entry)| match key.as_str() {
                Some(key) => Ok((key.to_owned(), value(entry)?)),
                None => Err(Error::Manifest("a key is no text".to_owned())),
            })
            .collect::<Result<Map<String, Value>, Error>>()
            .map(Value::Object),
        Yaml::Tagged(..) => odd("a tag"),
        Yaml::Alias(_) => odd("an alias"),
        Yaml::Representation(..) => odd("a scalar that is not resolved"),
        Yaml::BadValue => odd("a scalar that does not fit its tag"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_documents_and_leaves_empty_ones_out() {
        let text = "# nothing\n---\na: [1, 1.5, \"1\", true, null, x]\n---\n---\nb: {c: d}\n";
        assert_eq!(
            objects(text).unwrap(),
            [
                json!({"a": [1, 1.5, "1", true, null, "x"]}),
                json!({"b": {"c": "d"}}),
            ]
        );
    }

    #[test]
    fn rejects_what_no_request_can_carry() {
        for text in ["a: .inf", "1: a", "a: [", "a: !local b"] {
            assert!(
                matches!(objects(text), Err(Error::Manifest(_))),
                "{text}: {:?}",
                objects(text)
            );
        }
    }
}
