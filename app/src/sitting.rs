//! What a request is asked in: whose browser it is, in which language, on which plan. The listener provides it.

use std::{future::Future, pin::Pin, str::FromStr, sync::Arc};

use billing::{
    Billing, DoorScope, MemberScope,
    error::{Error, Fault},
    ids::MemberId,
    sign_in::SignedInVisit,
    visits::{RefusedForm, Visit},
    words::Language,
};
use http::{header, request::Parts};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

pub use billing::sign_in::Client;

use crate::path::Place;

/// What is the same for every request of one listener.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// `https://pay.example.org`: the one other origin a form may lead to.
    pub gateway_origin: String,
    pub base_url: String,
    /// Paths under their hashed names, as `/pkg/portal.3f2a.css`.
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// The demo plan: pages say that nothing here is real.
    pub demo: bool,
}

/// Who sits at this browser.
#[derive(Clone, Debug, Default)]
pub struct Sitting {
    pub visit: Option<Visit>,
    /// The form `?again=` names, if it is this visit's and young enough. Nothing is deleted: a reload shows the same.
    pub again: Option<RefusedForm>,
    /// Whose visit this browser's cookie still names, where it ended by itself within the last day: a form that came
    /// too late is kept for this person alone.
    pub ended: Option<MemberId>,
    pub client: Client,
    /// Fields of the form just sent into which a card number was typed; the listener took it out.
    pub cards_typed: Vec<String>,
}

pub type Wait<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The cookie of this browser and the visit behind it. The listener implements it over its session store.
pub trait Browser: Send + Sync {
    /// This browser's visit, begun now if it has none: for a refused form or a chosen language.
    fn begin(&self) -> Wait<'_, Result<Visit, Error>>;
    /// Somebody signed in: the answer's cookie carries the new visit's key, and the mark of a known device.
    fn enter(&self, entered: SignedInVisit) -> Wait<'_, Result<(), Error>>;
    /// What was learnt under the visit's old id is worth nothing any more: the visit goes on under a new one, or ends here
    /// if it is over.
    fn renew(&self) -> Wait<'_, Result<(), Error>>;
    /// Nobody sits here any more: the answer clears the cookie, and what the browser has stored of our pages.
    fn leave(&self) -> Wait<'_, Result<(), Error>>;
}

/// How [`Browser`] comes through the context.
#[derive(Clone)]
pub struct AtBrowser(pub Arc<dyn Browser>);

/// The plan and the visit a page or a form works with.
pub struct Seat {
    billing: Billing,
    pub sitting: Sitting,
}

/// Takes the request's seat. Only where the request's context is: at the start of a page's future or of a server
/// function.
pub fn seat() -> Result<Seat, Error> {
    let billing =
        use_context::<Billing>().ok_or_else(|| Fault::broken("no plan in this request's context"))?;
    Ok(Seat { billing, sitting: sitting() })
}

impl Seat {
    /// The verbs of the signed-in member.
    pub fn member(&self) -> Result<MemberScope<'_>, Error> {
        self.billing.member(self.visit()?)
    }

    /// The verbs of people not signed in.
    pub fn door(&self) -> DoorScope<'_> {
        self.billing.door(self.sitting.visit.as_ref())
    }

    pub fn billing(&self) -> &Billing {
        &self.billing
    }

    pub fn visit(&self) -> Result<&Visit, Error> {
        self.sitting.visit.as_ref().ok_or(Error::SignedOut)
    }
}

pub fn site() -> Site {
    use_context().unwrap_or_default()
}

pub fn sitting() -> Sitting {
    use_context().unwrap_or_default()
}

/// Chosen by the person, else wished by the browser, else English.
pub fn language() -> Language {
    sitting().visit.and_then(|visit| visit.language).or_else(wished).unwrap_or_default()
}

/// The first language of `Accept-Language` that we speak.
fn wished() -> Option<Language> {
    let parts = use_context::<Parts>()?;
    let header = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    header.split(',').take(16).find_map(|wish| {
        let (tag, quality) = wish.split_once(';').unwrap_or((wish, ""));
        let refused =
            quality.trim().strip_prefix("q=").is_some_and(|q| q.bytes().all(|b| matches!(b, b'0' | b'.')));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        if refused { None } else { Language::read(&primary) }
    })
}

/// The number in the log that belongs to this request.
pub fn reference() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.headers.get("x-request-id")?.to_str().ok().map(str::to_owned)
}

/// The page this request asks for, if it is one of ours.
pub fn here() -> Option<Place> {
    let parts = use_context::<Parts>()?;
    Place::read(parts.uri.path_and_query()?.as_str())
}

/// An id in the page's path; one that is none is a page that does not exist.
pub fn in_path<T: FromStr>(name: &str) -> Result<T, Error> {
    use_params_map()
        .with_untracked(|params| params.get(name))
        .and_then(|text| text.parse().ok())
        .ok_or(Error::NotFound)
}

/// A word in the page's query.
pub fn in_query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name)).filter(|text| !text.is_empty())
}
