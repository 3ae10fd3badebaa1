//! JSON as a tree that keeps numbers as they were written.
//!
//! `serde_json` alone would turn them into floating point (its `arbitrary_precision` is program-wide and not ours to
//! switch on). So it reads one level at a time and hands out the text of what lies below; that also finds keys that
//! stand twice and keeps the depth in our hands.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Levels of lists and objects. FHIR's own deepest shapes stay under 20.
const MAX_DEPTH: usize = 48;
/// Bytes of one resource.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Why a resource is refused: a sentence without any of its contents.
pub(super) type Reason = String;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(super) fn read(text: &str) -> Result<Self, Reason> {
        if text.len() > MAX_BYTES {
            return Err(format!("larger than {} MiB", MAX_BYTES / 1024 / 1024));
        }
        if depth(text) > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        tree(serde_json::from_str(text).map_err(|fault| not_json(&fault))?)
    }

    /// What stands under `key`; `null` and absence are the same.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(key).filter(|value| **value != Self::Null),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Reason> {
        match self.get(key) {
            None => Ok(None),
            Some(Self::Text(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{key}` is not text")),
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<&str>, Reason> {
        match self.get(key) {
            None => Ok(None),
            Some(Self::Number(literal)) => Ok(Some(literal)),
            Some(_) => Err(format!("`{key}` is not a number")),
        }
    }

    pub(super) fn object(&self, key: &str) -> Result<Option<&Self>, Reason> {
        match self.get(key) {
            None => Ok(None),
            Some(object @ Self::Object(_)) => Ok(Some(object)),
            Some(_) => Err(format!("`{key}` is not an object")),
        }
    }

    /// The list under `key`, empty where there is none.
    pub(super) fn list(&self, key: &str) -> Result<&[Self], Reason> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Self::List(list)) => Ok(list),
            Some(_) => Err(format!("`{key}` is not a list")),
        }
    }

    /// The list of objects under `key`.
    pub(super) fn objects(&self, key: &str) -> Result<&[Self], Reason> {
        let list = self.list(key)?;
        if list.iter().all(|one| matches!(one, Self::Object(_))) {
            Ok(list)
        } else {
            Err(format!("`{key}` holds something that is not an object"))
        }
    }

    /// The same text for the same contents, whatever order and white space they came in.
    pub(super) fn canonical(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(literal) => out.push_str(literal),
            Self::Text(text) => quote(text, out),
            Self::List(list) => {
                out.push('[');
                for (n, value) in list.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (n, (key, value)) in members.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The object in `raw`, one level of it.
pub(super) fn members(raw: &RawValue) -> Result<BTreeMap<String, &RawValue>, Reason> {
    let Members(members) = serde_json::from_str(raw.get()).map_err(|fault| not_json(&fault))?;
    Ok(members)
}

/// A fault of the reader without anything it read: syntax faults name a place only, and our own say what they say.
pub(super) fn not_json(fault: &serde_json::Error) -> Reason {
    let message = fault.to_string();
    if fault.is_data() && message.starts_with(TWICE) {
        TWICE.to_owned()
    } else if fault.is_data() {
        "not a FHIR resource".to_owned()
    } else {
        format!("not JSON: {message}")
    }
}

const TWICE: &str = "a key stands twice in one object";

fn tree(raw: &RawValue) -> Result<Json, Reason> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => members(raw)?
            .into_iter()
            .map(|(key, value)| Ok((key, tree(value)?)))
            .collect::<Result<_, _>>()
            .map(Json::Object),
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|fault| not_json(&fault))?;
            list.into_iter().map(tree).collect::<Result<_, _>>().map(Json::List)
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(text).map_err(|fault| not_json(&fault))?;
            no_nul(&text)?;
            Ok(Json::Text(text))
        }
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') | None => Ok(Json::Null),
        Some(_) => Ok(Json::Number(text.to_owned())),
    }
}

fn no_nul(text: &str) -> Result<(), Reason> {
    if text.contains('\0') { Err("a text holds a NUL character".to_owned()) } else { Ok(()) }
}

/// How deep lists and objects are nested, whether or not they match.
fn depth(text: &str) -> usize {
    let (mut deepest, mut now) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now = now.saturating_add(1);
                deepest = deepest.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneLevel;

        impl<'de> Visitor<'de> for OneLevel {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    no_nul(&key).map_err(serde::de::Error::custom)?;
                    if members.insert(key, value).is_some() {
                        return Err(serde::de::Error::custom(TWICE));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(OneLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn numbers_keep_their_digits() {
        let json = Json::read(r#" {"value": 28.104000000000003000} "#).unwrap();
        assert_eq!(json.number("value").unwrap(), Some("28.104000000000003000"));
    }

    #[test]
    fn the_same_contents_have_one_canonical_text() {
        let one = Json::read("{\"b\": [1, {\"d\":\"\\u00e9\"}],\n \"a\": null}").unwrap();
        let other = Json::read("{\"a\":null,\"b\":[1,{\"d\":\"é\"}]}").unwrap();
        assert_eq!(one.canonical(), other.canonical());
        assert_eq!(one.canonical(), "{\"a\":null,\"b\":[1,{\"d\":\"é\"}]}");
    }

    #[rstest]
    #[case(r#"{"a": 1, "b": {"c": 1, "c": 2}}"#, "a key stands twice in one object")]
    #[case(r#"{"a": "\u0000"}"#, "a text holds a NUL character")]
    #[case(r#"{"a": NaN}"#, "not JSON: expected value at line 1 column 7")]
    #[case(r#"{"a": [1, 2"#, "not JSON: EOF while parsing a list at line 1 column 11")]
    #[case(r#"{"a": "\ud800"}"#, "not JSON: unexpected end of hex escape at line 1 column 8")]
    fn bad_json_is_refused_with_a_reason(#[case] text: &str, #[case] reason: &str) {
        assert_eq!(Json::read(text).unwrap_err(), reason);
    }

    #[test]
    fn ten_thousand_nested_lists_are_refused_and_do_no_harm() {
        let text = format!("{{\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(Json::read(&text).unwrap_err(), "nested deeper than 48 levels");
        assert!(Json::read(&"[".repeat(10_000)).is_err());
    }

    #[test]
    fn brackets_inside_text_are_text() {
        assert!(Json::read(&format!("{{\"a\": \"{}\"}}", "[".repeat(10_000))).is_ok());
    }

    #[test]
    fn a_reason_holds_nothing_of_what_was_read() {
        let json = Json::read(r#"{"id": 5}"#).unwrap();
        assert_eq!(json.text("id").unwrap_err(), "`id` is not text");
        assert!(!Json::read(r#""Jane Roe""#).unwrap().canonical().is_empty());
    }
}
