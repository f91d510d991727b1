//! JSON text whose maps keep the order they are written in: `docker inspect` prints the engine's bytes
//! as they came, so fields stand in the order of the engine's Go structs.

use drydock_machinery::{Value, json};
use std::fmt::Write;
use std::sync::Arc;

/// A JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(pub String);

impl Json {
    #[must_use]
    pub fn null() -> Json {
        Json("null".into())
    }
    /// `{}`, a Go map without entries.
    #[must_use]
    pub fn empty() -> Json {
        Json("{}".into())
    }
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Json>) -> Json {
        let mut out = String::from("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(&item.0);
        }
        out.push(']');
        Json(out)
    }
    /// A list, or `null` without items, as Go prints a nil slice.
    #[must_use]
    pub fn list_or_null(items: impl IntoIterator<Item = Json>) -> Json {
        let list = Json::list(items);
        if list.0 == "[]" { Json::null() } else { list }
    }
    /// A list of strings.
    #[must_use]
    pub fn strings<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Json {
        Json::list(items.into_iter().map(|t| t.as_ref().to_json()))
    }
}

/// What can be written as JSON.
pub trait ToJson {
    fn to_json(self) -> Json;
}

macro_rules! to_json {
    ($($type:ty, $name:ident => $made:expr;)*) => {
        $(impl ToJson for $type {
            fn to_json(self) -> Json {
                let $name = self;
                $made
            }
        })*
    };
}
to_json! {
    Json, j => j;
    &Json, j => j.clone();
    bool, b => Json(b.to_string());
    i32, n => Json(n.to_string());
    i64, n => Json(n.to_string());
    u16, n => Json(n.to_string());
    u32, n => Json(n.to_string());
    u64, n => Json(n.to_string());
    usize, n => Json(n.to_string());
    &str, t => Json(json::to_plain(&Value::from(t)));
    String, t => t.as_str().to_json();
    &String, t => t.as_str().to_json();
    Arc<str>, t => (&*t).to_json();
    &Arc<str>, t => (&**t).to_json();
    Value, v => Json(json::to_plain(&v));
    &Value, v => Json(json::to_plain(v));
}
impl<T: ToJson> ToJson for Option<T> {
    fn to_json(self) -> Json {
        self.map_or_else(Json::null, ToJson::to_json)
    }
}

/// A map in the making.
#[derive(Clone, Debug, Default)]
pub struct Object(String);

impl Object {
    pub fn put(&mut self, key: &str, value: impl ToJson) -> &mut Object {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        _ = write!(self.0, "{}:{}", key.to_json().0, value.to_json().0);
        self
    }
    /// A field with Go's `omitempty`: left out when there is nothing to say.
    pub fn put_some(&mut self, key: &str, value: Option<impl ToJson>) -> &mut Object {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }
    #[must_use]
    pub fn done(&self) -> Json {
        Json(if self.0.is_empty() { "{}".into() } else { format!("{}}}", self.0) })
    }
}

/// A JSON map with its fields in this order: `json!({"Id": id, "Names": names})`.
#[macro_export]
macro_rules! json {
    ({ $($key:literal : $value:expr),* $(,)? }) => {{
        let mut object = $crate::json::Object::default();
        $(object.put($key, $value);)*
        object.done()
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_order() {
        let inner = json!({"z": 1, "a": "x<y"});
        let made =
            json!({"Name": "web", "Inner": inner, "None": Json::null(), "L": Json::strings(["b", "a"])});
        assert_eq!(made.0, r#"{"Name":"web","Inner":{"z":1,"a":"x<y"},"None":null,"L":["b","a"]}"#);
        assert_eq!(Object::default().done().0, "{}");
    }
}
