use billing::{error::Error, words::Language};
use leptos::prelude::*;

use super::{
    Fault, Form,
    form::{seat, visit_of},
};
use crate::path::{Path, Place};

/// Chooses the language and comes back to the same page. Kept with the visit, and with the person signed in.
#[server(prefix = "/api", endpoint = "language")]
pub async fn choose_language(
    #[server(default)] language: String,
    #[server(default)] back: String,
) -> Result<(), Fault> {
    let place = Place::read(&back).unwrap_or_else(|| Path::Home.into());
    let chosen = async {
        let seat = seat()?;
        let language = Language::read(&language).ok_or(Error::NotFound)?;
        if seat.visit().is_ok_and(|visit| visit.member.is_some()) {
            seat.member()?.set_language(language).await?;
        } else {
            let visit = visit_of(&seat).await?;
            seat.billing().door(Some(&visit)).set_language(language).await?;
        }
        Ok::<_, Error>(place.clone())
    };
    Form::at(place.clone()).end(chosen.await).await
}
