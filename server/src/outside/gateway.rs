//! The card and bank gateway, over its own JSON API. Every call has a time-out; an answer that cannot be read counts as
//! none.

use std::time::Duration;

use async_trait::async_trait;
use billing::{
    ids::{AttemptId, random},
    money::Money,
    payments::{
        Method,
        gateway::{
            Charge, ChargeState, Gateway, GatewayError, LineKind, Listed, OpenPage, SettlementLine,
            Unreadable,
        },
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// A gateway that speaks the wire format of `sandbox/README.md`.
pub struct HostedGateway {
    client: Client,
    url: String,
    key: SecretString,
    call: Duration,
    query: Duration,
}

impl HostedGateway {
    /// `call` bounds one call that may move money; a query gets a fifth of it.
    pub fn new(url: &str, key: SecretString, call: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(2).min(call))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let query = call.checked_div(5).unwrap_or(call);
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), key, call, query })
    }

    fn post(&self, path: &str, key: &str, body: &serde_json::Value) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.url))
            .timeout(self.call)
            .bearer_auth(self.key.expose_secret())
            .header("Idempotency-Key", key)
            .json(body)
    }

    /// Whether a page is of this gateway's own origin, written as browsers write it: payers are sent nowhere else (T22).
    fn is_own_page(&self, page: &str) -> bool {
        let (Ok(own), Ok(read)) = (Url::parse(&self.url), Url::parse(page)) else { return false };
        read.as_str() == page
            && read.origin() == own.origin()
            && read.origin().is_tuple()
            && read.username().is_empty()
            && read.password().is_none()
    }

    fn get(&self, path: &str, wait: Duration) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url)).timeout(wait).bearer_auth(self.key.expose_secret())
    }
}

#[async_trait]
impl Gateway for HostedGateway {
    async fn open_page(&self, page: &OpenPage) -> Result<String, GatewayError> {
        let method = match page.method {
            Method::Bank => "bank",
            Method::Card | Method::Check | Method::Cash => "card",
        };
        let body = serde_json::json!({
            "reference": page.reference, "amount": page.amount, "currency": "USD", "methods": [method],
            "return_url": page.return_url, "expires_at": page.expires_at, "description": page.description,
            "language": page.language,
        });
        // The same page in another language is another request.
        let key = format!("page-{}-{}", page.reference, page.language);
        let answer = self.post("/v1/pages", &key, &body).send().await;
        let opened: Opened = read(answer).await?;
        if !self.is_own_page(&opened.url) {
            return Err(GatewayError::NoAnswer("a page that is not the gateway's".to_owned()));
        }
        Ok(opened.url)
    }

