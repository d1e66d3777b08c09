//! Lists of objects, taken apart as `kubectl` takes them apart.

use super::{ItemType, Lists, NotAnObject, Object, ObjectProblem};
use crate::{
    source::Span,
    tree::{Document, Map, Node},
};

/// Returns the objects of a document, and what in it is none.
///
/// A `List`, and any kind whose name ends in `List` and that has `items`, gives its items. Items of a
/// `PodList` and the like that name no type get it from the list, as in answers of the API server.
pub fn objects(document: &Document) -> (Vec<Object<'_>>, Vec<ObjectProblem>) {
    let mut found = Found::default();
    found.add(document.root(), Lists::default(), None);
    (found.objects, found.problems)
}

#[derive(Default)]
struct Found<'a> {
    objects: Vec<Object<'a>>,
    problems: Vec<ObjectProblem>,
}

impl<'a> Found<'a> {
    fn add(&mut self, node: Node<'a>, lists: Lists, inferred: Option<ItemType<'a>>) {
        match Object::of_item(node, lists, inferred) {
            Ok(object) => self.add_object(object),
            Err(reason) => self.refuse(place_of(node, reason), lists, reason),
        }
    }

    fn add_object(&mut self, object: Object<'a>) {
        let items = object.node.get("items");
        let Some(items) = items.filter(|_| object.kind.ends_with("List")) else {
            return self.objects.push(object);
        };
        if items.is_null() {
            return;
        }
        let Some(list) = items.as_list() else {
            let reason = NotAnObject::ItemsNotAList(items.type_name());
            return self.refuse(items.span(), object.lists, reason);
        };
        let kind = object
            .kind
            .strip_suffix("List")
            .filter(|kind| !kind.is_empty());
        let inferred = kind.map(|kind| ItemType {
            group: object.group,
            version: object.version,
            kind,
        });
        for (index, item) in list.items().enumerate() {
            let Some(lists) = object.lists.item(index) else {
                let reason = NotAnObject::TooManyLists(Lists::DEEPEST);
                return self.refuse(items.span(), object.lists, reason);
            };
            self.add(item, lists, inferred);
        }
    }

    fn refuse(&mut self, span: Span, lists: Lists, reason: NotAnObject) {
        self.problems.push(ObjectProblem {
            span,
            path: lists.path(),
            reason,
        });
    }
}

/// Returns the narrowest bytes that show the reason: a wrong field, else the first key.
fn place_of(node: Node<'_>, reason: NotAnObject) -> Span {
    let map = node.as_map();
    let value = |field| map.and_then(|map: Map<'_>| map.get(field)).map(Node::span);
    let narrow = match reason {
        NotAnObject::NotAString { field, .. } => value(field),
        NotAnObject::MalformedApiVersion => value("apiVersion"),
        NotAnObject::NotAMap(_)
        | NotAnObject::Missing(_)
        | NotAnObject::ItemsNotAList(_)
        | NotAnObject::TooManyLists(_) => map
            .and_then(|map| map.entries().next())
            .map(|entry| entry.key_span),
    };
    narrow.unwrap_or_else(|| node.span())
}
