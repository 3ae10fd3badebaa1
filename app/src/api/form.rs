//! How every form ends: in a redirect whose address we write ourselves, or in a status the listener shows a page for.

use billing::{error, error::Error, payments::Next, visits::Visit};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::Fault;
use crate::{
    components::{headers_of, log, sign_in_and_back, status_of},
    path::{Path, Place},
    sitting::{self, AtBrowser, Seat, site},
};

/// Where a form that was taken leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    Page(Place),
    /// The gateway's hosted page. Followed only at the configured origin.
    Gateway(String),
}

impl From<Path> for Onward {
    fn from(path: Path) -> Self {
        Self::Page(path.into())
    }
}

impl From<Place> for Onward {
    fn from(place: Place) -> Self {
        Self::Page(place)
    }
}

impl From<Next> for Onward {
    fn from(next: Next) -> Self {
        match next {
            Next::Payment(id) => Path::Payment(id).into(),
            Next::Gateway(url) => Self::Gateway(url),
        }
    }
}

/// A form that was sent: the page it stands on, and what was typed, for the way back.
pub struct Form {
    place: Place,
    typed: Vec<(String, String)>,
}

impl Form {
    pub fn at(place: impl Into<Place>) -> Self {
        Self { place: place.into(), typed: Vec::new() }
    }

    /// Keeps a typed value for the way back. Never a password or a code.
    #[must_use]
    pub fn typed(mut self, name: &str, value: &str) -> Self {
        self.typed.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answers: on to the next page, back to the form, to sign-in, or with a status.
    pub async fn end<T: Into<Onward>>(self, result: Result<T, Error>) -> Result<(), Fault> {
        let answered = match result {
            Ok(onward) => follow(onward.into()),
            Err(Error::Refused(refusals)) => self.back(&refusals).await,
            Err(Error::SignedOut) => self.sign_in_first().await,
            Err(error) => Err(error),
        };
        if let Err(error) = answered {
            answer(&error);
        }
        Ok(())
    }

    /// To the form again, with what was typed and why it was not taken.
    async fn back(self, refusals: &[error::Refusal]) -> Result<(), Error> {
        let seat = sitting::seat()?;
        let visit = visit_of(&seat).await?;
        let id = seat
            .billing()
            .refused(visit.visit_id)
            .keep(&self.place.path.to_string(), refusals, &self.typed)
            .await?;
        go(&self.place.with("again", id).to_string())
    }

    /// The visit ended before the form was sent. What was typed waits for the same person to sign in again; after a
    /// sign-out nothing is kept, but the door still says that no money was taken.
    async fn sign_in_first(self) -> Result<(), Error> {
        let seat = sitting::seat()?;
        let mut sign_in = sign_in_and_back(Some(self.place.clone())).with("ended", 1);
        if let Some(member) = seat.sitting.ended.filter(|_| !self.typed.is_empty()) {
            let visit = visit_of(&seat).await?;
            let kept = seat
                .billing()
                .refused(visit.visit_id)
                .keep_for(member, &self.place.path.to_string(), &[], &self.typed)
                .await?;
            sign_in = sign_in.with("kept", kept);
        }
        go(&sign_in.to_string())
    }
}

/// The seat of a form that was sent. One into which a card number was typed goes back before anything reads it (T22).
pub(crate) fn seat() -> Result<Seat, Error> {
    let seat = sitting::seat()?;
    let cards: Vec<_> =
        seat.sitting.cards_typed.iter().map(|field| error::Refusal::of(field, "card-number")).collect();
    if cards.is_empty() { Ok(seat) } else { Err(Error::Refused(cards)) }
}

/// This browser's visit; a person who is not signed in gets one with the first form that has to be kept.
pub(crate) async fn visit_of(seat: &Seat) -> Result<Visit, Error> {
    match seat.visit() {
        Ok(visit) => Ok(visit.clone()),
        Err(_) => browser()?.0.begin().await,
    }
}

pub(crate) fn browser() -> Result<AtBrowser, Error> {
    use_context().ok_or_else(|| error::Fault::broken("no browser in this request's context").into())
}

fn follow(onward: Onward) -> Result<(), Error> {
    match onward {
        Onward::Page(place) => go(&place.to_string()),
        Onward::Gateway(url) if is_of(&url, &site().gateway_origin) => go(&url),
        Onward::Gateway(_) => Err(error::Fault::broken("the gateway named a page elsewhere").into()),
    }
}

/// Whether an address is of this origin, and of no other that begins like it.
fn is_of(url: &str, origin: &str) -> bool {
    !origin.is_empty() && url.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'))
}

/// 303, and the Location: both over whatever the framework would have set.
fn go(location: &str) -> Result<(), Error> {
    let options: ResponseOptions =
        use_context().ok_or_else(|| error::Fault::broken("no response in this request's context"))?;
    let location =
        HeaderValue::from_str(location).map_err(|_| error::Fault::broken("an address of ours is none"))?;
    options.set_status(StatusCode::SEE_OTHER);
    options.insert_header(header::LOCATION, location);
    Ok(())
}

/// The status alone: the listener shows its page.
fn answer(error: &Error) {
    log(error);
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status_of(error));
        if let Some((name, value)) = headers_of(error) {
            options.insert_header(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_own_origin_is_followed() {
        let origin = "http://127.0.0.1:4000";
        assert!(is_of("http://127.0.0.1:4000/page/abc", origin));
        for url in [
            "http://127.0.0.1:40001/page",
            "http://127.0.0.1:4000.evil.example/",
            "http://127.0.0.1:4000@evil.example/",
            "http://127.0.0.1:4000",
            "https://127.0.0.1:4000/",
            "//127.0.0.1:4000/",
            "",
        ] {
            assert!(!is_of(url, origin), "{url}");
        }
        assert!(!is_of("/anything", ""));
    }
}
