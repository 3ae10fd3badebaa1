use billing::error::Error;
use leptos::prelude::*;

use super::{
    Fault, Form,
    form::{browser, seat},
};
use crate::path::{Path, Place};

/// Signs a person in and goes on to the page they came for.
#[server(prefix = "/api", endpoint = "sign-in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
    #[server(default)] kept: String,
) -> Result<(), Fault> {
    let form =
        Form::at(Place::from(Path::SignIn).with("next", &next).with("kept", &kept)).typed("email", &email);
    let signed_in = async {
        let seat = seat()?;
        let entered = seat.door().sign_in(&email, &password, &seat.sitting.client).await?;
        browser()?.0.enter(entered).await?;
        Ok::<_, Error>(go_on(&next, &kept))
    };
    form.end(signed_in.await).await
}

/// Where a person wanted to go before signing in, with the form they had filled in.
fn go_on(next: &str, kept: &str) -> Place {
    let path = Path::read(next).filter(Path::is_private).unwrap_or(Path::Home);
    let place = Place::from(path);
    if kept.is_empty() { place } else { place.with("again", kept) }
}

#[server(prefix = "/api", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), Fault> {
    let done = async {
        let seat = seat()?;
        // Nothing to end is as good as ended: the page says so either way.
        if let Ok(member) = seat.member() {
            member.sign_out().await?;
        }
        leave().await
    };
    Form::at(Path::Profile).end(done.await).await
}

/// Ends every visit of this person, on every device.
#[server(prefix = "/api", endpoint = "sign-out-everywhere")]
pub async fn sign_out_everywhere() -> Result<(), Fault> {
    let done = async {
        seat()?.member()?.sign_out_everywhere().await?;
        leave().await
    };
    Form::at(Path::Profile).end(done.await).await
}

async fn leave() -> Result<Place, Error> {
    browser()?.0.leave().await?;
    Ok(Place::from(Path::SignIn).with("done", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_our_pages_only() {
        let bill = "/bills/0193f7a0-0000-7000-8000-000000000001/pay";
        assert_eq!(go_on(bill, "").to_string(), bill);
        assert_eq!(go_on(bill, "abc").to_string(), format!("{bill}?again=abc"));
        for next in ["", "//evil.example", "https://evil.example", "/sign-in", "/api/sign-out", "/bills/1"] {
            assert_eq!(go_on(next, "").to_string(), "/", "{next}");
        }
    }
}
