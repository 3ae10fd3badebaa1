use billing::{
    error::{Error, Refusal},
    ids::PaymentId,
    payments::{Next, PayBill},
};
use leptos::prelude::*;

use super::{Fault, Form, form::seat};
use crate::path::Path;

/// Takes the order of a one-time payment; nothing goes to the gateway before it is confirmed.
#[server(prefix = "/api", endpoint = "pay")]
pub async fn pay(
    #[server(default)] payment_id: String,
    #[server(default)] bill_id: String,
    #[server(default)] bill_version: String,
    #[server(default)] amount: String,
    #[server(default)] method: String,
) -> Result<(), Fault> {
    let Ok(bill) = bill_id.parse() else { return no_such_form().await };
    let form = Form::at(Path::Pay(bill)).typed("amount", &amount).typed("method", &method);
    let next = async {
        let seat = seat()?;
        let member = seat.member()?;
        let order = PayBill::read(&payment_id, &bill_id, &bill_version, &amount, &method)?;
        match member.pay(order).await {
            // The form shows the bill as it stands now, with what was typed still in it.
            Err(Error::Stale) => Err(Refusal::of("amount", "bill-changed").into()),
            answer => answer,
        }
    };
    form.end(next.await).await
}

/// Sends a payment whose answers were checked; `again`: the payer's own yes to a second one like it.
#[server(prefix = "/api", endpoint = "pay/confirm")]
pub async fn confirm(
    #[server(default)] payment_id: String,
    #[server(default)] again: String,
) -> Result<(), Fault> {
    let Ok(id) = payment_id.parse::<PaymentId>() else { return no_such_form().await };
    let next = async { seat()?.member()?.confirm(id, again == "yes").await };
    Form::at(Path::Payment(id)).end(next.await).await
}

/// Back to the gateway's page of a payment that is not finished there.
#[server(prefix = "/api", endpoint = "pay/continue")]
pub async fn go_on(#[server(default)] payment_id: String) -> Result<(), Fault> {
    let Ok(id) = payment_id.parse::<PaymentId>() else { return no_such_form().await };
    let next = async { seat()?.member()?.continue_at_gateway(id).await };
    Form::at(Path::Payment(id)).end(next.await).await
}

/// Takes a payment back: unsent, unfinished, or received and before its cut-off.
#[server(prefix = "/api", endpoint = "pay/cancel")]
pub async fn cancel(#[server(default)] payment_id: String) -> Result<(), Fault> {
    let Ok(id) = payment_id.parse::<PaymentId>() else { return no_such_form().await };
    let next = async { seat()?.member()?.cancel(id).await };
    Form::at(Path::Payment(id)).end(next.await).await
}

/// Asks the gateway now, for a person who waits.
#[server(prefix = "/api", endpoint = "pay/check")]
pub async fn check(#[server(default)] payment_id: String) -> Result<(), Fault> {
    let Ok(id) = payment_id.parse::<PaymentId>() else { return no_such_form().await };
    let next = async { seat()?.member()?.check_again(id).await };
    Form::at(Path::Payment(id)).end(next.await).await
}

/// A form without a subject of ours.
async fn no_such_form() -> Result<(), Fault> {
    Form::at(Path::Bills).end::<Next>(Err(Error::NotFound)).await
}
