//! One page of a list, taken apart object by object: no more than one tree is in memory.

use std::{
    cell::RefCell,
    collections::HashSet,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use knight_controls::redact::redact;
use knight_model::snapshot::{OBJECT_BYTES, text_of};
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// The most values that a page may hold: a tree takes some seventy bytes for each, be it `0`.
const VALUES: usize = 1 << 20;

/// What the objects of a list have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) api_version: String,
    pub(super) kind: &'static str,
    /// The namespace that was asked for.
    pub(super) namespace: Option<String>,
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    /// The redacted objects, one a line, each with its line break.
    pub(super) lines: String,
    pub(super) objects: u64,
    /// How to ask for the next page; nothing on the last one.
    pub(super) next: Option<String>,
}

/// Why a body is no page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NoPage {
    /// It is cut off or is something else; to ask again may help.
    Damaged(String),
    /// It holds more than is taken apart at once; a smaller page may help.
    TooMuch,
    /// It holds what no API server gives.
    Wrong(String),
}

/// The namespaces and names that a list had so far.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<Identity>);

/// A namespace and a name, of the same size however long these are. Two that look the same by chance
/// cost a list that can be read, and lose nothing in silence.
type Identity = (u64, u64);

struct Reader<'r> {
    common: &'r Common,
    /// Those of the pages before.
    names: &'r Names,
    /// Those of this page: a page that is asked for again may give them again.
    fresh: HashSet<Identity>,
    page: Page,
    /// What is wrong with an object, beside what serde says.
    wrong: Option<String>,
}

#[derive(Default, Deserialize)]
struct ListMetadata {
    #[serde(rename = "continue")]
    token: Option<String>,
}

/// Reads a body as a page of a list.
pub(super) fn of_list(body: &[u8], common: &Common, names: &mut Names) -> Result<Page, NoPage> {
    read(body, common, names, |reader, body| {
        ListVisitor(&RefCell::new(reader)).deserialize(body)
    })
}

/// Reads a body as one object.
pub(super) fn of_object(body: &[u8], common: &Common) -> Result<Page, NoPage> {
    read(body, common, &mut Names::default(), |reader, body| {
        let object = Value::deserialize(body)?;
        reader.object(object).map_err(serde_json::Error::custom)
    })
}

fn read<'b>(
    body: &'b [u8],
    common: &Common,
    names: &mut Names,
    how: impl FnOnce(
        &mut Reader<'_>,
        &mut serde_json::Deserializer<serde_json::de::SliceRead<'b>>,
    ) -> Result<(), serde_json::Error>,
) -> Result<Page, NoPage> {
    // No value stands without one of these before it, so this counts at least as many.
    let values = body
        .iter()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'))
        .count();
    if values > VALUES {
        return Err(NoPage::TooMuch);
    }
    let mut reader = Reader {
        common,
        names,
        fresh: HashSet::new(),
        page: Page {
            lines: String::new(),
            objects: 0,
            next: None,
        },
        wrong: None,
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    match how(&mut reader, &mut json).and_then(|()| json.end()) {
        Ok(()) => {
            let Reader { page, fresh, .. } = reader;
            names.0.extend(fresh);
            Ok(page)
        }
        Err(error) => Err(match reader.wrong {
            Some(wrong) => NoPage::Wrong(wrong),
            None if error.to_string().contains("recursion limit") => {
                NoPage::Wrong("an object is nested too deeply".to_owned())
            }
            None => NoPage::Damaged(format!(
                "the answer is no list of the Kubernetes API (byte {})",
                error.column()
            )),
        }),
    }
}

impl Reader<'_> {
    /// Adds an object, or says what is wrong with it.
    fn object(&mut self, object: Value) -> Result<(), &'static str> {
        const WRONG: &str = "not an object of the list";
        match self.line_of(object) {
            Ok(line) => {
                self.page.lines.push_str(&line);
                self.page.lines.push('\n');
                self.page.objects += 1;
                Ok(())
            }
            Err(wrong) => {
                self.wrong = Some(wrong.to_owned());
                Err(WRONG)
            }
        }
    }

    fn line_of(&mut self, mut object: Value) -> Result<String, &'static str> {
        let Some(fields) = object.as_object_mut() else {
            return Err("the list holds something that is no object");
        };
        // The API server leaves out of the objects of a list what the list says for all of them.
        for (key, expected) in [
            ("apiVersion", &*self.common.api_version),
            ("kind", self.common.kind),
        ] {
            let said = fields.entry(key).or_insert_with(|| expected.into());
            if said != expected {
                return Err("the list holds an object of another kind");
            }
        }
        let metadata = fields.get("metadata");
        let text = |key| metadata.and_then(|metadata| metadata.get(key)?.as_str());
        let name = text("name").filter(|name| !name.is_empty());
        let Some(name) = name else {
            return Err("the list holds an object without a name");
        };
        let namespace = text("namespace");
        let elsewhere = |asked: &String| Some(asked.as_str()) != namespace;
        if self.common.namespace.as_ref().is_some_and(elsewhere) {
            return Err("the list holds an object of another namespace");
        }
        let hash = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, namespace, name).hash(&mut hasher);
            hasher.finish()
        };
        let identity = (hash(0), hash(1));
        if self.names.0.contains(&identity) || !self.fresh.insert(identity) {
            return Err("the list holds an object twice");
        }
        let line = text_of(redact(object));
        if line.len() > OBJECT_BYTES {
            return Err("the list holds an object that is too long for a snapshot");
        }
        Ok(line)
    }
}

