//! Members with bills to pay: loaded from a FHIR file made for them, and registered through the pages like anybody.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::Row as _;
use uuid::Uuid;

use super::browser::{Browser, Cut};
use super::{Answer, Stack, Told};

/// A member at a browser, signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) browser: Browser,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) bills: Vec<Uuid>,
    /// Cents of the next payment: each amount of a person is another, or it would look alike.
    next: u32,
}

/// Fields of the gateway's page, by name.
pub(crate) type Details = BTreeMap<String, String>;

/// A test card.
pub(crate) fn card(number: &str) -> Details {
    [("card_number", number), ("expiry", "12/39"), ("cvc", "123"), ("name", "Ana Test")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// So many members with so many bills of $2,000.00 each, registered and signed in.
pub(crate) async fn household(stack: &Stack, members: usize, bills: usize) -> Vec<Person> {
    let file = stack.file("household.json");
    std::fs::write(&file, serde_json::to_vec(&bundle(members, bills)).unwrap()).unwrap();
    stack.portal(&["load", "fhir", "--region", "NCA", file.to_str().unwrap()]);

    let owner = stack.owner().await;
    let rows = sqlx::query(
        "SELECT m.mrn, m.email, array_agg(b.bill_id ORDER BY b.number) AS bills
           FROM member m JOIN bill b USING (member_id) GROUP BY 1, 2 ORDER BY 2",
    );
    let rows = rows.fetch_all(&owner).await.unwrap();
    owner.close().await;
    let mut people: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let person = Person {
                browser: Browser::new(&stack.origin, &stack.doors, number),
                email: row.get("email"),
                password: format!("plum-kettle-{number}-orbit-lantern"),
                bills: row.get("bills"),
                next: 0,
            };
            (person, row.get::<String, _>("mrn"))
        })
        .collect();
    assert_eq!(people.len(), members);

    // Each step for everybody, so that their mail goes out in one go.
    let mut asked = Vec::new();
    for (person, mrn) in &mut people {
        asked.push(person.ask_for_code(mrn).await);
    }
    stack.portal(&["work", "--once"]);
    for ((person, _), finish) in people.iter_mut().zip(asked) {
        let code = code_mailed_to(stack, &person.email).await;
        person.register(&finish, &code).await;
    }
    people.into_iter().map(|(person, _)| person).collect()
}

