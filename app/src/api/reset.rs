use billing::error::Error;
use leptos::prelude::*;

use super::{
    Fault, Form,
    form::{browser, seat, visit_of},
};
use crate::path::{Path, Place};

/// First step: asks for a link by mail, and shows the code the link will want. The answer is the same whoever asks.
#[server(prefix = "/api", endpoint = "reset")]
pub async fn reset(#[server(default)] email: String) -> Result<(), Fault> {
    let asked = async {
        let seat = seat()?;
        let visit = visit_of(&seat).await?;
        let asked = seat.billing().door(Some(&visit)).start_reset(&email, &seat.sitting.client).await?;
        Ok::<_, Error>(Place::from(Path::Reset).with("sent", asked.id))
    };
    Form::at(Path::Reset).typed("email", &email).end(asked.await).await
}

/// Second step, from the mailed link: the code and a new password.
#[server(prefix = "/api", endpoint = "reset-finish")]
pub async fn reset_finish(
    #[server(default)] token: String,
    #[server(default)] code: String,
    #[server(default)] password: String,
) -> Result<(), Fault> {
    let changed = async {
        seat()?.door().finish_reset(&token, &code, &password).await?;
        browser()?.0.renew().await?;
        Ok::<_, Error>(Place::from(Path::Reset).with("done", 1))
    };
    Form::at(Place::from(Path::Reset).with("token", &token)).end(changed.await).await
}
