//! The hosted page: opened by the caller, filled in by the person, the only place where numbers are typed.

pub(crate) mod form;
pub(crate) mod show;
pub(crate) mod words;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::books::Kind;
use super::charge::{Charge, SLOW, State, check_amount, check_reference};
use super::events::EventType;
use super::instrument::{Behaviour, Decline, Instrument, Method};
use super::{Done, Refusal, Step};
use crate::{clock, ids};

/// So many declines close a page.
pub(crate) const TRIES: u8 = 3;

/// What a charge keeps of its hosted page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) methods: Vec<Method>,
    pub(crate) return_url: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) description: String,
    pub(crate) language: Language,
    pub(crate) declines: u8,
    /// How the last declined try was made, to show that form again.
    pub(crate) last_method: Option<Method>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    En,
    Es,
}

/// The body of `POST /v1/pages`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPage {
    pub(crate) reference: String,
    amount: String,
    currency: String,
    methods: Vec<Method>,
    return_url: String,
    expires_at: DateTime<Utc>,
    #[serde(default)]
    description: String,
    #[serde(default = "english")]
    language: Language,
}

const fn english() -> Language {
    Language::En
}

/// Where a person goes after a form was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Back to who sent them, by this address.
    Back(String),
    /// To the page's own address: it has something new to say.
    Page,
    /// Nowhere: the money is taken and the line is dead.
    Nowhere,
}

impl Charge {
    /// Where the person is sent when the page is done with: our reference and nothing else.
    pub(crate) fn way_back(&self) -> Option<String> {
        let mut url = reqwest::Url::parse(&self.page.as_ref()?.return_url).ok()?;
        url.set_query(Some(&format!("reference={}", self.reference)));
        Some(url.into())
    }
}

