//! What a member sees of their bills. Each page is one statement.

use chrono::{DateTime, Days, Utc};

use super::{
    Bill, BillDetail, BillFilter, BillKind, BillPage, ComingUp, Overview, PaymentLine, Undecided, store,
};
use crate::{
    access::{Action, Object, Permit},
    error::Error,
    ids::BillId,
    money::Money,
    payments::{Method, PaymentState, final_on},
    plan::MemberScope,
    rules::{Mode, RegionRows, hours},
};

const PAGE: i64 = 20;
/// So long a payment is something done lately.
const LATELY: Days = Days::new(60);
const DONE_LATELY: usize = 5;

impl MemberScope<'_> {
    /// The first page: what needs the member now, what is coming up, what was done lately, and what is owed by kind.
    pub async fn overview(&self) -> Result<Overview, Error> {
        let permit = Permit::to_see(self.visit, Action::See, Object::Overview)?;
        let (zone, today) = self.here()?;
        let now = self.billing.clock.now();
        let since = now.checked_sub_days(LATELY).unwrap_or_default();
        let profile = self.billing.settings.profile.word();
        let rows = store::overview(&self.billing.pools.read, &permit, since, profile, now).await?;

        let balance = |kind: BillKind| {
            let open = rows.bills.iter().filter(|bill| bill.kind == kind && bill.owed().is_positive());
            (kind, open.clone().map(Bill::owed).sum(), open.count())
        };
        let balances = BillKind::ALL.map(balance);

        let open = |bill: &&Bill| bill.payable().is_positive();
        let sent_back = rows
            .bills
            .iter()
            .filter(open)
            .filter_map(|bill| {
                let of_bill: Vec<_> =
                    rows.payments.iter().filter(|payment| payment.bill_id == bill.id).cloned().collect();
                super::sent_back(&of_bill).cloned()
            })
            .collect();

        let mut coming_up: Vec<ComingUp> =
            rows.payments.iter().filter_map(|payment| will_be_final(payment, &zone)).collect();
        let (needs_you_now, later): (Vec<Bill>, Vec<Bill>) = rows
            .bills
            .into_iter()
            .filter(|bill| bill.payable().is_positive())
            .partition(|bill| bill.needs_you(today));
        coming_up.extend(later.into_iter().map(|bill| ComingUp::BillDue {
            bill: bill.id,
            kind: bill.kind,
            on: bill.due_on,
            amount: bill.payable(),
            number: bill.number,
        }));
        coming_up.sort_by_key(ComingUp::on);

        let elsewhere = needs_you_now
            .iter()
            .filter(|bill| !is_paid_online(bill, &rows.regions, now))
            .map(|bill| bill.id)
            .collect();

        let undecided = |what: Undecided| {
            rows.payments.iter().filter(|payment| payment.undecided() == Some(what)).cloned().collect()
        };
        let (unfinished, unsure) = (undecided(Undecided::Unfinished), undecided(Undecided::Unsure));
        let done =
            |payment: &PaymentLine| payment.posted_at.is_some() && payment.state != PaymentState::Processing;
        let done_lately = rows.payments.into_iter().filter(done).take(DONE_LATELY).collect();
        Ok(Overview {
            today,
            given_name: rows.given_name,
            zone,
            needs_you_now,
            elsewhere,
            unfinished,
            unsure,
            sent_back,
            coming_up,
            done_lately,
            balances,
            credits: rows.credits,
        })
    }

    /// A page of bills, newest first.
    pub async fn bills(&self, filter: &BillFilter) -> Result<BillPage, Error> {
        let permit = Permit::to_see(self.visit, Action::See, Object::Bills)?;
        let (_, today) = self.here()?;
        let mut bills = store::bills(&self.billing.pools.read, &permit, filter, PAGE).await?;
        let next = cut_page(&mut bills, PAGE).map(|last| last.id);
        Ok(BillPage { today, bills, next, first: filter.after.is_none() })
    }

    /// One bill with all that makes it. `NotFound` also where it is another's.
    pub async fn bill(&self, id: BillId) -> Result<BillDetail, Error> {
        let permit = Permit::to_see(self.visit, Action::See, id.into())?;
        let now = self.billing.clock.now();
        let profile = self.billing.settings.profile.word();
        let rows = store::bill(&self.billing.pools.read, &permit, id, profile, now).await?;
        Ok(BillDetail {
            today: hours::today(&rows.region.zone, now),
            zone: rows.region.zone.clone(),
            waterfall: rows.stated.waterfall(&rows.bill),
            ways: rows.region.ways(rows.bill.kind, now),
            member: rows.member,
            bill: rows.bill,
            lines: rows.lines,
            people: rows.people,
            payments: rows.payments,
        })
    }

    /// The zone of the member's region, and the date there.
    pub(crate) fn here(&self) -> Result<(String, chrono::NaiveDate), Error> {
        let zone = self.visit.member.as_ref().ok_or(Error::SignedOut)?.zone.clone();
        let today = hours::today(&zone, self.billing.clock.now());
        Ok((zone, today))
    }
}

/// Whether the bill's region takes bills of its kind online.
fn is_paid_online(bill: &Bill, regions: &[RegionRows], now: DateTime<Utc>) -> bool {
    let region = regions.iter().find(|region| region.region == bill.region);
    region.is_some_and(|region| region.ways(bill.kind, now).online == Mode::On)
}

/// When a payment that is not final will be.
fn will_be_final(payment: &PaymentLine, zone: &str) -> Option<ComingUp> {
    (payment.state == PaymentState::Processing && payment.method == Method::Bank).then(|| {
        ComingUp::PaymentFinal {
            payment: payment.payment_id,
            bill: payment.bill_kind,
            number: payment.bill_number.clone(),
            on: final_on(payment, zone),
            amount: payment.amount,
        }
    })
}

/// Takes the row beyond the page away; the last row of the page where there was one.
pub(super) fn cut_page<T>(rows: &mut Vec<T>, page: i64) -> Option<&T> {
    let page = usize::try_from(page).unwrap_or(usize::MAX);
    let more = rows.len() > page;
    rows.truncate(page);
    if more { rows.last() } else { None }
}

impl ComingUp {
    pub const fn on(&self) -> chrono::NaiveDate {
        match self {
            Self::BillDue { on, .. } | Self::PaymentFinal { on, .. } => *on,
        }
    }

    pub const fn amount(&self) -> Money {
        match self {
            Self::BillDue { amount, .. } | Self::PaymentFinal { amount, .. } => *amount,
        }
    }
}
