//! What an expression is worth: JSON data, or one of the types that data is read as.

use drydock_machinery::quantity::Quantity;
use drydock_machinery::schema::openapi;
use drydock_machinery::{Timestamp, Value, json, limits, time};
use std::cmp::Ordering;
use std::net::IpAddr;

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Worth {
    Data(Value),
    /// Nanoseconds.
    Duration(i64),
    /// Seconds since 1970 and nanoseconds.
    Time(i64, u32),
    Quantity(Quantity),
    Ip(IpAddr),
    /// An address and the length of its prefix.
    Cidr(IpAddr, u8),
    Url(String),
    /// The name of a type.
    Type(String),
    /// The name of a format of texts.
    Format(String),
    Optional(Option<Box<Worth>>),
    /// Lists and maps of what is not all data.
    List(Vec<Worth>),
    Map(Vec<(String, Worth)>),
}

impl<T: Into<Value>> From<T> for Worth {
    fn from(value: T) -> Worth {
        Worth::Data(value.into())
    }
}

pub(crate) fn overload() -> String {
    "no such overload".into()
}

impl Worth {
    pub(crate) fn truth(&self) -> Result<bool, String> {
        match self {
            Worth::Data(Value::Bool(truth)) => Ok(*truth),
            _ => Err(overload()),
        }
    }
    pub(crate) fn text(&self) -> Result<&str, String> {
        match self {
            Worth::Data(value) => value.as_str().ok_or_else(overload),
            _ => Err(overload()),
        }
    }
    pub(crate) fn int(&self) -> Result<i64, String> {
        match self {
            Worth::Data(Value::Int(n)) => Ok(*n),
            _ => Err(overload()),
        }
    }
    pub(crate) fn float(&self) -> Option<f64> {
        match self {
            Worth::Data(Value::Int(n)) => Some(*n as f64),
            Worth::Data(Value::Float(f)) => Some(*f),
            _ => None,
        }
    }
    /// The items of a list.
    pub(crate) fn items(&self) -> Result<Vec<Worth>, String> {
        match self {
            Worth::Data(Value::List(items)) => Ok(items.iter().cloned().map(Worth::Data).collect()),
            Worth::List(items) => Ok(items.clone()),
            _ => Err(overload()),
        }
    }
    /// What a comprehension goes through: items, or the keys of a map.
    pub(crate) fn range(&self) -> Result<Vec<Worth>, String> {
        match self {
            Worth::Data(Value::Map(entries)) => {
                Ok(entries.iter().map(|(key, _)| key.text().into()).collect())
            }
            Worth::Map(entries) => Ok(entries.iter().map(|(key, _)| key.as_str().into()).collect()),
            _ => self.items(),
        }
    }
    /// The value under a key.
    pub(crate) fn find(&self, key: &str) -> Option<Worth> {
        match self {
            Worth::Data(value) => value.find(key).cloned().map(Worth::Data),
            Worth::Map(entries) => entries.iter().find(|e| e.0 == key).map(|e| e.1.clone()),
            _ => None,
        }
    }
    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Worth::Data(Value::Map(_)) | Worth::Map(_))
    }
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Worth::Data(Value::Null))
    }
    /// A list of these, as data if all of it is.
    pub(crate) fn list(items: Vec<Worth>) -> Worth {
        match items.iter().map(Worth::data).collect::<Option<Vec<Value>>>() {
            Some(data) => Worth::Data(Value::from_items(data)),
            None => Worth::List(items),
        }
    }
    fn data(&self) -> Option<Value> {
        if let Worth::Data(value) = self { Some(value.clone()) } else { None }
    }
    /// The name of its type, as `type(x)` gives it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Worth::Data(Value::Null) => "null_type",
            Worth::Data(Value::Bool(_)) => "bool",
            Worth::Data(Value::Int(_)) => "int",
            Worth::Data(Value::Float(_)) => "double",
            Worth::Data(Value::List(_)) | Worth::List(_) => "list",
            Worth::Data(Value::Map(_)) | Worth::Map(_) => "map",
            Worth::Data(_) => "string",
            Worth::Duration(_) => "google.protobuf.Duration",
            Worth::Time(..) => "google.protobuf.Timestamp",
            Worth::Quantity(_) => "kubernetes.Quantity",
            Worth::Ip(_) => "net.IP",
            Worth::Cidr(..) => "net.CIDR",
            Worth::Url(_) => "kubernetes.URL",
            Worth::Format(_) => "kubernetes.NamedFormat",
            Worth::Optional(_) => "optional_type",
            Worth::Type(_) => "type",
        }
    }
    /// `string(x)`.
    pub(crate) fn written(&self) -> Result<String, String> {
        Ok(match self {
            Worth::Data(value @ (Value::Bool(_) | Value::Int(_) | Value::Float(_))) => json::to_string(value),
            Worth::Data(_) => self.text()?.to_string(),
            Worth::Duration(nanos) => format!("{}s", json::float(*nanos as f64 / 1e9)),
            Worth::Time(seconds, nanos) => match nanos {
                0 => Timestamp(*seconds).to_rfc3339(),
                nanos => time::nano_string(*seconds, *nanos),
            },
            Worth::Quantity(quantity) => quantity.canonical(),
            Worth::Ip(ip) => ip.to_string(),
            Worth::Cidr(ip, length) => format!("{ip}/{length}"),
            Worth::Url(url) | Worth::Type(url) | Worth::Format(url) => url.clone(),
            _ => return Err(overload()),
        })
    }
}