/// Reads a list, field by field, in any order.
struct ListVisitor<'c, 'r, 'n>(&'c RefCell<&'r mut Reader<'n>>);

/// Reads its items.
struct Items<'c, 'r, 'n>(&'c RefCell<&'r mut Reader<'n>>);

impl<'de> DeserializeSeed<'de> for ListVisitor<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ListVisitor<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut is_list, mut has_items) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "kind" => is_list = map.next_value::<String>()?.ends_with("List"),
                "metadata" => {
                    let metadata: Option<ListMetadata> = map.next_value()?;
                    let token = metadata.unwrap_or_default().token;
                    self.0.borrow_mut().page.next = token.filter(|token| !token.is_empty());
                }
                "items" if has_items => return Err(A::Error::custom("items twice")),
                "items" => {
                    has_items = true;
                    map.next_value_seed(Items(self.0))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if is_list && has_items {
            Ok(())
        } else {
            Err(A::Error::custom("no list"))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the objects of a list")
    }

    /// A list of Go that holds nothing may be written as `null`.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(object) = seq.next_element::<Value>()? {
            self.0
                .borrow_mut()
                .object(object)
                .map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Result<Page, NoPage> {
        let common = Common {
            api_version: "v1".to_owned(),
            kind: "Pod",
            namespace: None,
        };
        of_list(body.as_bytes(), &common, &mut Names::default())
    }

    fn wrong(body: &str) -> String {
        match page(body) {
            Err(NoPage::Wrong(wrong)) => wrong,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fills_in_what_the_list_says_for_all() {
        let page = page(
            r#"{"items": [{"metadata": {"namespace": "a", "name": "b"}}],
               "metadata": {"continue": "t"}, "kind": "PodList"}"#,
        );
        let page = page.expect("a page");
        assert_eq!(
            page.lines,
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\",\"namespace\":\"a\"}}\n"
        );
        assert_eq!((page.objects, page.next.as_deref()), (1, Some("t")));
    }

    #[test]
    fn takes_empty_lists() {
        for items in ["null", "[]"] {
            let text = format!("{{\"kind\":\"PodList\",\"metadata\":null,\"items\":{items}}}");
            let page = page(&text).expect("a page");
            assert_eq!((page.objects, page.next), (0, None));
        }
    }

    #[test]
    fn refuses_what_no_api_server_gives() {
        let list = |items: &str| format!("{{\"kind\":\"PodList\",\"items\":[{items}]}}");
        let named = r#"{"metadata":{"name":"b"}}"#;
        assert_eq!(
            wrong(&list("7")),
            "the list holds something that is no object"
        );
        assert_eq!(
            wrong(&list("{}")),
            "the list holds an object without a name"
        );
        assert_eq!(
            wrong(&list(r#"{"kind":"Secret","metadata":{"name":"b"}}"#)),
            "the list holds an object of another kind"
        );
        assert_eq!(
            wrong(&list(&format!("{named},{named}"))),
            "the list holds an object twice"
        );
        let deep = "[".repeat(5000);
        assert_eq!(
            wrong(&list(&format!("{{\"a\":{deep}"))),
            "an object is nested too deeply"
        );
    }

    #[test]
    fn tells_what_is_cut_off_from_what_is_too_much() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"kind":"PodList","items":[{"#,
            r#"{"kind":"Status"}"#,
        ] {
            assert!(matches!(page(body), Err(NoPage::Damaged(_))), "{body}");
        }
        let zeros = format!(
            "{{\"kind\":\"PodList\",\"items\":[[{}0]]}}",
            "0,".repeat(VALUES)
        );
        assert_eq!(page(&zeros).map(|_| ()), Err(NoPage::TooMuch));
    }
}
