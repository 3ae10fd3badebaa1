//! Resources in a file: one, a Bundle of them, or NDJSON.
//!
//! Nothing here trusts the file: it may be cut off, nested without end, or not FHIR at all.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    Refused,
    json::{Json, Reason, members, not_json},
};

/// Larger files are refused whole.
pub const MAX_FILE_BYTES: usize = 512 * 1024 * 1024;

/// Types that mean something here; all others are passed over unread.
const TYPES: [&str; 6] =
    ["Patient", "Coverage", "ExplanationOfBenefit", "Claim", "Organization", "Practitioner"];

pub(super) struct Resource {
    pub(super) line: usize,
    pub(super) full_url: Option<String>,
    pub(super) kind: String,
    pub(super) json: Json,
}

#[derive(Default)]
pub(super) struct Found {
    damaged: bool,
    pub(super) resources: Vec<Resource>,
    pub(super) refused: Vec<Refused>,
}

impl Found {
    /// Everything in a file that is a resource, or should have been one.
    pub(super) fn read(file: &str, bytes: &[u8]) -> Self {
        let mut found = Self::default();
        if bytes.len() > MAX_FILE_BYTES {
            found.refuse(1, format!("larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024));
            return found;
        }
        // A byte that is not UTF-8 must cost its own resource, not the file.
        let text = String::from_utf8_lossy(bytes);
        found.damaged = matches!(text, Cow::Owned(_));
        found.file(file, text.strip_prefix('\u{feff}').unwrap_or(&text));
        found
    }

    fn file(&mut self, file: &str, text: &str) {
        if text.trim().is_empty() {
            return self.refuse(1, "the file is empty".to_owned());
        }
        if serde_json::from_str::<&RawValue>(text).is_err() && is_lines(file, text) {
            for (n, line) in text.lines().enumerate() {
                if !line.trim().is_empty() {
                    self.document(line, Some(n.saturating_add(1)));
                }
            }
        } else {
            self.document(text, None);
        }
    }

    /// One JSON value: a resource or a Bundle.
    fn document(&mut self, text: &str, line: Option<usize>) {
        let place = |entry: usize| line.unwrap_or_else(|| entry.saturating_add(1));
        let whole = serde_json::from_str::<&RawValue>(text).map_err(|fault| not_json(&fault));
        if let Some(entries) = bundle(text) {
            let entries = match entries {
                Ok(entries) => entries,
                Err(reason) => return self.refuse(place(0), reason),
            };
            let before = self.refused.len();
            for (n, entry) in entries.iter().enumerate() {
                if let Err(reason) = self.entry(place(n), entry) {
                    self.refuse(place(n), reason);
                }
            }
            // What is wrong around the entries costs none of them, but is told.
            if let Err(reason) = whole
                && self.refused.len() == before
            {
                self.refuse(place(entries.len()), reason);
            }
        } else if let Err(reason) = whole.and_then(|raw| self.resource(place(0), None, raw)) {
            self.refuse(place(0), reason);
        }
    }

    fn entry(&mut self, line: usize, text: &str) -> Result<(), Reason> {
        let mut entry = members(serde_json::from_str(text).map_err(|fault| not_json(&fault))?)?;
        let full_url = match entry.remove("fullUrl").map(|raw| Json::read(raw.get())).transpose()? {
            None | Some(Json::Null) => None,
            Some(Json::Text(url)) => Some(url),
            Some(_) => return Err("`fullUrl` is not text".to_owned()),
        };
        match entry.remove("resource") {
            // An entry may be a request or an answer without a resource.
            None => Ok(()),
            Some(raw) => self.resource(line, full_url, raw),
        }
    }

    fn resource(&mut self, line: usize, full_url: Option<String>, raw: &RawValue) -> Result<(), Reason> {
        let kind = members(raw)?.remove("resourceType").ok_or("no `resourceType`")?;
        let Json::Text(kind) = Json::read(kind.get())? else {
            return Err("`resourceType` is not text".to_owned());
        };
        if kind == "Bundle" {
            return Err("a Bundle inside a Bundle".to_owned());
        }
        if !TYPES.contains(&kind.as_str()) {
            return Ok(());
        }
        if self.damaged && raw.get().contains(char::REPLACEMENT_CHARACTER) {
            return Err("not UTF-8 text".to_owned());
        }
        let json = Json::read(raw.get());
        // Names of others only dress up a bill: a bad one is passed over with its kind.
        if json.is_err() && matches!(kind.as_str(), "Organization" | "Practitioner") {
            return Ok(());
        }
        self.resources.push(Resource { line, full_url, kind, json: json? });
        Ok(())
    }

    fn refuse(&mut self, line: usize, reason: Reason) {
        self.refused.push(Refused { line, reason });
    }
}

/// Whether text that is not one JSON value is NDJSON, some of its lines bad, rather than one broken document. A line
/// that stands alone as a resource decides: in a document laid out over lines hardly any does.
fn is_lines(file: &str, text: &str) -> bool {
    let named = std::path::Path::new(file).extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("ndjson") || extension.eq_ignore_ascii_case("jsonl")
    });
    named
        || text.lines().filter(|line| line.starts_with('{')).any(|line| {
            serde_json::from_str::<&RawValue>(line)
                .ok()
                .and_then(|raw| members(raw).ok())
                .is_some_and(|members| members.contains_key("resourceType"))
        })
}

/// The texts of a Bundle's entries, `None` for anything else. Told by brackets and quotes alone, so that an entry which is
/// not JSON costs only itself, and one cut off does not cost those before it.
fn bundle(text: &str) -> Option<Result<Vec<&str>, Reason>> {
    let mut is_bundle = false;
    let mut entries = Ok(Vec::new());
    for member in pieces(text.trim(), b'{')? {
        let Some((key, value)) = member.split_once(':') else { continue };
        match (key.trim(), value.trim()) {
            ("\"resourceType\"", kind) => is_bundle = kind == "\"Bundle\"",
            ("\"entry\"", "null") => {}
            ("\"entry\"", list) => {
                entries = pieces(list, b'[').ok_or_else(|| "`entry` is not a list".to_owned());
            }
            _ => {}
        }
    }
    is_bundle.then_some(entries)
}

/// What stands between the commas of the list or object that `text` opens, up to its end or the text's.
fn pieces(text: &str, opening: u8) -> Option<Vec<&str>> {
    if text.as_bytes().first() != Some(&opening) {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut start = 1;
    let mut pieces = Vec::new();
    let mut end = text.len();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    end = at;
                    break;
                }
            }
            b',' if depth == 1 => {
                pieces.push(text.get(start..at)?);
                start = at.saturating_add(1);
            }
            _ => {}
        }
    }
    let last = text.get(start..end)?;
    if !last.trim().is_empty() || !pieces.is_empty() {
        pieces.push(last);
    }
    Some(pieces)
}
