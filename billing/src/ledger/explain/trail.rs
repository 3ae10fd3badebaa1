//! One figure of a member's pages, opened.

use super::{About, Explanation, Figure, LineAmount, Step, store};
use crate::{
    access::{Action, Object, Permit},
    bills::BillKind,
    error::Error,
    ledger::{credit_kind, receivable_kind},
    plan::MemberScope,
};

impl MemberScope<'_> {
    /// What makes the figure of that kind and id. `NotFound` where there is none, or where it is another's.
    pub async fn explain(&self, kind: &str, id: &str) -> Result<Explanation, Error> {
        let object = Object::Figure(kind.to_owned(), id.to_owned());
        let permit = Permit::to_see(self.visit, Action::See, object)?;
        let figure = Figure::read(kind, id).ok_or(Error::NotFound)?;
        let (zone, _) = self.here()?;
        let pool = &self.billing.pools.read;
        let kinds = |kind: BillKind| About { bill_kind: Some(kind), ..About::default() };
        let (about, parts) = match &figure {
            Figure::Owed(kind) => {
                (kinds(*kind), store::accounts(pool, &permit, receivable_kind(*kind), 1).await?)
            }
            Figure::Credit(kind) => {
                (kinds(*kind), store::accounts(pool, &permit, credit_kind(*kind), -1).await?)
            }
            Figure::BillOwed(bill) => store::bill(pool, &permit, *bill, "owed").await?,
            Figure::BillPayable(bill) => store::bill(pool, &permit, *bill, "payable").await?,
            Figure::BillDue(bill) => store::bill(pool, &permit, *bill, "due").await?,
            Figure::BillPaid(bill) => store::bill(pool, &permit, *bill, "paid").await?,
            Figure::BillUnderway(bill) => store::bill(pool, &permit, *bill, "underway").await?,
            Figure::BillProvisional(bill) => store::bill(pool, &permit, *bill, "provisional").await?,
            Figure::Stated(bill, step) => store::stated(pool, &permit, *bill, step.column()).await?,
            Figure::Line(bill, line, amount) => {
                store::line(pool, &permit, *bill, *line, amount.word(), amount.is_share()).await?
            }
            Figure::Payment(payment) => store::payment(pool, &permit, *payment).await?,
            Figure::After(payment) => store::after(pool, &permit, *payment).await?,
            Figure::Receipt(payment, name) => store::receipt(pool, &permit, *payment, name).await?,
            Figure::History(filter) => {
                let about = About { bill_kind: filter.kind, ..About::default() };
                let profile = self.billing.settings.profile.word();
                (
                    about,
                    store::history(pool, &permit, filter, &zone, profile, self.billing.clock.now()).await?,
                )
            }
        };
        Ok(Explanation::of(figure, about, zone, parts))
    }
}

impl Step {
    const fn column(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Discount => "discount",
            Self::PlanPaid => "plan_paid",
            Self::PaidBefore => "paid_before",
        }
    }
}

impl LineAmount {
    /// Whether it is one of the shares a line names beside its amounts.
    const fn is_share(self) -> bool {
        matches!(self, Self::Deductible | Self::Copay | Self::Coinsurance)
    }
}