    async fn find(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        let answer = self.get(&format!("/v1/charges/{reference}"), self.query).send().await;
        match read::<WireCharge>(answer).await {
            Ok(charge) => Ok(Some(charge.charge()?)),
            Err(GatewayError::Rejected(code)) if code == "not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn void(&self, reference: AttemptId) -> Result<Charge, GatewayError> {
        let path = format!("/v1/charges/{reference}/void");
        // Each asking is a new one: the answer to an earlier one may no longer be true. The reference keeps it single.
        let key = format!("void-{reference}-{}", hex::encode(random::<8>()));
        let answer = self.post(&path, &key, &serde_json::json!({})).send().await;
        read::<WireCharge>(answer).await?.charge()
    }

    async fn cancel(&self, reference: AttemptId) -> Result<Option<Charge>, GatewayError> {
        let path = format!("/v1/charges/{reference}/cancel");
        let answer = self.post(&path, &format!("cancel-{reference}"), &serde_json::json!({})).send().await;
        let fenced: Fenced = read(answer).await?;
        if !fenced.fenced {
            return Err(GatewayError::NoAnswer("the fence was not confirmed".to_owned()));
        }
        fenced.charge.map(WireCharge::charge).transpose()
    }

    async fn list(&self, after: i64) -> Result<(Vec<Listed>, i64), GatewayError> {
        let wait = self.call.saturating_mul(3);
        let answer = self.get(&format!("/v1/charges?after={after}&limit=500"), wait).send().await;
        let listing: Listing = read(answer).await?;
        let charges = listing.charges.into_iter().map(WireCharge::listed).collect::<Result<Vec<_>, _>>()?;
        Ok((charges, listing.next.unwrap_or(after)))
    }

    async fn settlements(&self, after: i64) -> Result<Vec<i64>, GatewayError> {
        let answer = self.get(&format!("/v1/settlements?after={after}"), self.call).send().await;
        let files: Files = read(answer).await?;
        Ok(files.files.into_iter().map(|file| file.number).collect())
    }

    async fn settlement(&self, number: i64) -> Result<Vec<Result<SettlementLine, Unreadable>>, GatewayError> {
        let wait = self.call.saturating_mul(3);
        let answer = self.get(&format!("/v1/settlements/{number}"), wait).send().await.map_err(no_answer)?;
        if !answer.status().is_success() {
            return Err(GatewayError::NoAnswer(answer.status().to_string()));
        }
        let text = answer.text().await.map_err(no_answer)?;
        settlement_lines(&text)
    }
}

#[derive(Deserialize)]
struct Opened {
    url: String,
}

#[derive(Deserialize)]
struct Fenced {
    fenced: bool,
    charge: Option<WireCharge>,
}

#[derive(Deserialize)]
struct Listing {
    charges: Vec<WireCharge>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Files {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    number: i64,
}

#[derive(Deserialize)]
struct WireCharge {
    reference: String,
    state: String,
    amount: Money,
    currency: String,
    sequence: i64,
    method: Option<String>,
    brand: Option<String>,
    last4: Option<String>,
    decline: Option<String>,
    return_code: Option<String>,
    captured_at: Option<DateTime<Utc>>,
    settled_on: Option<NaiveDate>,
}

/// References of ours have 36 letters; a foreign one is kept as far as this.
const LONGEST_REFERENCE: usize = 100;

impl WireCharge {
    fn state(&self) -> Result<ChargeState, GatewayError> {
        match self.state.as_str() {
            "open" => Ok(ChargeState::Open),
            "action" => Ok(ChargeState::Action),
            "authorised" => Ok(ChargeState::Authorised),
            "captured" => Ok(ChargeState::Captured),
            "processing" => Ok(ChargeState::Processing),
            "settled" => Ok(ChargeState::Settled),
            "declined" => Ok(ChargeState::Declined),
            "voided" => Ok(ChargeState::Voided),
            "cancelled" => Ok(ChargeState::Cancelled),
            "expired" => Ok(ChargeState::Expired),
            "returned" => Ok(ChargeState::Returned),
            _ => Err(GatewayError::NoAnswer("a state we do not know".to_owned())),
        }
    }

    /// In the list the reference is anyone's.
    fn listed(self) -> Result<Listed, GatewayError> {
        Ok(Listed {
            state: self.state()?,
            reference: self.reference.chars().take(LONGEST_REFERENCE).collect(),
            amount: self.amount,
            currency: self.currency,
            sequence: self.sequence,
        })
    }

