//! Records: what one entry of a log says.
//!
//! A record is a JSON object in the one spelling of RFC 8785 (JCS), so that a record has one sequence
//! of bytes and one hash, whoever writes it:
//!
//! ```json
//! {"at":1795219200000000,"body":{"order":"vn/1"},"kind":"order-placed","version":1}
//! ```
//!
//! Numbers are whole and within ±(2^53 − 1), where JSON readers agree; anything finer is a string.
//! The reader accepts no other spelling and no other member.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::bundle::MAX_ENTRY;
use crate::error::{Error, Result};

/// Levels of nesting in a record at most, the record itself included.
pub const MAX_DEPTH: usize = 32;
/// Whole numbers that every JSON reader keeps exactly.
const MAX_NUMBER: i64 = (1 << 53) - 1;
const MAX_KIND: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What happened: words of lower-case letters, digits and `-`, joined by dots.
    pub kind: String,
    /// Version of the meaning of `body` for this kind, from 1.
    pub version: u32,
    /// When the writer took it, in microseconds since 1970-01-01T00:00Z.
    pub at: i64,
    pub body: Map<String, Value>,
}

impl Record {
    /// A record from anything that serialises as a JSON object.
    pub fn new(kind: &str, version: u32, at: i64, body: &impl Serialize) -> Result<Record> {
        let body = serde_json::to_value(body).map_err(|e| Error::invalid(e.to_string()).at("body"))?;
        let Value::Object(body) = body else {
            return Err(Error::invalid("the body of a record is an object").at("body"));
        };
        let record = Record { kind: kind.to_string(), version, at, body };
        record.bytes()?;
        Ok(record)
    }

    /// The entry of the log. Fails when a limit is broken.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        check_head(&self.kind, self.version, self.at)?;
        let mut out = format!(r#"{{"at":{},"body":"#, self.at);
        write_object(&self.body, 2, &mut out).map_err(|e| e.at("body"))?;
        out.push_str(&format!(r#","kind":"{}","version":{}}}"#, self.kind, self.version));
        if out.len() > MAX_ENTRY {
            return Err(Error::invalid(format!("{} bytes; a record has at most {MAX_ENTRY}", out.len()))
                .remedy("Keep long matter in a document and record the commitment to it"));
        }
        Ok(out.into_bytes())
    }

    /// Reads an entry; accepts exactly what `bytes` writes.
    pub fn parse(bytes: &[u8]) -> Result<Record> {
        if bytes.len() > MAX_ENTRY {
            return Err(Error::invalid(format!("{} bytes; a record has at most {MAX_ENTRY}", bytes.len())));
        }
        let wrong = |what: &str| Error::invalid(format!("not a record: {what}"));
        let mut members: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|e| wrong(&e.to_string()))?;
        let (at, version) = (members.remove("at"), members.remove("version"));
        let (Some(Value::String(kind)), Some(Value::Object(body))) =
            (members.remove("kind"), members.remove("body"))
        else {
            return Err(wrong("kind or body is missing"));
        };
        let at = at.and_then(|at| at.as_i64()).ok_or_else(|| wrong("at is missing"))?;
        let version = version.and_then(|v| v.as_u64()).and_then(|v| u32::try_from(v).ok());
        let version = version.ok_or_else(|| wrong("version is missing"))?;
        let record = Record { kind, version, at, body };
        if record.bytes()? != bytes {
            return Err(wrong("this is not the canonical spelling (RFC 8785)"));
        }
        Ok(record)
    }

    /// The body as a type of the caller's.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        let read = T::deserialize(&Value::Object(self.body.clone()));
        read.map_err(|e| {
            Error::invalid(e.to_string()).at(format!("{} of version {}", self.kind, self.version))
        })
    }
}

fn check_head(kind: &str, version: u32, at: i64) -> Result<()> {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if kind.len() > MAX_KIND || !kind.split('.').all(word) {
        return Err(Error::invalid(format!("{kind:?} is not the kind of a record")).at("kind"));
    }
    if version == 0 {
        return Err(Error::invalid("versions count from 1").at("version"));
    }
    if !(0..=MAX_NUMBER).contains(&at) {
        return Err(Error::invalid(format!("{at} is not an instant since 1970 in microseconds")).at("at"));
    }
    Ok(())
}

fn write_value(value: &Value, depth: usize, out: &mut String) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::String(text) => write_string(text, out),
        Value::Number(number) => {
            let whole = number.as_i64().filter(|n| (-MAX_NUMBER..=MAX_NUMBER).contains(n));
            let whole = whole.ok_or_else(|| {
                Error::invalid(format!("{number} is not a whole number within 2^53"))
                    .remedy("Write it as a string")
            })?;
            out.push_str(&whole.to_string());
        }
        Value::Array(values) => {
            check_depth(depth)?;
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(value, depth + 1, out).map_err(|e| e.at(format!("[{i}]")))?;
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, depth, out)?,
    }
    Ok(())
}

fn write_object(members: &Map<String, Value>, depth: usize, out: &mut String) -> Result<()> {
    check_depth(depth)?;
    let mut sorted: Vec<_> = members.iter().collect();
    // RFC 8785 section 3.2.3: by UTF-16 code units, which is not the order of UTF-8.
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (i, (name, value)) in sorted.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_string(name, out);
        out.push(':');
        write_value(value, depth + 1, out).map_err(|e| e.at(name))?;
    }
    out.push('}');
    Ok(())
}

/// Writes a string with the few escapes of RFC 8785 section 3.2.2.2, which are serde_json's.
fn write_string(text: &str, out: &mut String) {
    out.push_str(&Value::from(text).to_string());
}

fn check_depth(depth: usize) -> Result<()> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(Error::invalid(format!("nested deeper than {MAX_DEPTH} levels")))
}

#[cfg(test)]
mod tests;
