//! Payments of all channels, in any range of dates, as a page and as a file.

use chrono::{DateTime, Utc};

use super::{
    BillKind, PaymentLine, csv,
    read::cut_page,
    store::{self, HistoryRows, PremiumRows},
};
use crate::{
    access::{Action, Object, Permit},
    error::Error,
    payments::{History, HistoryFilter, HistoryLimit, PremiumsShown},
    plan::MemberScope,
    rules::hours,
    words::{Language, brand_name, say_state, sentence},
};

const PAGE: i64 = 25;
/// More than anyone's life of payments; a file is never cut.
const ALL: i64 = 1_000_000;

/// Keys of their names: `csv-…`. The English ones are what programs read.
const COLUMNS: [&str; 14] = [
    "received-on",
    "posted-on",
    "settled-on",
    "effective-on",
    "amount-usd",
    "state",
    "bill-kind",
    "bill-number",
    "channel",
    "method",
    "brand",
    "last4",
    "receipt-number",
    "payment-id",
];

impl MemberScope<'_> {
    /// A page of payments, latest first, with the total of the whole range.
    pub async fn payments(&self, filter: &HistoryFilter) -> Result<History, Error> {
        let permit = Permit::to_see(self.visit, Action::See, Object::Payments)?;
        let (zone, today) = self.here()?;
        let mut rows = self.history(&permit, filter, &zone, PAGE).await?;
        let next = cut_page(&mut rows.payments, PAGE).map(|last| last.payment_id);
        let now = self.billing.clock.now();
        let limits = rows.premiums.into_iter().filter_map(|premiums| limit(premiums, now)).collect();
        Ok(History {
            today,
            zone,
            payments: rows.payments,
            total: rows.total,
            next,
            first: filter.after.is_none(),
            limits,
        })
    }

    /// The whole range as a file for spreadsheets (RFC 4180, UTF-8), latest first, in its reader's words. Dates are the
    /// region's. Spreadsheets guess another encoding where nothing says this one, so words with accents come after a mark.
    pub async fn payments_csv(&self, filter: &HistoryFilter, language: Language) -> Result<String, Error> {
        let permit = Permit::to_see(self.visit, Action::Download, Object::Payments)?;
        let (zone, _) = self.here()?;
        let all = HistoryFilter { after: None, ..filter.clone() };
        let rows = self.history(&permit, &all, &zone, ALL).await?;
        let names = COLUMNS.map(|column| sentence(language, &format!("csv-{column}"), &[]));
        let mark = if language == Language::English { "" } else { "\u{feff}" };
        let mut file = format!("{mark}{}", csv::line(names.iter().map(String::as_str)));
        for payment in &rows.payments {
            file.push_str(&row(payment, &zone, language));
        }
        Ok(file)
    }

    /// What page and file have in common: all that the regions of the member's premiums show.
    async fn history(
        &self,
        permit: &Permit,
        filter: &HistoryFilter,
        zone: &str,
        rows: i64,
    ) -> Result<HistoryRows, Error> {
        let (profile, now) = (self.billing.settings.profile.word(), self.billing.clock.now());
        store::payments(&self.billing.pools.read, permit, filter, zone, profile, now, rows).await
    }
}

/// What a region leaves out of the history; nothing, where it shows all.
fn limit(premiums: PremiumRows, now: DateTime<Utc>) -> Option<HistoryLimit> {
    let PremiumRows { open, since, channels, region } = premiums;
    if open && since.is_none() && channels.is_none() {
        return None;
    }
    Some(HistoryLimit {
        shown: open.then_some(PremiumsShown { since, channels }),
        ask: region.ways(BillKind::Premium, now).ask,
        region: region.region,
    })
}

fn row(payment: &PaymentLine, zone: &str, language: Language) -> String {
    let say = |key: String| sentence(language, &key, &[]);
    let text = |value: Option<String>| value.unwrap_or_default();
    let fields = [
        hours::today(zone, payment.received_at).to_string(),
        text(payment.posted_at.map(|at| hours::today(zone, at).to_string())),
        text(payment.settled_on.map(|on| on.to_string())),
        payment.effective_on.to_string(),
        payment.amount.to_string(),
        say_state(payment.state, language),
        say(format!("kind-short-{}", payment.bill_kind.word())),
        payment.bill_number.clone(),
        say(format!("channel-{}", payment.channel)),
        say(format!("method-{}", serde_json::json!(payment.method).as_str().unwrap_or_default())),
        text(payment.brand.as_deref().map(brand_name)),
        text(payment.last4.clone()),
        text(payment.receipt_number.clone()),
        payment.payment_id.to_string(),
    ];
    csv::line(fields.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bills::BillKind,
        ids::{BillId, PaymentId},
        money::Money,
        payments::{Method, PaymentState},
    };
    use uuid::Uuid;

    fn payment(bill_number: &str, brand: &str) -> PaymentLine {
        PaymentLine {
            payment_id: PaymentId(Uuid::nil()),
            receipt_number: Some("R-7Q2F-11".to_owned()),
            bill_id: BillId(Uuid::nil()),
            bill_number: bill_number.to_owned(),
            bill_kind: BillKind::Medical,
            amount: Money::from_cents(124_050),
            channel: "mail".to_owned(),
            method: Method::Check,
            brand: Some(brand.to_owned()),
            last4: Some("0042".to_owned()),
            state: PaymentState::Settled,
            received_at: "2027-01-06T09:30:00Z".parse().unwrap(),
            posted_at: Some("2027-01-07T18:00:00Z".parse().unwrap()),
            settled_on: "2027-01-08".parse().ok(),
            effective_on: "2027-01-05".parse().unwrap(),
        }
    }

    #[test]
    fn a_payment_is_one_line_with_the_regions_dates() {
        assert_eq!(
            row(&payment("M-1, first", "visa"), "Pacific/Honolulu", Language::English),
            "2027-01-05,2027-01-07,2027-01-08,2027-01-05,1240.50,settled,Medical,\"M-1, first\",by mail,check,Visa,0042,\
             R-7Q2F-11,00000000-0000-0000-0000-000000000000\r\n"
        );
        assert_eq!(
            row(&payment("M-1", "mastercard"), "Pacific/Honolulu", Language::Spanish),
            "2027-01-05,2027-01-07,2027-01-08,2027-01-05,1240.50,liquidado,Médica,M-1,por correo,cheque,Mastercard,0042,\
             R-7Q2F-11,00000000-0000-0000-0000-000000000000\r\n"
        );
    }

    #[test]
    fn published_payloads_are_text_in_the_file() {
        let Some(folder) = std::env::var("PORTAL_SAMPLES").ok().filter(|folder| !folder.is_empty()) else {
            println!("SKIPPED: 1 sample tests");
            return;
        };
        let path = std::path::Path::new(&folder).join("fuzz/csv-injection.txt");
        let payloads = std::fs::read_to_string(path).expect("the sample payloads");
        let mut count = 0;
        for payload in payloads.lines().filter(|line| !line.is_empty()) {
            let line = row(&payment(payload, payload), "Pacific/Honolulu", Language::English);
            let written = csv::field(payload);
            assert!(written.starts_with("\"'") || written.starts_with('\''), "{written}");
            assert_eq!(line.matches(&written).count(), 2, "{line}");
            count += 1;
        }
        assert!(count >= 5, "the sample has {count} payloads");
    }
}
