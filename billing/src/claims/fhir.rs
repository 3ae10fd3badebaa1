//! From the resources of a file to facts.
//!
//! A bad resource is refused by place and reason and costs only itself. Reasons never repeat contents: they are printed
//! and kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    Claim, ClaimLine, Facts, Identity, Patient, Placed, Refused,
    eob::{self, amount},
    file::{Found, Resource},
    json::{Json, Reason},
};
use crate::payments::card::{holds_card, without_cards};

/// Characters of a name, description or reference.
const MAX_TEXT: usize = 200;

/// Reads a file. `file` is its name: one ending in `.ndjson` is read line by line whatever its lines look like.
pub fn read(file: &str, bytes: &[u8]) -> Facts {
    let found = Found::read(file, bytes);
    let mut facts = Facts { refused: found.refused, ..Facts::default() };
    let names = Names::of(&found.resources);
    let mut known = Known::default();
    for resource in &found.resources {
        if let Err(reason) = facts.take(resource, &names, &mut known) {
            facts.refuse(resource.line, reason);
        }
    }
    facts.refused.sort_by_key(|refused| refused.line);
    facts
}

// ---- Who is meant by a reference ----

/// What the file itself says about addresses: who stands at a `fullUrl`, and what others are called.
#[derive(Default)]
pub(super) struct Names {
    at: BTreeMap<String, Identity>,
    called: BTreeMap<String, String>,
}

impl Names {
    fn of(resources: &[Resource]) -> Self {
        let mut names = Self::default();
        for resource in resources {
            let Ok(identity) = identity(&resource.json) else { continue };
            if let Some(called) = called(&resource.kind, &resource.json) {
                if let Identity::Id(id) = &identity {
                    names.called.insert(format!("{}/{id}", resource.kind), called.clone());
                }
                if let Some(url) = &resource.full_url {
                    names.called.insert(url.clone(), called);
                }
            }
            if let Some(url) = &resource.full_url {
                names.at.insert(format!("{} {url}", resource.kind), identity);
            }
        }
        names
    }

    /// The resource of type `kind` that `reference` leads to: in this file, or by the id it ends in.
    pub(super) fn resolve(&self, kind: &str, reference: &str) -> Result<Identity, Reason> {
        if let Some(identity) = self.at.get(&format!("{kind} {reference}")) {
            return Ok(identity.clone());
        }
        let elsewhere = || format!("a reference that leads to no {kind}");
        let plain = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
        let id =
            if let Some(uuid) = plain.strip_prefix("urn:uuid:").or_else(|| plain.strip_prefix("urn:oid:")) {
                uuid
            } else {
                let (before, id) = plain.rsplit_once('/').ok_or_else(elsewhere)?;
                if before != kind && !before.ends_with(&format!("/{kind}")) {
                    return Err(elsewhere());
                }
                id
            };
        checked_id(id).map(|id| Identity::Id(id.to_owned())).ok_or_else(elsewhere)
    }

    /// What the resource behind `reference` is called, if the file says.
    pub(super) fn called(&self, reference: &str) -> Option<String> {
        self.called.get(reference).cloned()
    }
}

/// An Organization's or Practitioner's name.
pub(super) fn called(kind: &str, json: &Json) -> Option<String> {
    match kind {
        "Organization" => plain(json.text("name").ok()??),
        "Practitioner" => {
            let (given, family) = person_name(json.objects("name").ok()?).ok()??;
            plain(&format!("{given} {family}"))
        }
        _ => None,
    }
}

fn identity(json: &Json) -> Result<Identity, Reason> {
    match json.text("id")? {
        None => Ok(Identity::Contents(json.canonical())),
        Some(id) => checked_id(id)
            .map(|id| Identity::Id(id.to_owned()))
            .ok_or_else(|| "`id` is not an id: 1 to 128 visible characters without a slash".to_owned()),
    }
}

/// More than FHIR's own grammar lets through, as real servers do; never what could be taken for a path or a space.
fn checked_id(id: &str) -> Option<&str> {
    let fits = (1..=128).contains(&id.chars().count());
    (fits
        && !id.contains(['/', '#'])
        && !id.chars().any(|c| c.is_whitespace() || c.is_control() || is_format(c)))
    .then_some(id)
}

/// The reference under `key`.
pub(super) fn reference<'a>(json: &'a Json, key: &str) -> Result<Option<&'a str>, Reason> {
    let Some(reference) = json.object(key)? else { return Ok(None) };
    reference.text("reference").map_err(|_| format!("`{key}.reference` is not text"))
}

/// The resource of type `kind` inside `json` that `#id` names.
pub(super) fn contained<'a>(json: &'a Json, kind: &str, reference: &str) -> Result<Option<&'a Json>, Reason> {
    let Some(id) = reference.strip_prefix('#') else { return Ok(None) };
    Ok(json.objects("contained")?.iter().find(|inner| {
        inner.text("resourceType").ok().flatten() == Some(kind) && inner.text("id").ok().flatten() == Some(id)
    }))
}