    fn charge(self) -> Result<Charge, GatewayError> {
        let state = self.state()?;
        let digits = |text: &String| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Charge {
            reference: self
                .reference
                .parse()
                .map_err(|_| GatewayError::NoAnswer("a reference that is not ours".to_owned()))?,
            state,
            amount: self.amount,
            currency: self.currency,
            sequence: self.sequence,
            method: self.method.as_deref().and_then(|method| match method {
                "card" => Some(Method::Card),
                "bank" => Some(Method::Bank),
                _ => None,
            }),
            brand: self.brand.map(|brand| brand.chars().take(20).collect()),
            last4: self.last4.filter(digits),
            decline: self.decline,
            return_code: self.return_code,
            captured_at: self.captured_at,
            settled_on: self.settled_on,
        })
    }
}

#[derive(Deserialize)]
struct WireError {
    error: WireErrorBody,
}

#[derive(Deserialize)]
struct WireErrorBody {
    code: String,
}

/// Reads an answer. Only a well-formed 4xx is a definite no; everything else is silence.
async fn read<T: serde::de::DeserializeOwned>(
    answer: Result<reqwest::Response, reqwest::Error>,
) -> Result<T, GatewayError> {
    let answer = answer.map_err(no_answer)?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(no_answer)?;
    if status.is_success() {
        return serde_json::from_slice(&body)
            .map_err(|_| GatewayError::NoAnswer("an answer that cannot be read".to_owned()));
    }
    let code = serde_json::from_slice::<WireError>(&body).map(|wire| wire.error.code);
    match (status, code.as_deref()) {
        (StatusCode::CONFLICT, Ok("fenced")) => Err(GatewayError::Fenced),
        (StatusCode::CONFLICT, Ok("too_late")) => Err(GatewayError::TooLate),
        (status, Ok(code)) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
            Err(GatewayError::Rejected(code.to_owned()))
        }
        _ => Err(GatewayError::NoAnswer(status.to_string())),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn no_answer(error: reqwest::Error) -> GatewayError {
    let kind = if error.is_timeout() {
        "time-out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "a cut line"
    };
    GatewayError::NoAnswer(kind.to_owned())
}

const HEADING: &str = "line,kind,reference,gross,fee,net,settled_on,return_code";

/// The lines of a file. What is no such file, or is cut off before its end, is no answer.
fn settlement_lines(text: &str) -> Result<Vec<Result<SettlementLine, Unreadable>>, GatewayError> {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some(HEADING) || !text.ends_with('\n') {
        return Err(GatewayError::NoAnswer("a settlement file that is not whole".to_owned()));
    }
    Ok((1..)
        .zip(lines)
        .filter(|(_, line)| !line.is_empty())
        .map(|(at, line)| settlement_line(at, line))
        .collect())
}

/// One line; `at` is its place, where its number cannot be read.
fn settlement_line(at: i32, text: &str) -> Result<SettlementLine, Unreadable> {
    let mut fields = text.split(',').map(str::trim);
    let line = fields.next().and_then(|field| field.parse().ok());
    let unreadable = |what| Unreadable { line: line.unwrap_or(at), what };
    let line = line.ok_or_else(|| unreadable("number"))?;
    let kind = fields.next().and_then(LineKind::read).ok_or_else(|| unreadable("kind"))?;
    let reference =
        fields.next().ok_or_else(|| unreadable("reference"))?.chars().take(LONGEST_REFERENCE).collect();
    let mut amount =
        |what| fields.next().and_then(|field| Money::read(field).ok()).ok_or_else(|| unreadable(what));
    let (gross, fee, net) = (amount("gross")?, amount("fee")?, amount("net")?);
    let settled_on = fields.next().and_then(|field| field.parse().ok()).ok_or_else(|| unreadable("date"))?;
    let return_code = fields.next().filter(|code| !code.is_empty()).map(str::to_owned);
    Ok(SettlementLine { line, kind, reference, gross, fee, net, settled_on, return_code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settlement_line_is_read_whole_or_not_at_all() {
        let line = settlement_line(1, "3,return,0196-x,-85.40,0.00,-85.40,2027-01-07,R01").unwrap();
        assert_eq!(line.net, Money::from_cents(-8540));
        assert_eq!(line.return_code.as_deref(), Some("R01"));
        let what = |text| settlement_line(7, text).map_err(|unreadable| (unreadable.line, unreadable.what));
        assert_eq!(what("3,charge,0196-x,85.4,0.25,85.15,2027-01-07"), Err((3, "gross")));
        assert_eq!(what("3,payout,0196-x,85.40,0.25,85.15,2027-01-07"), Err((3, "kind")));
        assert_eq!(what("3,charge,0196-x,85.40,0.25,85.15,soon"), Err((3, "date")));
        assert_eq!(what("3"), Err((3, "kind")));
        assert_eq!(what(""), Err((7, "number")));
    }

    #[test]
    fn a_bad_line_costs_itself_and_a_cut_file_is_no_answer() {
        let good = "1,charge,0196-x,85.40,0.25,85.15,2027-01-07,\n";
        let file = format!("{HEADING}\n{good}2,payout,0196-y,1.00,0.00,1.00,2027-01-07,\n3{}", &good[1..]);
        let lines = settlement_lines(&file).unwrap();
        assert_eq!(lines.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert!(settlement_lines(&file[..file.len() - 9]).is_err());
        assert!(settlement_lines("").is_err());
        assert!(settlement_lines("<html>\n</html>\n").is_err());
    }

    #[test]
    fn the_list_keeps_references_that_are_not_ours() {
        let listing: Listing = serde_json::from_str(
            r#"{"charges": [{"reference": "somebody-else", "state": "captured", "amount": "5.00", "currency": "USD",
                "sequence": 3}], "next": 9}"#,
        )
        .unwrap();
        let charge = listing.charges.into_iter().next().unwrap();
        let listed = charge.listed().unwrap();
        assert_eq!((listed.reference.as_str(), listed.amount), ("somebody-else", Money::from_cents(500)));
    }
}