impl Step<'_> {
    /// Opens the hosted page of a reference, or finds the one already open for the same money.
    pub(crate) fn open_page(&mut self, order: NewPage) -> Result<Done, Refusal> {
        check_reference(&order.reference)?;
        let cents = check_amount(&order.amount, &order.currency)?;
        let return_url = check_return_url(&order.return_url)?;
        if order.methods.is_empty() || order.methods.len() > 2 {
            return Err(Refusal::invalid("methods must name card, bank or both"));
        }
        if order.description.chars().count() > 200 {
            return Err(Refusal::invalid("description has more than 200 characters"));
        }
        if self.books.fences.contains(&order.reference) {
            return Err(Refusal::Fenced);
        }

        // How long the page lives and what it says may differ between two calls for it; whose money goes where may not.
        if let Some(known) = self.books.charges.get(&order.reference) {
            let same = known.state.is_open()
                && known.cents == cents
                && known.page.as_ref().is_some_and(|page| {
                    page.methods == order.methods
                        && page.return_url == return_url
                        && page.expires_at > self.now
                });
            let url = known.page.as_ref().filter(|_| same).map(|page| self.address(page));
            return match url {
                Some(url) => Ok(Done::ok(json!({"charge": known.view(), "url": url}))),
                None => Err(Refusal::ReferenceTaken),
            };
        }
        self.check_unused(&order.reference)?;
        let expires_at = self.read_expiry(order.expires_at)?;

        let page = Page {
            id: ids::fresh("page"),
            methods: order.methods,
            return_url,
            expires_at,
            description: order.description,
            language: order.language,
            declines: 0,
            last_method: None,
        };
        let url = self.address(&page);
        let mut charge = Charge::new(order.reference, cents, true, self.now);
        charge.page = Some(page);
        let charge = self.change(Some(Kind::Page), None, charge);
        Ok(Done::created(json!({"charge": charge.view(), "url": url})))
    }

    fn address(&self, page: &Page) -> String {
        format!("{}/pay/{}", self.keys.base_url, page.id)
    }

    /// An expiry is taken as it stands. If this clock was moved ahead of the caller's, the page lives as long as the
    /// caller meant it to by the wall.
    fn read_expiry(&self, asked: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
        if asked > self.now {
            return Ok(asked);
        }
        let lifetime = asked.signed_duration_since(clock::wall());
        let shifted = self.now.checked_add_signed(lifetime).filter(|at| *at > self.now);
        shifted.ok_or_else(|| Refusal::invalid("expires_at is over"))
    }

    /// The charge behind an open or closed page.
    pub(crate) fn of_page(&self, page: &str) -> Option<Charge> {
        self.books.pages.get(page).and_then(|reference| self.books.charges.get(reference)).cloned()
    }

    /// The person presses *pay*. A page that is no longer open for this very try answers as it would have.
    pub(crate) fn submit(&mut self, page: &str, instrument: Instrument, attempt: Option<u8>) -> Option<Next> {
        let mut charge = self.of_page(page)?;
        let open = charge.page.as_ref()?;
        if !charge.state.is_open() {
            return charge.way_back().map(Next::Back);
        }
        // A form posted twice: its number is used up, or the first is still being worked on.
        let repeated = attempt.is_some_and(|attempt| attempt != open.declines);
        if repeated || charge.state == State::Action || charge.answers_at.is_some() {
            return Some(Next::Page);
        }
        if !open.methods.contains(&instrument.method) {
            return Some(Next::Page);
        }

        match instrument.behaviour {
            Behaviour::AsksFirst => {
                charge.instrument = Some(instrument);
                charge.state = State::Action;
                self.change(Some(Kind::Authorise), Some(EventType::ChargeAction), charge);
                Some(Next::Page)
            }
            Behaviour::Slow => {
                charge.instrument = Some(instrument);
                charge.answers_at = self.now.checked_add_signed(SLOW);
                self.change(None, None, charge);
                Some(Next::Page)
            }
            Behaviour::Declines(class) => self.decline(charge, instrument, class),
            Behaviour::Succeeds | Behaviour::Silent | Behaviour::Returns(_) | Behaviour::ReturnsLate(_) => {
                let silent = instrument.behaviour == Behaviour::Silent;
                let (kind, event) = charge.pay_with(instrument, self.now);
                let charge = self.change(kind, Some(event), charge);
                if silent { Some(Next::Nowhere) } else { charge.way_back().map(Next::Back) }
            }
        }
    }

    /// The 3-D Secure step: the person says yes or no to their own bank.
    pub(crate) fn verify(&mut self, page: &str, approved: bool) -> Option<Next> {
        let mut charge = self.of_page(page)?;
        match charge.state {
            State::Action => {}
            State::Open => return Some(Next::Page),
            _ => return charge.way_back().map(Next::Back),
        }
        let mut instrument = charge.instrument.clone()?;
        if !approved {
            return self.decline(charge, instrument, Decline::DoNotHonour);
        }
        // From now on the card's bank knows its holder.
        instrument.behaviour = Behaviour::Succeeds;
        let (kind, event) = charge.pay_with(instrument, self.now);
        let charge = self.change(kind, Some(event), charge);
        charge.way_back().map(Next::Back)
    }

    /// The person leaves. After a decline the page ends as declined: that is why they left.
    pub(crate) fn leave(&mut self, page: &str) -> Option<Next> {
        let mut charge = self.of_page(page)?;
        // The slow card is with its bank: nobody can take it back from here.
        if charge.answers_at.is_some() && charge.state.is_open() {
            return Some(Next::Page);
        }
        if charge.state.is_open() {
            let declined = charge.decline.is_some();
            charge.state = if declined { State::Declined } else { State::Cancelled };
            let event = if declined { EventType::ChargeDeclined } else { EventType::ChargeExpired };
            charge = self.change(Some(Kind::Page), Some(event), charge);
        }
        charge.way_back().map(Next::Back)
    }

    fn decline(&mut self, mut charge: Charge, instrument: Instrument, class: Decline) -> Option<Next> {
        let method = instrument.method;
        charge.instrument = Some(instrument);
        charge.decline = Some(class);
        let page = charge.page.as_mut()?;
        page.declines = page.declines.saturating_add(1);
        page.last_method = Some(method);
        charge.state = if page.declines >= TRIES { State::Declined } else { State::Open };
        let line = Some((Kind::Charge, State::Declined));
        let charge = self.change_as(line, Some(EventType::ChargeDeclined), charge);
        if charge.state == State::Open { Some(Next::Page) } else { charge.way_back().map(Next::Back) }
    }
}

/// An absolute http address without fragment, user or query: the query is ours.
fn check_return_url(text: &str) -> Result<String, Refusal> {
    let refused = || Refusal::invalid("return_url must be an http address without query, fragment or user");
    let url = reqwest::Url::parse(text).map_err(|_| refused())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain && text.len() <= 2048 { Ok(url.into()) } else { Err(refused()) }
}
