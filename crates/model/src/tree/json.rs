//! Trees as plain JSON values.

use serde_json::{Map, Number, Value};

use super::{Kind, Node};

impl Node<'_> {
    /// Returns the value as plain JSON, with keys in the order of [`super::Map::entries`].
    ///
    /// A number that JSON cannot hold (no reader makes one) becomes `null`.
    pub fn to_json(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(value),
            Kind::Int(value) => Value::Number(value.into()),
            Kind::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
            Kind::Text(text) => Value::String(text.to_owned()),
            Kind::List(list) => list.items().map(Node::to_json).collect(),
            Kind::Map(map) => Value::Object(
                map.entries()
                    .map(|entry| (entry.key.to_owned(), entry.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}