fn bundle(members: usize, bills: usize) -> Value {
    let mut entries = Vec::new();
    for member in 0..members {
        entries.push(json!({ "resource": {
            "resourceType": "Patient", "id": format!("m{member}"), "birthDate": "1980-04-12",
            "name": [{ "given": ["Ana"], "family": format!("Test{member}") }],
            "telecom": [{ "system": "email", "value": format!("ana{member:04}@example.org") }],
        }}));
        for bill in 0..bills {
            entries.push(json!({ "resource": {
                "resourceType": "ExplanationOfBenefit", "id": format!("m{member}b{bill}"), "status": "active",
                "use": "claim", "type": { "coding": [{ "code": "professional" }] },
                "patient": { "reference": format!("Patient/m{member}") },
                "billablePeriod": { "start": "2026-05-01", "end": "2026-05-01" },
                "item": [{
                    "sequence": 1, "productOrService": { "text": "Office visit" },
                    "adjudication": [
                        { "category": { "coding": [{ "code": "submitted" }] },
                          "amount": { "value": 2500, "currency": "USD" } },
                        { "category": { "coding": [{ "code": "copay" }] },
                          "amount": { "value": 2000, "currency": "USD" } },
                    ],
                }],
            }}));
        }
    }
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

/// Eight digits in the newest mail.
async fn code_mailed_to(stack: &Stack, email: &str) -> String {
    let mail = stack.mail_to(email).await;
    let text = mail.first().and_then(|mail| mail["text"].as_str()).unwrap_or_default().to_owned();
    let digits: String = text.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect();
    let words: Vec<_> = digits.split_whitespace().collect();
    let whole = words.iter().find(|word| word.len() == 8).map(ToString::to_string);
    let halves = || words.windows(2).find(|pair| pair.iter().all(|half| half.len() == 4)).map(<[_]>::concat);
    whole.or_else(halves).unwrap_or_else(|| panic!("no code was mailed to {email}: {text:?}"))
}

pub(crate) fn fields<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

impl Person {
    /// Gives where the code has to be typed.
    async fn ask_for_code(&mut self, mrn: &str) -> String {
        let form = fields([("mrn", mrn), ("birth_date", "04/12/1980")]);
        let asked = self.browser.post("/api/register", &form).await.unwrap();
        let finish = asked.location.clone().filter(|to| to.starts_with("/register/finish"));
        finish.unwrap_or_else(|| panic!("no code was asked for: {asked}"))
    }

    async fn register(&mut self, finish: &str, code: &str) {
        let page = self.browser.get(finish).await.unwrap();
        let mut form = page.form("/api/register-finish").unwrap_or_else(|| panic!("no form: {page}"));
        form.extend(fields([("code", code), ("password", &self.password)]));
        let registered = self.browser.post("/api/register-finish", &form).await.unwrap();
        assert_eq!(registered.location.as_deref(), Some("/"), "not registered: {registered}");
    }

    /// The form of a bill, filled in with an amount not used before.
    pub(crate) async fn fill_in(&mut self, bill: Uuid, method: &str) -> Result<Option<Order>, Cut> {
        let page = self.browser.get(&format!("/bills/{bill}/pay")).await?;
        let Some(mut form) = page.form("/api/pay") else { return Ok(None) };
        self.next += 1;
        let amount = format!("{}.{:02}", 1 + self.next / 100, self.next % 100);
        form.extend(fields([("amount", &amount), ("method", method)]));
        let payment = form["payment_id"].parse().unwrap();
        Ok(Some(Order { payment, form }))
    }

    /// The form of the same bill in another tab, with the same amount typed.
    pub(crate) async fn same_again(&mut self, order: &Order) -> Order {
        let bill = order.form["bill_id"].parse().unwrap();
        let mut other = self.fill_in(bill, &order.form["method"]).await.unwrap().unwrap();
        other.form.insert("amount".to_owned(), order.form["amount"].clone());
        assert_ne!(other.payment, order.payment);
        other
    }

    /// An order that was sent to the gateway, and the page it leads to there; filled in anew where the bill changed under
    /// the form.
    pub(crate) async fn order_and_confirm(&mut self, bill: Uuid, method: &str) -> (Order, String) {
        for _ in 0..20 {
            let order = self.fill_in(bill, method).await.unwrap().unwrap();
            self.browser.post("/api/pay", &order.form).await.unwrap();
            let sent = self.confirm(order.payment).await.unwrap();
            if sent.is_trouble() {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            if let Some(url) = sent.location.filter(|to| self.browser.path_of(to).is_none()) {
                return (order, url);
            }
        }
        panic!("no order for {bill} was taken");
    }

    /// What the page of a payment says now.
    pub(crate) async fn look(&mut self, payment: Uuid) -> Result<Answer, Cut> {
        self.browser.get(&format!("/payments/{payment}")).await
    }

    pub(crate) async fn confirm(&mut self, payment: Uuid) -> Result<Answer, Cut> {
        self.browser.post("/api/pay/confirm", &fields([("payment_id", &payment.to_string())])).await
    }

    /// Goes on with a payment from wherever it stands, through crashes, until its page says how it ended. Whatever a page
    /// says on the way is handed to `hear`.
    pub(crate) async fn see_through(
        &mut self,
        order: &Order,
        details: &Details,
        within: Duration,
        hear: &mut impl FnMut(Told),
    ) -> Option<Told> {
        let start = Instant::now();
        while start.elapsed() < within {
            match self.step(order, details, hear).await {
                Ok(Some(end)) => return Some(end),
                Ok(None) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        None
    }

    /// One look, and the one button that helps.
    async fn step(
        &mut self,
        order: &Order,
        details: &Details,
        hear: &mut impl FnMut(Told),
    ) -> Result<Option<Told>, Cut> {
        let page = self.look(order.payment).await?;
        if page.status == 404 {
            // The order never arrived: the same form, sent once more.
            self.browser.post("/api/pay", &order.form).await?;
            return Ok(None);
        }
        if page.is_trouble() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            return Ok(None);
        }
        let told = page.told().unwrap_or_else(|| panic!("an unknown page of a payment: {page}"));
        hear(told);
        let leads = match told {
            Told::Check => self.confirm(order.payment).await?,
            Told::AtGateway => {
                let form = fields([("payment_id", &order.payment.to_string())]);
                self.browser.post("/api/pay/continue", &form).await?
            }
            Told::Confirming => {
                tokio::time::sleep(Duration::from_millis(150)).await;
                return Ok(None);
            }
            end => return Ok(Some(end)),
        };
        if let Some(url) = leads.location.filter(|to| self.browser.path_of(to).is_none()) {
            self.browser.pay_at_gateway(&url, details).await?;
            // As a person who came back: ask, and the page says what was learnt.
            self.browser
                .post("/api/pay/check", &fields([("payment_id", &order.payment.to_string())]))
                .await?;
        }
        Ok(None)
    }
}

/// A form to pay, filled in.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) payment: Uuid,
    pub(crate) form: BTreeMap<String, String>,
}
