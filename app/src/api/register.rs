use billing::error::Error;
use leptos::prelude::*;

use super::{
    Fault, Form,
    form::{browser, seat, visit_of},
};
use crate::{
    path::{Path, Place},
    sitting::language,
};

/// First step: asks for a code by mail. The answer is the same whoever asks.
#[server(prefix = "/api", endpoint = "register")]
pub async fn register(
    #[server(default)] mrn: String,
    #[server(default)] birth_date: String,
) -> Result<(), Fault> {
    let form = Form::at(Path::Register).typed("mrn", &mrn).typed("birth_date", &birth_date);
    // Who goes on in the language the browser asked for has chosen it: the code comes in it, and so do the pages after.
    let spoken = language();
    let asked = async {
        let seat = seat()?;
        let mut visit = visit_of(&seat).await?;
        if visit.language.is_none() {
            seat.billing().door(Some(&visit)).set_language(spoken).await?;
            visit.language = Some(spoken);
        }
        let door = seat.billing().door(Some(&visit));
        let asked = door.start_registration(&mrn, &birth_date, &seat.sitting.client).await?;
        Ok::<_, Error>(Place::from(Path::RegisterFinish).with("sent", asked.id))
    };
    form.end(asked.await).await
}

/// Second step: the mailed code and a password; signs in.
#[server(prefix = "/api", endpoint = "register-finish")]
pub async fn register_finish(
    #[server(default)] sent: String,
    #[server(default)] code: String,
    #[server(default)] password: String,
) -> Result<(), Fault> {
    let form = Form::at(Place::from(Path::RegisterFinish).with("sent", &sent));
    let registered = async {
        let seat = seat()?;
        // What is no id was never asked for: over, like one that is too old.
        let asked = sent.parse().unwrap_or_default();
        let entered = seat.door().finish_registration(asked, &code, &password, &seat.sitting.client).await?;
        browser()?.0.enter(entered).await?;
        Ok::<_, Error>(Path::Home)
    };
    form.end(registered.await).await
}
