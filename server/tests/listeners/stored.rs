//! Text that would be more than text (abuse case 18): stored by every channel that can store any, shown on every page, in
//! the file and in mail, and never anything but text there.

use axum::http::StatusCode;
use billing::{
    ids::{AttemptId, BillId, PaymentId},
    money::Money,
    payments::{Method, PayBill},
    testing::people::{Browser, PASSWORD},
};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;

use crate::desk::{Answer, Cookie, Portal, encoded};

/// In every payload, and nowhere in what we write.
const MARK: &str = "pwn";

/// `payloads.json`, which the journeys store and look at in a browser, too.
#[derive(Deserialize)]
struct Payloads {
    markup: Vec<String>,
    /// What ends the place a text stands in, before each of them.
    ends: Vec<String>,
    templates: Vec<String>,
    /// What a spreadsheet may run, behind every sign it takes for a beginning.
    signs: Vec<String>,
    formulas: Vec<String>,
    headers: Vec<String>,
}

fn payloads() -> Vec<String> {
    let parts: Payloads = serde_json::from_str(include_str!("payloads.json")).expect("a list");
    let each = |befores: &[String], afters: &[String]| -> Vec<String> {
        afters.iter().flat_map(|after| befores.iter().map(move |before| format!("{before}{after}"))).collect()
    };
    let mut all = each(&parts.ends, &parts.markup);
    all.extend(each(&parts.signs, &parts.formulas));
    all.extend(parts.templates);
    all.extend(parts.headers);
    all
}

/// A page as a browser's tokenizer reads it: what it says, and what is wrong with it.
#[derive(Default)]
struct Read {
    /// Text and the values of attributes.
    said: Vec<String>,
    wrong: Vec<String>,
}

/// Where an address may lead.
const LEADS: [&str; 8] =
    ["/", "#", "?", "tel:", "mailto:", "http://localhost:3000/", "https://pay.example/", "https://healthy."];

impl Read {
    fn page(html: &str) -> Self {
        let mut read = Self::default();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, from) = rest.split_at(at);
            read.said.push(decoded(text));
            rest = read.tag(from);
        }
        read.said.push(decoded(rest));
        read
    }

    /// Reads what begins with `<`; gives what follows it.
    fn tag<'a>(&mut self, from: &'a str) -> &'a str {
        if let Some(comment) = from.strip_prefix("<!--") {
            let (inside, rest) = comment.split_once("-->").unwrap_or((comment, ""));
            self.holds_no_mark("a comment", inside);
            return rest;
        }
        let name: String =
            from[1..].chars().take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/')).collect();
        let closing = from.starts_with("</");
        if !closing && !name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?')) {
            self.said.push("<".to_owned());
            return &from[1..];
        }
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '!' | '/');
        if name.contains(MARK) || !name.chars().all(known) {
            self.wrong.push(format!("a tag: {name}"));
        }
        let mut rest =
            self.attributes(from[1..].trim_start_matches('/').get(name.len()..).unwrap_or_default());
        let name = name.to_ascii_lowercase();
        if !closing && ["script", "style", "title", "textarea"].contains(&name.as_str()) {
            let end = rest.to_ascii_lowercase().find(&format!("</{name}")).unwrap_or(rest.len());
            let (inside, after) = rest.split_at(end);
            if ["script", "style"].contains(&name.as_str()) {
                self.holds_no_mark(&name, inside);
            } else {
                self.said.push(decoded(inside));
            }
            rest = after;
        }
        rest
    }

    /// Reads attributes up to the end of their tag.
    fn attributes<'a>(&mut self, mut rest: &'a str) -> &'a str {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return rest;
            }
            if let Some(after) = rest.strip_prefix('>') {
                return after;
            }
            let end =
                rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end.max(1));
            let name = name.to_ascii_lowercase();
            rest = after.trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                (value, rest) = match after.chars().next() {
                    Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    _ => after
                        .split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
                };
            }
            let value = decoded(value);
            if name.contains(MARK) || name.starts_with("on") || name == "style" || name == "srcdoc" {
                self.wrong.push(format!("an attribute: {name}={value}"));
            }
            if ["href", "src", "action", "formaction", "xlink:href", "poster"].contains(&name.as_str()) {
                let leads = value.is_empty() || LEADS.iter().any(|lead| value.starts_with(lead));
                if !leads || value.starts_with("//") || value.starts_with("/\\") || value.contains(MARK) {
                    self.wrong.push(format!("an address: {name}={value}"));
                }
            }
            self.said.push(value);
        }
    }

    fn holds_no_mark(&mut self, place: &str, inside: &str) {
        if inside.contains(MARK) {
            self.wrong.push(format!("{place}: {inside}"));
        }
    }

    /// Whether it says this, white space and what is not seen aside.
    fn says(&self, text: &str) -> bool {
        let text = folded(text);
        self.said.iter().any(|said| folded(said).contains(&text))
    }
}

