//! A notice as a mail: text and the same text as HTML, in the person's language. Secrets are derived here, at the last
//! moment, and stand in no row.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Claimed, Template, receipt};
use crate::{
    clock,
    error::Fault,
    ids::NoticeId,
    payments::PaymentView,
    plan::Billing,
    words::{Language, sentence},
};

/// A mail to hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Without angle brackets; the same for every try of one notice, so that the receiving side can drop repeats.
    pub message_id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub language: Language,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Worth another try: the server is away, or said so.
    #[error("later: {0}")]
    Later(String),
    /// No other answer is to be expected: the address cannot be one, or the server refused it for good.
    #[error("never: {0}")]
    Never(String),
}

/// Hands mail over. Adapters live in the server.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A plan without a mail server: everything waits.
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Err(MailError::Later("no mail server is configured".to_owned()))
    }
}

/// A link or code sent later than this would be dead on arrival.
const PROOFS_ARE_GOOD_FOR: TimeDelta = TimeDelta::minutes(30);

/// `paid`: the payment a receipt is of.
pub(super) fn write(
    billing: &Billing,
    claimed: &Claimed,
    template: Template,
    paid: Option<&PaymentView>,
    now: DateTime<Utc>,
) -> Result<Mail, MailError> {
    let mut with = texts(&claimed.words);
    with.extend(paid.map(|paid| receipt::facts(paid, claimed.language)).unwrap_or_default());
    let base_url = billing.settings.base_url.trim_end_matches('/');
    match template {
        Template::Reset => {
            let token = billing.secret().link_token(proof(claimed, now)?)?;
            with.push(("link".to_owned(), format!("{base_url}/reset?token={token}")));
        }
        Template::Register => {
            let code = billing.secret().mailed_code(proof(claimed, now)?)?;
            let (head, tail) = code.split_at(4);
            with.push(("code".to_owned(), format!("{head} {tail}")));
        }
        Template::PasswordChanged
        | Template::RegisteredAlready
        | Template::Registered
        | Template::SignedInNewDevice => {
            let page = if template == Template::Registered { "sign-in" } else { "reset" };
            with.push(("link".to_owned(), format!("{base_url}/{page}")));
        }
        Template::Receipt
        | Template::PaymentSettled
        | Template::PaymentReturned
        | Template::PaymentCancelled
        | Template::PaymentNotTaken => {}
    }

    let word = template.word();
    let body = sentence(claimed.language, &format!("mail-{word}"), &with);
    let subject = sentence(claimed.language, &format!("mail-{word}-subject"), &[]);
    let footer = sentence(claimed.language, "mail-footer", &[("site".to_owned(), base_url.to_owned())]);
    if body.is_empty() || subject.is_empty() {
        return Err(MailError::Later(format!("no words for {word}")));
    }
    let text = format!("{body}\n\n{footer}\n");
    Ok(Mail {
        message_id: message_id(claimed.id, base_url),
        to: claimed.address.clone(),
        html: html(&subject, &text, claimed.language),
        subject,
        text,
        language: claimed.language,
    })
}

/// The proof whose secret the mail carries, while it is of use.
fn proof(claimed: &Claimed, now: DateTime<Utc>) -> Result<Uuid, MailError> {
    if now > clock::after(claimed.created_at, PROOFS_ARE_GOOD_FOR) {
        return Err(MailError::Never("too late to be of use".to_owned()));
    }
    let id = claimed.words.get("proof").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    id.ok_or_else(|| MailError::Never("names no proof".to_owned()))
}

impl From<Fault> for MailError {
    fn from(fault: Fault) -> Self {
        Self::Later(fault.to_string())
    }
}

fn message_id(notice: NoticeId, base_url: &str) -> String {
    let host =
        base_url.split("://").nth(1).unwrap_or("localhost").split(['/', ':']).next().unwrap_or("localhost");
    format!("{notice}@{host}")
}

fn texts(words: &Value) -> Vec<(String, String)> {
    words.as_object().map_or_else(Vec::new, |words| {
        words.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    })
}

/// Paragraphs stand between empty lines; one that is an address of ours alone becomes a link.
fn html(title: &str, text: &str, language: Language) -> String {
    let paragraphs: String = text
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| {
            let escaped = escape(paragraph);
            let is_link = (paragraph.starts_with("https://") || paragraph.starts_with("http://"))
                && !paragraph.contains(char::is_whitespace);
            if is_link {
                format!("<p><a href=\"{escaped}\">{escaped}</a></p>\n")
            } else {
                format!("<p>{}</p>\n", escaped.replace('\n', "<br>\n"))
            }
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n{paragraphs}</body>\n</html>\n",
        language.tag(),
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_carries_no_markup_of_strangers() {
        let html = html(
            "A & B",
            "Hello <b>\"Ana\"</b>\nand you\n\nhttps://example.org/a?b=c&d\n\nhttps://x.org is not alone",
            Language::Spanish,
        );
        assert!(html.contains("<html lang=\"es\">"));
        assert!(html.contains("<p>Hello &lt;b&gt;&quot;Ana&quot;&lt;/b&gt;<br>\nand you</p>"), "{html}");
        assert!(html.contains("<a href=\"https://example.org/a?b=c&amp;d\">"), "{html}");
        assert_eq!(html.matches("<a ").count(), 1);
        assert!(html.contains("<title>A &amp; B</title>"));
    }

    #[test]
    fn one_notice_has_one_message_id() {
        let notice: NoticeId = "01234567-89ab-7def-8123-456789abcdef".parse().unwrap();
        assert_eq!(
            message_id(notice, "http://localhost:3000"),
            "01234567-89ab-7def-8123-456789abcdef@localhost"
        );
    }

    #[test]
    fn every_template_has_words_that_name_nothing_in_the_subject() {
        for language in Language::ALL {
            for template in Template::ALL {
                let word = template.word();
                let subject = sentence(language, &format!("mail-{word}-subject"), &[]);
                let body = sentence(language, &format!("mail-{word}"), &[]);
                assert!(!subject.is_empty() && !body.is_empty(), "{word} in {}", language.tag());
                assert!(!subject.contains(['$', '{', '\n']), "{subject}");
            }
        }
    }
}
