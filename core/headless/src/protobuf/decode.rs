//! From a message to the JSON Go would write of the struct it fills: names of JSON, bytes as base64,
//! times and quantities as text, zero values left out where the struct's tags say so.
//!
//! A field given twice is merged as the generated code merges it: lists grow, messages join, of
//! anything else the last counts.

use super::table::{Field, Holds, Message, Table, Ty};
use super::wire::{Error, Payload, Reader};
use drydock_machinery::sym::Sym;
use drydock_machinery::time::{self, Timestamp};
use drydock_machinery::{Value, hash, json, limits};
use std::borrow::Cow;

/// The tree of a message.
///
/// # Errors
/// Go's words for a broken message, or ours for one that is too deep or has too many values.
pub fn decode(table: &Table, message: &Message, bytes: &[u8]) -> Result<Value, Error> {
    let mut decoder = Decoder { table, values: 0 };
    decoder.message(message, bytes, 0)
}

struct Decoder<'t> {
    table: &'t Table,
    values: usize,
}

impl Decoder<'_> {
    fn message(&mut self, message: &Message, bytes: &[u8], depth: usize) -> Result<Value, Error> {
        let mut entries = Vec::new();
        self.entries(message, bytes, depth, &mut entries)?;
        Ok(Value::from_entries(entries))
    }

    fn entries(
        &mut self,
        message: &Message,
        bytes: &[u8],
        depth: usize,
        out: &mut Vec<(Sym, Value)>,
    ) -> Result<(), Error> {
        if depth > limits::DEPTH {
            return Err(format!("exceeded max depth of {}", limits::DEPTH));
        }
        let mut given: Vec<Vec<Payload<'_>>> = vec![Vec::new(); message.fields.len()];
        let mut reader = Reader(bytes);
        while let Some((number, payload)) = reader.field(message.short_name())? {
            let at = message.fields.iter().position(|f| f.number == number);
            if let Some(payloads) = at.and_then(|at| given.get_mut(at)) {
                payloads.push(payload);
            }
        }
        for (field, payloads) in message.fields.iter().zip(given) {
            if let (Holds::Inline, Ty::Message(at)) = (field.holds, &field.ty) {
                let Some(inner) = self.table.message(*at) else { continue };
                self.entries(inner, &joined(field, &payloads)?, depth + 1, out)?;
                continue;
            }
            if let Some(value) = self.field(field, &payloads, depth)? {
                out.push((field.json, value));
            }
        }
        Ok(())
    }

    /// A field as JSON has it; `None` where Go leaves it out.
    fn field(
        &mut self,
        field: &Field,
        payloads: &[Payload<'_>],
        depth: usize,
    ) -> Result<Option<Value>, Error> {
        self.count(1)?;
        let pointer = matches!(field.holds, Holds::Pointer | Holds::NullPointer);
        if payloads.is_empty() {
            match field.holds {
                Holds::Pointer => return Ok(None),
                Holds::NullPointer => return Ok(Some(Value::Null)),
                _ => {}
            }
        }
        let value = self.value(field, &field.ty, payloads, depth)?;
        // Structs are never empty to Go.
        let is_struct = matches!(
            field.ty,
            Ty::Message(_) | Ty::Time | Ty::MicroTime | Ty::Quantity | Ty::IntOrString | Ty::Raw
        );
        let left_out = field.holds == Holds::Value && !pointer && !is_struct && value.is_empty();
        Ok((!left_out).then_some(value))
    }

    fn value(
        &mut self,
        field: &Field,
        ty: &Ty,
        payloads: &[Payload<'_>],
        depth: usize,
    ) -> Result<Value, Error> {
        Ok(match ty {
            Ty::Str => text(bytes(field, payloads)?),
            Ty::Int32 => Value::Int(i64::from(varint(field, payloads)? as i32)),
            Ty::Int64 => Value::Int(varint(field, payloads)? as i64),
            Ty::Bool => Value::Bool(varint(field, payloads)? != 0),
            Ty::Bytes if payloads.is_empty() => Value::Null,
            Ty::Bytes => Value::from(hash::base64_encode(bytes(field, payloads)?)),
            Ty::Time => moment(&joined(field, payloads)?, false)?,
            Ty::MicroTime => moment(&joined(field, payloads)?, true)?,
            Ty::Quantity => match one_text("Quantity", &joined(field, payloads)?)? {
                Value::Null => Value::from("0"),
                given => given,
            },
            Ty::IntOrString => int_or_string(&joined(field, payloads)?)?,
            Ty::Raw => raw(&joined(field, payloads)?)?,
            Ty::Message(at) => match self.table.message(*at) {
                Some(message) => self.message(message, &joined(field, payloads)?, depth + 1)?,
                None => Value::Null,
            },
            Ty::List(_) | Ty::Map(_) if payloads.is_empty() => Value::Null,
            Ty::List(inner) => self.list(field, inner, payloads, depth)?,
            Ty::Map(inner) => self.map(field, inner, payloads, depth)?,
            Ty::Wrapped(inner) => {
                let within = joined(field, payloads)?;
                let (mut reader, mut items) = (Reader(&within), Vec::new());
                while let Some((number, payload)) = reader.field("Items")? {
                    if number == 1 {
                        items.push(payload);
                    }
                }
                if items.is_empty() { Value::Null } else { self.list(field, inner, &items, depth)? }
            }
        })
    }

    fn list(
        &mut self,
        field: &Field,
        inner: &Ty,
        payloads: &[Payload<'_>],
        depth: usize,
    ) -> Result<Value, Error> {
        let mut items = Vec::with_capacity(payloads.len());
        let numbers = matches!(inner, Ty::Int32 | Ty::Int64 | Ty::Bool);
        for payload in payloads {
            match payload {
                // Packed: one length, then numbers.
                Payload::Bytes(packed) if numbers => {
                    let mut reader = Reader(packed);
                    while !reader.0.is_empty() {
                        self.count(1)?;
                        let number = Payload::Varint(reader.varint()?);
                        items.push(self.value(field, inner, &[number], depth)?);
                    }
                }
                payload => {
                    self.count(1)?;
                    items.push(self.value(field, inner, &[*payload], depth)?);
                }
            }
        }
        Ok(Value::from_items(items))
    }

    fn map(
        &mut self,
        field: &Field,
        inner: &Ty,
        payloads: &[Payload<'_>],
        depth: usize,
    ) -> Result<Value, Error> {
        let mut entries = Vec::with_capacity(payloads.len());
        for payload in payloads {
            self.count(1)?;
            let (mut reader, mut key, mut values) =
                (Reader(bytes(field, std::slice::from_ref(payload))?), Value::Null, Vec::new());
            while let Some((number, payload)) = reader.field("Entry")? {
                match number {
                    1 => key = text(bytes(field, &[payload])?),
                    2 => values = vec![payload],
                    _ => {}
                }
            }
            entries.push((Sym::new(key.text()), self.value(field, inner, &values, depth)?));
        }
        Ok(Value::from_entries(entries))
    }

    fn count(&mut self, more: usize) -> Result<(), Error> {
        self.values += more;
        if self.values > limits::NODES { Err(format!("more than {} values", limits::NODES)) } else { Ok(()) }
    }
}

fn wrong(payload: Payload<'_>, field: &Field) -> Error {
    let name = field.json.text();
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase()).unwrap_or_default();
    format!("proto: wrong wireType = {} for field {first}{}", payload.wire_type(), letters.as_str())
}

/// The last number given, 0 for none.
fn varint(field: &Field, payloads: &[Payload<'_>]) -> Result<u64, Error> {
    payloads.iter().try_fold(0, |_, payload| match payload {
        Payload::Varint(number) => Ok(*number),
        other => Err(wrong(*other, field)),
    })
}

/// The last bytes given, none for none.
fn bytes<'a>(field: &Field, payloads: &[Payload<'a>]) -> Result<&'a [u8], Error> {
    payloads.iter().try_fold([].as_slice(), |_, payload| match payload {
        Payload::Bytes(bytes) => Ok(*bytes),
        other => Err(wrong(*other, field)),
    })
}

