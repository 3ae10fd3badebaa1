//! Mail as it is kept: a line of `mail.jsonl` each, raw as it came, read again at every start.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use mail_parser::{MessageParser, PartType};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::journal::{Journal, NotDurable};
use crate::{Error, ids};

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    at: DateTime<Utc>,
    from: String,
    to: Vec<String>,
    /// The whole message in base64.
    raw: String,
}

/// A mail as `GET /mailbox.json` tells it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) at: DateTime<Utc>,
    /// Who sent it, as the envelope says.
    pub(crate) from: String,
    /// Whom it went to, as the envelope says, comma separated.
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// Empty when there is none.
    pub(crate) text: String,
    /// Empty when there is none.
    pub(crate) html: String,
    #[serde(skip)]
    pub(crate) message_id: Option<String>,
}

impl Mail {
    fn read(kept: &Kept, raw: &[u8]) -> Self {
        let mut mail = Self {
            id: kept.id.clone(),
            at: kept.at,
            from: kept.from.clone(),
            to: kept.to.join(", "),
            subject: String::new(),
            headers: BTreeMap::new(),
            text: String::new(),
            html: String::new(),
            message_id: None,
        };
        let Some(message) = MessageParser::default().parse(raw) else { return mail };
        message.subject().unwrap_or_default().clone_into(&mut mail.subject);
        mail.message_id = message.message_id().map(str::to_owned);
        for (name, value) in message.headers_raw() {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            mail.headers
                .entry(name.to_owned())
                .and_modify(|known| {
                    known.push('\n');
                    known.push_str(&value);
                })
                .or_insert(value);
        }
        mail.text = message.body_text(0).map(Cow::into_owned).unwrap_or_default();
        // A plain mail has no HTML; the parser would make some.
        let html = message.html_part(0).filter(|part| matches!(part.body, PartType::Html(_)));
        mail.html = html.and_then(|_| message.body_html(0)).map(Cow::into_owned).unwrap_or_default();
        mail
    }

    fn is_to(&self, address: &str) -> bool {
        self.to.split(", ").any(|to| to.eq_ignore_ascii_case(address))
    }
}

/// The body of `POST /mailbox/refuse`: the next `times` recipients that match are turned down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refuse {
    /// An address; empty: every one.
    #[serde(default)]
    pub(crate) to: String,
    #[serde(default = "once")]
    pub(crate) times: u32,
    /// 400 to 599: 4xx asks to try again, 5xx not to.
    #[serde(default = "try_again")]
    pub(crate) code: u16,
}

const fn once() -> u32 {
    1
}

const fn try_again() -> u16 {
    451
}

pub(crate) struct Mailbox {
    state: Mutex<State>,
    journal: Journal,
    clock: Arc<Clock>,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    message_ids: HashSet<String>,
    refusals: Vec<Refuse>,
}

impl State {
    fn put(&mut self, mail: Mail) {
        if let Some(id) = &mail.message_id {
            self.message_ids.insert(id.clone());
        }
        self.mails.push(mail);
    }
}

impl Mailbox {
    pub(crate) fn open(path: &Path, clock: Arc<Clock>) -> Result<Self, Error> {
        let mut state = State::default();
        let journal = Journal::open(path, |line| {
            let kept: Kept = serde_json::from_str(line)?;
            let raw = STANDARD.decode(&kept.raw).unwrap_or_default();
            state.put(Mail::read(&kept, &raw));
            Ok(())
        })?;
        Ok(Self { state: Mutex::new(state), journal, clock })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a mail, once: one whose Message-ID came before is thanked for and forgotten.
    pub(crate) async fn keep(&self, from: &str, to: &[String], raw: &[u8]) -> Result<(), NotDurable> {
        let kept = Kept {
            id: ids::fresh("mail"),
            at: self.clock.now(),
            from: from.to_owned(),
            to: to.to_vec(),
            raw: STANDARD.encode(raw),
        };
        let mail = Mail::read(&kept, raw);
        let line = serde_json::to_string(&kept).map_err(|_| NotDurable)?;
        let mark = {
            let mut state = self.state();
            if mail.message_id.as_ref().is_some_and(|id| state.message_ids.contains(id)) {
                // The first one's line may still be under way: it has to be safe before this one is thanked for.
                self.journal.mark()
            } else {
                state.put(mail);
                self.journal.append(line)
            }
        };
        self.journal.durable(mark).await
    }

    /// Newest first; only those to `to` if it is given.
    pub(crate) fn list(&self, to: Option<&str>) -> Vec<Mail> {
        let state = self.state();
        let all = state.mails.iter().rev();
        all.filter(|mail| to.is_none_or(|to| mail.is_to(to))).cloned().collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<Mail> {
        self.state().mails.iter().find(|mail| mail.id == id).cloned()
    }

    pub(crate) fn refuse(&self, refuse: Refuse) {
        self.state().refusals.push(refuse);
    }

    /// The code this recipient is turned down with, counted down.
    pub(crate) fn refusal(&self, to: &str) -> Option<u16> {
        let mut state = self.state();
        let refuse = state
            .refusals
            .iter_mut()
            .find(|refuse| refuse.to.is_empty() || refuse.to.eq_ignore_ascii_case(to))?;
        refuse.times = refuse.times.saturating_sub(1);
        let code = refuse.code;
        state.refusals.retain(|refuse| refuse.times > 0);
        Some(code)
    }
}