pub(crate) fn same(a: &Worth, b: &Worth) -> bool {
    match (a.float(), b.float()) {
        (Some(a), Some(b)) => return a == b,
        (None, None) => {}
        _ => return false,
    }
    if let (Ok(a), Ok(b)) = (a.items(), b.items()) {
        return a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same(a, b));
    }
    a == b
}

pub(crate) fn order(a: &Worth, b: &Worth) -> Result<Ordering, String> {
    match (a, b) {
        (Worth::Data(Value::Int(a)), Worth::Data(Value::Int(b))) => return Ok(a.cmp(b)),
        (Worth::Data(Value::Bool(a)), Worth::Data(Value::Bool(b))) => return Ok(a.cmp(b)),
        (Worth::Duration(a), Worth::Duration(b)) => return Ok(a.cmp(b)),
        (Worth::Time(a, x), Worth::Time(b, y)) => return Ok((a, x).cmp(&(b, y))),
        _ => {}
    }
    match (a.float(), b.float()) {
        (Some(a), Some(b)) => a.partial_cmp(&b).ok_or_else(overload),
        _ => Ok(a.text()?.cmp(b.text()?)),
    }
}

/// Data as its schema has it read: texts of some formats are moments and durations.
pub(crate) fn of_schema(schema: &Value, value: &Value) -> Worth {
    if is_plain(schema, limits::DEPTH) {
        Worth::Data(value.clone())
    } else {
        typed(schema, value, limits::DEPTH)
    }
}

fn is_plain(schema: &Value, depth: usize) -> bool {
    let format = schema["format"].text();
    if depth == 0 || schema["type"] == "number" || matches!(format, "date" | "date-time" | "duration") {
        return false;
    }
    let below = [&schema["items"], &schema["additionalProperties"]].into_iter().filter(|s| s.is_map());
    let mut below = below.chain(schema["properties"].entries().iter().map(|p| &p.1));
    below.all(|inner| is_plain(inner, depth - 1))
}

fn typed(schema: &Value, value: &Value, depth: usize) -> Worth {
    if depth == 0 {
        return Worth::Data(value.clone());
    }
    match value {
        Value::Map(entries) => {
            let property = |key: &str| match schema["properties"].find(key) {
                Some(property) => property,
                None => schema.get("additionalProperties"),
            };
            let inner = entries
                .iter()
                .map(|(key, v)| (key.text().to_string(), typed(property(key.text()), v, depth - 1)));
            Worth::Map(inner.collect())
        }
        Value::List(items) => {
            Worth::list(items.iter().map(|item| typed(&schema["items"], item, depth - 1)).collect())
        }
        Value::Int(n) if schema["type"] == "number" => Worth::Data(Value::Float(*n as f64)),
        _ => match (schema["format"].text(), value.as_str()) {
            ("date-time", Some(text)) => moment(text).unwrap_or_else(|| Worth::Data(value.clone())),
            ("date", Some(text)) => {
                moment(&format!("{text}T00:00:00Z")).unwrap_or_else(|| Worth::Data(value.clone()))
            }
            ("duration", Some(text)) => {
                time::parse_go_nanos(text).map_or_else(|_| Worth::Data(value.clone()), Worth::Duration)
            }
            _ => Worth::Data(value.clone()),
        },
    }
}

/// A moment in RFC 3339.
pub(crate) fn moment(text: &str) -> Option<Worth> {
    let seconds = Timestamp::parse(text)?.0;
    let fraction = text.split_once('.').map_or("", |f| f.1);
    let digits: String = fraction.chars().take_while(char::is_ascii_digit).take(9).collect();
    let nanos = format!("{digits:0<9}").parse().unwrap_or(0);
    Some(Worth::Time(seconds, if digits.is_empty() { 0 } else { nanos }))
}

/// What a pattern finds in a text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    openapi::matches(pattern, text)
}