fn decoded(text: &str) -> String {
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'")]
        .into_iter()
        .fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    text.replace("&amp;", "&")
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{feff}' | '\u{2068}' | '\u{2069}')
        })
        .collect()
}

/// A page of ours with nothing on it but text.
fn sound(answer: &Answer, what: &str) -> Read {
    assert!(!answer.status.is_server_error(), "{what}: {}", answer.status);
    for (name, value) in &answer.headers {
        assert!(!value.to_str().unwrap_or_default().contains(MARK), "{what}: {name}: {value:?}");
    }
    let read = Read::page(&answer.body);
    assert!(read.wrong.is_empty(), "{what}: {:?}", read.wrong);
    read
}

/// The cells of a file, quotes taken off (RFC 4180).
fn cells(file: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut signs = file.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

fn runs(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '\u{ff1d}', '\u{feff}'])
        || cell.trim_start().starts_with(['=', '+', '-', '@'])
}

fn patient(given: &str, family: &str) -> serde_json::Value {
    json!({
        "resourceType": "Patient", "id": "p", "name": [{ "given": [given], "family": family }],
        "birthDate": "1980-02-29", "telecom": [{ "system": "email", "value": "paul@example.test" }],
    })
}

/// A bill whose provider and services are named like this.
fn eob(number: usize, provider: &str, services: [&str; 2]) -> serde_json::Value {
    let item = |sequence: usize, service: &str| {
        json!({
            "sequence": sequence, "productOrService": { "text": service },
            "adjudication": [
                { "category": { "coding": [{ "code": "line_sbmtd_chrg_amt" }] }, "amount": { "value": 50, "currency": "USD" } },
                { "category": { "coding": [{ "code": "line_coinsrnc_amt" }] }, "amount": { "value": 20, "currency": "USD" } },
            ],
        })
    };
    json!({
        "resourceType": "ExplanationOfBenefit", "id": format!("e{number}"), "status": "active", "use": "claim",
        "type": { "coding": [{ "code": "professional" }] }, "patient": { "reference": "Patient/p" },
        "provider": { "display": provider }, "billablePeriod": { "start": "2027-01-03", "end": "2027-01-03" },
        "item": [item(1, services[0]), item(2, services[1])],
    })
}

#[test]
fn the_reader_of_pages_sees_what_runs() {
    for page in [
        "<p><script>pwn()</script>",
        "<p title=\"\"><img src=x onerror=pwn()>",
        "<p pwn>",
        "<a href=\"javascript:x\">",
        "<a href=\"//evil.example\">",
        "<title></title><script>pwn()</script></title>",
        "<!-- pwn -->",
        "<pwn",
        "<p style=\"x\">",
    ] {
        assert!(!Read::page(page).wrong.is_empty(), "{page}");
    }
    let read =
        Read::page("<p class=\"x\">&lt;script&gt;pwn()&lt;/script&gt;<input value=\"&quot;&gt;pwn\"></p>");
    assert!(read.wrong.is_empty(), "{:?}", read.wrong);
    assert!(read.says("<script>pwn()</script>") && read.says("\">pwn"));
    assert!(cells("a,\"=1\",'=1\r\n\t=2").iter().filter(|cell| runs(cell)).count() == 2);
}

