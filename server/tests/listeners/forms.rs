//! Every form of the member listener as people send it: right in every field, each from a browser of its own, so that
//! all of them can be taken one after the other.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use billing::{
    ids::PaymentId,
    testing::people::{Browser, PASSWORD},
};
use server::table::{Listener, TABLE};

use crate::desk::{Answer, Cookie, Portal};

const NEW_PASSWORD: &str = "copper lantern on the 9th pier";

/// A form, ready to be sent.
pub struct Form {
    pub path: &'static str,
    pub cookie: Cookie,
    pub fields: Vec<(&'static str, String)>,
}

impl Form {
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// The same with another value in one field.
    pub fn with<'a>(&'a self, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
        let swap = |(known, old)| (known, if known == name { value } else { old });
        self.pairs().into_iter().map(swap).collect()
    }

    pub async fn send(&self, portal: &Portal) -> Answer {
        portal.post(self.path, &self.cookie, &self.pairs()).await
    }
}

/// One of each, held against the table: a new form or field is missing here until it is added.
pub async fn forms(portal: &Portal) -> Vec<Form> {
    let ana = portal.person("Ana").await;
    let opened = async || Cookie::of(Browser::open(&portal.plan.billing).await.key);
    let signed_in = async || {
        let fields = [("email", ana.email.as_str()), ("password", PASSWORD)];
        portal.post("/api/sign-in", &Cookie::default(), &fields).await.session().expect("signed in")
    };
    let form = |path, cookie: &Cookie, fields: &[(&'static str, &str)]| Form {
        path,
        cookie: cookie.clone(),
        fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    let sent_of = |answer: &Answer| answer.location().split_once("sent=").expect("an id").1.to_owned();
    let cookie = Cookie::of(ana.browser.key);
    let mut forms = Vec::new();

    let unpaid = ana.member.owes("120.00").await.pay("20.00");
    let (fresh, bill) = (PaymentId::mint().to_string(), unpaid.bill_id.to_string());
    forms.push(form(
        "/api/pay",
        &cookie,
        &[
            ("payment_id", &fresh),
            ("bill_id", &bill),
            ("bill_version", &unpaid.bill_version.to_string()),
            ("amount", "20.00"),
            ("method", "card"),
        ],
    ));
    let ordered = ana.member.owes("130.00").await.pay("21.00");
    ana.member.orders(&ordered).await.expect("an order");
    forms.push(form(
        "/api/pay/confirm",
        &cookie,
        &[("payment_id", &ordered.payment_id.to_string()), ("again", "yes")],
    ));
    for (path, amount) in
        [("/api/pay/continue", "22.00"), ("/api/pay/check", "23.00"), ("/api/pay/cancel", "24.00")]
    {
        let order = ana.member.owes("140.00").await.pay(amount);
        ana.member.starts(&order).await;
        forms.push(form(path, &cookie, &[("payment_id", &order.payment_id.to_string())]));
    }

    forms.push(form("/api/language", &cookie, &[("language", "es"), ("back", "/bills")]));
    let fields = [("email", ana.email.as_str()), ("password", PASSWORD), ("next", "/bills"), ("kept", "")];
    forms.push(form("/api/sign-in", &opened().await, &fields));

    let (dee, eli) = (portal.plan.member("Dee").await, portal.plan.member("Eli").await);
    let (dee, eli) = (dee.scope().profile().await.expect("Dee"), eli.scope().profile().await.expect("Eli"));
    let fields = [("mrn", dee.mrn.as_str()), ("birth_date", "02/29/1980")];
    forms.push(form("/api/register", &opened().await, &fields));
    let browser = opened().await;
    let fields = [("mrn", eli.mrn.as_str()), ("birth_date", "02/29/1980")];
    let sent = sent_of(&portal.post("/api/register", &browser, &fields).await);
    portal.plan.job().tell_due().await.expect("mail");
    let code = portal.post.code_to(eli.email.as_deref().expect("an address"));
    let fields = [("sent", sent.as_str()), ("code", &code), ("password", PASSWORD)];
    forms.push(form("/api/register-finish", &browser, &fields));

    forms.push(form("/api/sign-out", &signed_in().await, &[]));
    forms.push(form("/api/reset", &opened().await, &[("email", &ana.email)]));
    let (browser, visit) = {
        let browser = Browser::open(&portal.plan.billing).await;
        (Cookie::of(browser.key), browser.visit)
    };
    let sent = sent_of(&portal.post("/api/reset", &browser, &[("email", &ana.email)]).await);
    let door = portal.plan.billing.door(Some(&visit));
    let code = door.shown_code(sent.parse().expect("an id")).await.expect("asked").expect("a code");
    portal.plan.job().tell_due().await.expect("mail");
    let token = portal.post.token_to(&ana.email);
    // After these two nobody of Ana's is signed in any more.
    forms.push(form("/api/sign-out-everywhere", &signed_in().await, &[]));
    let fields = [("token", token.as_str()), ("code", &code), ("password", NEW_PASSWORD)];
    forms.push(form("/api/reset-finish", &browser, &fields));

    let made: BTreeSet<(String, BTreeSet<String>)> = forms
        .iter()
        .map(|form| (form.path.to_owned(), form.fields.iter().map(|(name, _)| (*name).to_owned()).collect()))
        .collect();
    let known: BTreeSet<(String, BTreeSet<String>)> = TABLE
        .as_ref()
        .expect("a table that can be read")
        .iter()
        .filter(|row| row.listener == Listener::Member && row.path.starts_with("/api/"))
        .map(|row| (row.path.clone(), row.fields.iter().cloned().collect()))
        .collect();
    assert_eq!(made, known);
    forms
}

/// Whether a form was taken: on to another page, and not back to itself nor to the door.
pub fn taken(form: &Form, answer: &Answer) -> bool {
    let leaves = form.path.starts_with("/api/sign-out");
    let location = answer.location();
    answer.status == StatusCode::SEE_OTHER
        && !location.contains("again=")
        && (leaves || !location.starts_with("/sign-in"))
}