/// All bytes given: messages one after another are the message they merge into.
fn joined<'a>(field: &Field, payloads: &[Payload<'a>]) -> Result<Cow<'a, [u8]>, Error> {
    if payloads.len() < 2 {
        return bytes(field, payloads).map(Cow::Borrowed);
    }
    let mut out = Vec::new();
    for payload in payloads {
        out.extend_from_slice(bytes(field, std::slice::from_ref(payload))?);
    }
    Ok(Cow::Owned(out))
}

fn text(bytes: &[u8]) -> Value {
    Value::from(&*String::from_utf8_lossy(bytes))
}

/// The first field of a message that holds one text; null without it.
fn one_text(name: &str, message: &[u8]) -> Result<Value, Error> {
    let (mut reader, mut found) = (Reader(message), Value::Null);
    while let Some(field) = reader.field(name)? {
        if let (1, Payload::Bytes(bytes)) = field {
            found = text(bytes);
        }
    }
    Ok(found)
}

/// `Timestamp`: seconds and nanoseconds. The zero time is null.
fn moment(message: &[u8], micro: bool) -> Result<Value, Error> {
    let (mut reader, mut seconds, mut nanos) = (Reader(message), 0, 0);
    while let Some(field) = reader.field("Timestamp")? {
        match field {
            (1, Payload::Varint(number)) => seconds = number as i64,
            (2, Payload::Varint(number)) => nanos = i64::from(number as i32),
            _ => {}
        }
    }
    if (seconds, nanos) == (0, 0) {
        return Ok(Value::Null);
    }
    // Years 1 to 9999, as Go refuses to write others as JSON.
    if !(-62_135_596_800..=253_402_300_799).contains(&seconds) {
        return Err("Time.MarshalJSON: year outside of range [0,9999]".into());
    }
    Ok(Value::from(if micro {
        time::micro_string(seconds * 1_000_000 + nanos / 1000)
    } else {
        Timestamp(seconds).to_rfc3339()
    }))
}

/// `IntOrString`: a kind, a number and a text.
fn int_or_string(message: &[u8]) -> Result<Value, Error> {
    let (mut reader, mut is_text, mut number, mut given) = (Reader(message), false, 0, Value::from(""));
    while let Some(field) = reader.field("IntOrString")? {
        match field {
            (1, Payload::Varint(kind)) => is_text = kind == 1,
            (2, Payload::Varint(n)) => number = i64::from(n as i32),
            (3, Payload::Bytes(bytes)) => given = text(bytes),
            _ => {}
        }
    }
    Ok(if is_text { given } else { Value::Int(number) })
}

/// `RawExtension`, `FieldsV1`: JSON as bytes.
fn raw(message: &[u8]) -> Result<Value, Error> {
    let (mut reader, mut found) = (Reader(message), None);
    while let Some(field) = reader.field("RawExtension")? {
        if let (1, Payload::Bytes(bytes)) = field {
            found = Some(bytes);
        }
    }
    match found {
        None | Some([]) => Ok(Value::Null),
        Some(bytes) => json::parse(bytes).map_err(|e| e.message.to_string()),
    }
}