#[sqlx::test(migrator = "billing::MIGRATOR")]
async fn whatever_is_stored_is_shown_as_text(pool: PgPool) {
    let portal = Portal::open(pool).await;
    let payloads = payloads();
    assert!(payloads.len() >= 300 && payloads.iter().all(|text| text.contains(MARK)), "{}", payloads.len());
    let owner = portal.plan.owner().clone();
    let load = async |lines: Vec<serde_json::Value>| {
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        portal.plan.job().load_fhir("set/stored.ndjson", text.join("\n"), "NCA").await.expect("a load")
    };

    // By the files: services and providers, and a person who registers by the real way.
    let mut lines = vec![patient("Paul", "Test")];
    lines.extend(payloads.chunks(2).enumerate().map(|(number, two)| {
        let (one, other) = (two[0].as_str(), two[two.len() - 1].as_str());
        eob(number, one, [one, other])
    }));
    let loaded = load(lines).await;
    assert_eq!((loaded.new_bills, loaded.refused.len()), (payloads.len().div_ceil(2), 0), "{loaded:?}");
    let mrn: String = sqlx::query_scalar("SELECT mrn FROM member").fetch_one(&owner).await.expect("a number");
    let fields = [("mrn", mrn.as_str()), ("birth_date", "02/29/1980")];
    let asked = portal.post("/api/register", &Cookie::default(), &fields).await;
    portal.plan.job().tell_due().await.expect("mail");
    let code = portal.post.code_to("paul@example.test");
    let sent = asked.location().split_once("sent=").expect("an id").1;
    let fields = [("sent", sent), ("code", &code), ("password", PASSWORD)];
    let answer = portal.post("/api/register-finish", &asked.session().expect("a visit"), &fields).await;
    let cookie = answer.session().expect("signed in");

    let bills: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("SELECT bill_id, provider FROM bill ORDER BY length(source_id), source_id")
            .fetch_all(&owner)
            .await
            .expect("bills");
    let mut shown = 0;
    for (two, (bill, _)) in payloads.chunks(2).zip(&bills) {
        let read = sound(&portal.get(&format!("/bills/{bill}"), &cookie).await, &two[0]);
        for text in two {
            assert!(read.says(text), "{text} is not shown as it is: {:?}", read.said);
            shown += 1;
        }
    }
    for (bill, _) in bills.iter().step_by(9) {
        for path in [
            format!("/explain/line/{bill}:1"),
            format!("/explain/bill-due/{bill}"),
            format!("/bills/{bill}/pay"),
        ] {
            sound(&portal.get(&path, &cookie).await, &path);
        }
    }
    let mut next = Some("/bills".to_owned());
    while let Some(path) = next {
        let answer = portal.get(&path, &cookie).await;
        sound(&answer, &path);
        next = answer
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split_once('"'))
            .map(|(href, _)| href.replace("&amp;", "&"))
            .find(|href| href.contains("after="));
    }

    // Names, as the next files have them.
    for (number, some) in payloads.chunks(6).enumerate() {
        let (given, family) = some.split_at(some.len() / 2);
        load(vec![patient(&given.join(" "), &family.join(" "))]).await;
        let read = sound(&portal.get("/profile", &cookie).await, &some[0]);
        for text in some {
            assert!(read.says(text), "{text} is not shown as it is: {:?}", read.said);
        }
        if number % 4 == 0 {
            sound(&portal.get("/", &cookie).await, &some[0]);
        }
    }

    // What the gateway says of a payment; in the file, too, and in the receipt's mail.
    let visit = portal.plan.sits(&mrn).await;
    let member = portal.plan.billing.member(&visit).expect("signed in");
    let pay = async |bill: uuid::Uuid, amount: &str| {
        let order = PayBill {
            payment_id: PaymentId::mint(),
            bill_id: BillId(bill),
            bill_version: 1,
            amount: Money::read(amount).expect("an amount"),
            method: Method::Card,
        };
        member.pay(order.clone()).await.expect("ordered");
        member.confirm(order.payment_id, false).await.expect("confirmed");
        let attempt: uuid::Uuid =
            sqlx::query_scalar("SELECT attempt_id FROM payment_attempt WHERE payment_id = $1")
                .bind(order.payment_id.0)
                .fetch_one(&owner)
                .await
                .expect("an attempt");
        (order.payment_id, AttemptId(attempt))
    };
    let (paid, attempt) = pay(bills[0].0, "1.00").await;
    portal.plan.gateway.person_pays(attempt);
    member.check_again(paid).await.expect("asked");
    let (declined, attempt) = pay(bills[1].0, "2.00").await;
    portal.plan.gateway.person_is_declined(attempt, "insufficient");
    member.check_again(declined).await.expect("asked");
    portal.plan.job().tell_due().await.expect("mail");
    let mut files = 0;
    for (number, two) in payloads.chunks(2).enumerate() {
        let (text, other) = (&two[0], &two[two.len() - 1]);
        sqlx::query(
            "UPDATE payment_attempt SET brand = $1, decline = CASE WHEN state = 'declined' THEN $1 END",
        )
        .bind(text)
        .execute(&owner)
        .await
        .expect("stored");
        sqlx::query("UPDATE bill SET number = $1 WHERE bill_id = $2")
            .bind(other)
            .bind(bills[0].0)
            .execute(&owner)
            .await
            .expect("stored");
        let file = portal.get("/payments.csv", &cookie).await;
        assert_eq!(file.status, StatusCode::OK);
        let cells = cells(&file.body);
        assert!(cells.iter().filter(|cell| cell.contains(MARK)).count() >= 2, "{text}: {}", file.body);
        for cell in &cells {
            assert!(!runs(cell), "{text}: a spreadsheet could run {cell}");
        }
        files += two.len();
        if number % 4 == 0 {
            for path in [format!("/payments/{paid}"), format!("/payments/{declined}"), "/payments".to_owned()]
            {
                sound(&portal.get(&path, &cookie).await, text);
            }
        }
    }

    // A mail for each kind of payload: to whom it is meant, under our own subject, and nothing but text in it.
    let mut mails = 0;
    for text in payloads.iter().step_by(13) {
        let (paid, attempt) = pay(bills[3 + mails].0, &format!("3.{:02}", 10 + mails)).await;
        portal.plan.gateway.person_pays(attempt);
        member.check_again(paid).await.expect("asked");
        sqlx::query("UPDATE payment_attempt SET brand = $1 WHERE attempt_id = $2")
            .bind(text)
            .bind(attempt.0)
            .execute(&owner)
            .await
            .expect("stored");
        let before = portal.post.arrived().len();
        portal.plan.job().tell_due().await.expect("mail");
        let mail = portal.post.last_to("paul@example.test");
        assert_eq!(portal.post.arrived().len(), before + 1, "{text}");
        assert!(!mail.subject.contains(MARK) && !mail.subject.contains(['\r', '\n']), "{}", mail.subject);
        let read = Read::page(&mail.html);
        assert!(read.wrong.is_empty(), "{text}: {:?}", read.wrong);
        mails += 1;
    }

    // Forms that were not taken, and words in addresses.
    let bill = bills[2].0.to_string();
    let nobody = Cookie::of(Browser::open(&portal.plan.billing).await.key);
    for (number, text) in payloads.iter().enumerate() {
        if number % 24 == 0 {
            // So many forms about money a minute.
            portal.plan.passes(chrono::TimeDelta::minutes(1));
        }
        let id = PaymentId::mint().to_string();
        let (path, cookie, fields) = match number % 3 {
            0 => (
                "/api/pay",
                &cookie,
                vec![
                    ("payment_id", id.as_str()),
                    ("bill_id", &bill),
                    ("bill_version", "1"),
                    ("amount", text),
                    ("method", "card"),
                ],
            ),
            1 => ("/api/register", &nobody, vec![("mrn", text.as_str()), ("birth_date", text)]),
            _ => ("/api/sign-in", &nobody, vec![("email", text.as_str()), ("password", "")]),
        };
        let refused = portal.post(path, cookie, &fields).await;
        assert!(refused.location().contains("again="), "{path} {text}: {refused:?}");
        let read = sound(&portal.get(refused.location(), cookie).await, text);
        assert!(read.says(text), "{text} did not come back: {:?}", read.said);
        if number % 2 == 0 {
            continue;
        }
        let asked = encoded(&[("from", text), ("to", text), ("kind", text), ("next", text), ("kept", text)]);
        let path = ["/payments", "/bills", "/sign-in", "/reset"][number / 2 % 4];
        sound(&portal.get(&format!("{path}?{asked}"), cookie).await, text);
    }
    println!(
        "{} payloads: {shown} stored by files, {files} in spreadsheets, {mails} in mails, all of them text",
        payloads.len()
    );
}
