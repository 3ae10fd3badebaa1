//! The demo's bank payment that is under way: ordered by the verbs anybody uses, so that the gateway holds it, and it
//! settles, or comes back, when time is moved.

use super::{PASSWORD, people::Story, people::story_of};
use crate::{
    bills::BillFilter,
    error::{Error, Fault},
    ids::PaymentId,
    payments::{Method, Next, PayBill},
    plan::Billing,
    sign_in::Client,
    visits::{SessionKey, Visit},
};

/// An order that has got as far as the gateway's page.
#[derive(Clone, Debug)]
pub struct PendingOrder {
    pub payment: PaymentId,
    /// Where its payer types the account's number.
    pub page: String,
    visit: Visit,
}

impl Billing {
    /// Signs the story's member in and orders what they owe from their bank account. `None`: there is nothing left to
    /// order.
    pub async fn demo_order(&self) -> Result<Option<PendingOrder>, Error> {
        let visit = self.demo_visit().await?;
        let member = self.member(&visit)?;
        let open = BillFilter { open: Some(true), ..BillFilter::default() };
        let bills = member.bills(&open).await?.bills;
        let Some(bill) = bills.into_iter().find(|bill| bill.payable().is_positive()) else { return Ok(None) };

        let form = member.pay_form(bill.id, None).await?;
        let order = PayBill {
            payment_id: form.payment_id,
            bill_id: bill.id,
            bill_version: form.bill.version,
            amount: form.bill.payable(),
            method: Method::Bank,
        };
        member.pay(order).await?;
        match member.confirm(form.payment_id, false).await? {
            Next::Gateway(page) => Ok(Some(PendingOrder { payment: form.payment_id, page, visit })),
            Next::Payment(_) => Ok(None),
        }
    }

    /// Its payer comes back from the gateway's page, and signs out.
    pub async fn demo_back(&self, order: &PendingOrder) -> Result<(), Error> {
        let member = self.member(&order.visit)?;
        member.check_again(order.payment).await?;
        member.sign_out().await
    }

    async fn demo_visit(&self) -> Result<Visit, Error> {
        let broken = || Fault::broken("the demo member cannot sign in");
        let (_, person) = super::people::all()
            .into_iter()
            .enumerate()
            .find(|(index, _)| story_of(*index).is_some_and(|told| told.story == Story::PendingBank))
            .ok_or_else(broken)?;
        let email = person.email.ok_or_else(broken)?;
        let client = Client { address: "127.0.0.1".to_owned(), device: None };
        let visits = self.visits();
        let door = visits.create(SessionKey::mint(), None).await?.ok_or_else(broken)?;
        let entered = self.door(Some(&door)).sign_in(&email, PASSWORD, &client).await?;
        let visit = visits.load(entered.key).await?.ok_or_else(broken)?;
        Ok(visit)
    }
}