// ---- From resources to facts ----

impl Facts {
    fn take(&mut self, resource: &Resource, names: &Names, known: &mut Known) -> Result<(), Reason> {
        let (line, json) = (resource.line, &resource.json);
        match resource.kind.as_str() {
            "Patient" => {
                let placed = Placed { line, identity: identity(json)?, fact: patient(json)? };
                put(&mut self.patients, &mut known.patients, placed)
            }
            // Cover is nobody's page yet: a Coverage is held to its shape, so that a broken one is known.
            "Coverage" => {
                identity(json)?;
                let beneficiary = reference(json, "beneficiary")?.ok_or("no `beneficiary.reference`")?;
                names.resolve("Patient", beneficiary).map(drop)
            }
            "ExplanationOfBenefit" => {
                let identity = identity(json)?;
                let (inner, patient) = whose(json, names)?;
                let fact = eob::read(json, patient, names)?;
                put(&mut self.eobs, &mut known.eobs, Placed { line, identity, fact })?;
                if let Some(placed) = inner {
                    put(&mut self.patients, &mut known.patients, Placed { line, ..placed })?;
                }
                Ok(())
            }
            "Claim" => {
                let identity = identity(json)?;
                let (_, patient) = whose(json, names)?;
                put(
                    &mut self.claims,
                    &mut known.claims,
                    Placed { line, identity, fact: Claim { patient, lines: claim_lines(json)? } },
                )
            }
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, line: usize, reason: Reason) {
        self.refused.push(Refused { line, reason });
    }
}

/// Where in its list each identity stands.
#[derive(Default)]
struct Known {
    patients: BTreeMap<Identity, usize>,
    eobs: BTreeMap<Identity, usize>,
    claims: BTreeMap<Identity, usize>,
}

/// Keeps one fact per identity: the same again is nothing new, something else under the same id is refused.
fn put<T: PartialEq>(
    list: &mut Vec<Placed<T>>,
    known: &mut BTreeMap<Identity, usize>,
    placed: Placed<T>,
) -> Result<(), Reason> {
    match known.get(&placed.identity).and_then(|at| list.get(*at)) {
        None => {
            known.insert(placed.identity.clone(), list.len());
            list.push(placed);
            Ok(())
        }
        Some(first) if first.fact == placed.fact => Ok(()),
        Some(first) => Err(format!("the same id stands at {} with other contents", first.line)),
    }
}

/// The patient a resource is about; one contained in it is read on the way.
fn whose(json: &Json, names: &Names) -> Result<(Option<Placed<Patient>>, Identity), Reason> {
    let reference = reference(json, "patient")?.ok_or("no `patient.reference`")?;
    if reference.starts_with('#') {
        let inner = contained(json, "Patient", reference)?.ok_or("a patient that is not contained in it")?;
        // Its id is good inside this resource only.
        let identity = Identity::Contents(inner.canonical());
        let placed = Placed { line: 0, identity: identity.clone(), fact: patient(inner)? };
        return Ok((Some(placed), identity));
    }
    Ok((None, names.resolve("Patient", reference)?))
}

fn patient(json: &Json) -> Result<Patient, Reason> {
    let (given_name, family_name) = person_name(json.objects("name")?)?.unwrap_or_default();
    let mut contacts = BTreeMap::new();
    for contact in json.objects("telecom")? {
        if let (Some(system), Some(value)) = (contact.text("system")?, contact.text("value")?) {
            contacts.entry(system.to_owned()).or_insert_with(|| value.trim().to_owned());
        }
    }
    let mut language = None;
    for spoken in json.objects("communication")? {
        for coding in spoken.object("language")?.map_or(Ok(&[][..]), |concept| concept.objects("coding"))? {
            let code = coding.text("code")?.and_then(|code| code.get(..2)).map(str::to_ascii_lowercase);
            language = language.or(code.filter(|code| ["en", "es"].contains(&code.as_str())));
        }
    }
    let is_email = |text: &String| {
        text.is_ascii()
            && text.len() <= 254
            && text.bytes().all(|b| b.is_ascii_graphic())
            && text.split('@').filter(|part| !part.is_empty()).count() == 2
            && text.matches('@').count() == 1
    };
    Ok(Patient {
        given_name,
        family_name,
        birth_on: json.text("birthDate")?.map(day).transpose()?.flatten(),
        email: contacts.remove("email").filter(|email| is_email(email) && !holds_card(email)),
        phone: contacts.remove("phone").and_then(|phone| plain(&phone)).filter(|phone| phone.len() <= 40),
        language,
    })
}

/// Given and family name: the one in official use, else the first that has either.
fn person_name(names: &[Json]) -> Result<Option<(String, String)>, Reason> {
    let mut best: Option<(bool, (String, String))> = None;
    for name in names {
        let given: Vec<String> = name
            .list("given")?
            .iter()
            .filter(|part| **part != Json::Null)
            .map(|part| match part {
                Json::Text(text) => Ok(text.clone()),
                _ => Err("`given` holds something that is not text".to_owned()),
            })
            .collect::<Result<_, _>>()?;
        let given = plain(&given.join(" "));
        let mut family = name.text("family")?.and_then(plain);
        if given.is_none() && family.is_none() {
            family = name.text("text")?.and_then(plain);
        }
        let official = name.text("use")? == Some("official");
        if (given.is_some() || family.is_some()) && best.as_ref().is_none_or(|(found, _)| official && !found)
        {
            best = Some((official, (given.unwrap_or_default(), family.unwrap_or_default())));
        }
    }
    Ok(best.map(|(_, name)| name))
}

fn claim_lines(json: &Json) -> Result<Vec<ClaimLine>, Reason> {
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for (item, json) in numbered(json.objects("item")?)? {
        let in_item = |reason: Reason| format!("item {item}: {reason}");
        let line = claim_line(item, json).map_err(in_item)?;
        if seen.insert(line.sequence.clone()) {
            lines.push(line);
        }
    }
    Ok(lines)
}

fn claim_line(item: usize, json: &Json) -> Result<ClaimLine, Reason> {
    Ok(ClaimLine {
        item,
        sequence: json.number("sequence")?.map_or_else(|| item.to_string(), str::to_owned),
        description: description(json)?.unwrap_or_default(),
        served_on: served_on(json)?,
        quantity: quantity(json)?,
        billed: match json.object("net")? {
            Some(net) => amount(net)?.map(|exact| exact.to_money().map_err(|e| e.to_string())).transpose()?,
            None => None,
        },
    })
}

/// Items with their numbers from 1; a bill has no more lines than fit its row.
pub(super) fn numbered(items: &[Json]) -> Result<Vec<(usize, &Json)>, Reason> {
    if items.len() > 5_000 {
        return Err("more than 5000 items".to_owned());
    }
    Ok(items.iter().enumerate().map(|(n, item)| (n.saturating_add(1), item)).collect())
}

/// What was done, in the source's words.
pub(super) fn description(item: &Json) -> Result<Option<String>, Reason> {
    for key in ["productOrService", "revenue", "category"] {
        if let Some(concept) = item.object(key)?
            && let Some(words) = concept_words(concept)?
        {
            return Ok(Some(words));
        }
    }
    Ok(None)
}

pub(super) fn concept_words(concept: &Json) -> Result<Option<String>, Reason> {
    if let Some(text) = concept.text("text")?.and_then(plain) {
        return Ok(Some(text));
    }
    let codings = concept.objects("coding")?;
    for key in ["display", "code"] {
        for coding in codings {
            if let Some(words) = coding.text(key)?.and_then(plain) {
                return Ok(Some(words));
            }
        }
    }
    Ok(None)
}

pub(super) fn served_on(item: &Json) -> Result<Option<NaiveDate>, Reason> {
    if let Some(date) = item.text("servicedDate")? {
        return day(date);
    }
    Ok(period(item, "servicedPeriod")?.0)
}

pub(super) fn quantity(item: &Json) -> Result<Option<String>, Reason> {
    let Some(quantity) = item.object("quantity")? else { return Ok(None) };
    let unit = quantity.text("unit")?.unwrap_or_default();
    Ok(quantity.number("value")?.and_then(|value| plain(&format!("{value} {unit}"))))
}

/// Start and end of the Period under `key`.
pub(super) fn period(json: &Json, key: &str) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Reason> {
    let Some(period) = json.object(key)? else { return Ok((None, None)) };
    let end = |key| period.text(key)?.map_or(Ok(None), day);
    Ok((end("start")?, end("end")?))
}

/// The day of a FHIR date or dateTime, as written: a time zone does not move it. A year or a month is no day.
pub(super) fn day(text: &str) -> Result<Option<NaiveDate>, Reason> {
    let not_a_date = || "a date that is not a date".to_owned();
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    let shape = |length: usize| {
        date.len() == length
            && date
                .bytes()
                .enumerate()
                .all(|(n, b)| if n == 4 || n == 7 { b == b'-' } else { b.is_ascii_digit() })
    };
    if shape(4) || shape(7) {
        return Ok(None);
    }
    if !shape(10) {
        return Err(not_a_date());
    }
    NaiveDate::parse_from_str(date, "%Y-%m-%d").map(Some).map_err(|_| not_a_date())
}

/// Text for one line of a page: white space folded, nothing that hides or turns what follows, no card number to read, cut
/// at a fixed length. `None` where nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let visible: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_format(*c)).collect();
    let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    // A number across the cut is still told.
    let near: String = folded.chars().take(2 * MAX_TEXT).collect();
    let cut: String = without_cards(&near).chars().take(MAX_TEXT).collect();
    (!cut.is_empty()).then_some(cut)
}

/// Characters that turn or hide text (bidirectional controls, the byte order mark).
fn is_format(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
