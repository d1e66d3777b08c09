//! What the API server answers.

use serde_json::Value;

use crate::Error;

/// An answer of the API server, whatever its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, `null` where there is none.
    pub body: Value,
    /// The texts of the warnings, in their order.
    pub warnings: Vec<String>,
}

/// One of the causes that a refusal lists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// The field, such as `spec.containers[0].image`; empty where none is named.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Answer {
    /// Returns whether the request was granted.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns what the server said about a refusal; empty where it said nothing.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// Returns the reason of a refusal, such as `Forbidden`; empty where there is none.
    pub fn reason(&self) -> &str {
        self.body["reason"].as_str().unwrap_or_default()
    }

    /// Returns the causes of a refusal.
    pub fn causes(&self) -> Vec<Cause> {
        let causes = self.body["details"]["causes"].as_array();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        causes
            .into_iter()
            .flatten()
            .map(|cause| Cause {
                field: text(&cause["field"]),
                message: text(&cause["message"]),
            })
            .collect()
    }

    /// Returns the body of a request that a test cannot do without.
    pub fn granted(self, what: &str) -> Result<Value, Error> {
        if self.is_success() {
            return Ok(self.body);
        }
        Err(Error::Refused {
            what: what.to_owned(),
            status: self.status,
            message: self.message().to_owned(),
        })
    }
}

/// Returns the texts of a `Warning` header, which may hold several.
///
/// <https://www.rfc-editor.org/rfc/rfc7234#section-5.5>
pub(crate) fn warnings(header: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut chars = header.chars();
    // Code and agent hold no quotes; a date after the text is quoted, too, but the server sends none.
    while chars.by_ref().any(|char| char == '"') {
        let mut text = String::new();
        while let Some(char) = chars.next() {
            match char {
                '"' => break,
                '\\' => text.extend(chars.next()),
                char => text.push(char),
            }
        }
        texts.push(text);
    }
    texts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_one_warning() {
        assert_eq!(
            warnings(r#"299 - "unknown field \"spec.x\"""#),
            [r#"unknown field "spec.x""#]
        );
    }

    #[test]
    fn reads_several_warnings_of_one_header() {
        assert_eq!(
            warnings(r#"299 - "first, with a comma", 299 - "a \\ b""#),
            ["first, with a comma", r"a \ b"]
        );
    }

    #[test]
    fn reads_no_warning_of_a_header_without_text() {
        assert!(warnings("299 -").is_empty());
        assert_eq!(warnings("299 - \"unfinished"), ["unfinished"]);
    }

    fn refusal() -> Answer {
        Answer {
            status: 422,
            body: json!({
                "kind": "Status", "reason": "Invalid", "message": "it is invalid",
                "details": {"causes": [
                    {"reason": "FieldValueRequired", "field": "spec.a", "message": "needed"},
                    {"message": "odd"},
                ]},
            }),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn reads_why_a_request_was_refused() {
        let refusal = refusal();
        assert!(!refusal.is_success());
        assert_eq!(
            (refusal.reason(), refusal.message()),
            ("Invalid", "it is invalid")
        );
        let cause = |field: &str, message: &str| Cause {
            field: field.to_owned(),
            message: message.to_owned(),
        };
        assert_eq!(
            refusal.causes(),
            [cause("spec.a", "needed"), cause("", "odd")]
        );
    }

    #[test]
    fn a_refusal_of_what_a_test_needs_is_an_error() {
        let error = refusal().granted("making a pod").unwrap_err();
        assert_eq!(
            error.to_string(),
            "making a pod was refused with 422: it is invalid"
        );
    }
}
