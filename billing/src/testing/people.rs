//! People at the door of a test plan: browsers, a postbox, and members who have registered by the real way.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;

use super::{TestMember, TestPlan};
use crate::{
    error::Error,
    notices::{Mail, MailError, Mailer},
    plan::Billing,
    sign_in::{Client, SignedInVisit},
    visits::{RefusedForm, SessionKey, Visit},
};

pub const PASSWORD: &str = "violet harbor 42 umbrella";

/// Where the plan's mail arrives.
#[derive(Clone, Default)]
pub struct Post {
    arrived: Arc<Mutex<Vec<Mail>>>,
    /// What the mail server says to the next mails, first come first served.
    pub moods: Arc<Mutex<Vec<MailError>>>,
}

#[async_trait]
impl Mailer for Post {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(mood) = self.moods.lock().expect("no panic before").pop() {
            return Err(mood);
        }
        self.arrived.lock().expect("no panic before").push(mail.clone());
        Ok(())
    }
}

impl Post {
    pub fn arrived(&self) -> Vec<Mail> {
        self.arrived.lock().expect("no panic before").clone()
    }

    pub fn last_to(&self, address: &str) -> Mail {
        self.arrived().into_iter().rfind(|mail| mail.to == address).expect("a mail")
    }

    /// The eight digits of a registration mail.
    pub fn code_to(&self, address: &str) -> String {
        let mail = self.last_to(address);
        let line = mail
            .text
            .lines()
            .find(|line| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == ' '));
        line.expect("a code").to_owned()
    }

    /// The token of a mailed link.
    pub fn token_to(&self, address: &str) -> String {
        let mail = self.last_to(address);
        let (_, rest) = mail.text.split_once("/reset?token=").expect("a link");
        rest.split_whitespace().next().expect("a token").to_owned()
    }
}

/// A plan with a postbox.
pub async fn plan(pool: PgPool) -> (TestPlan, Post) {
    let mut plan = TestPlan::new(pool).await;
    let post = Post::default();
    plan.billing = plan.billing.clone().with_mailer(Arc::new(post.clone()));
    (plan, post)
}

/// A browser: its cookie and its visit.
pub struct Browser {
    pub key: SessionKey,
    pub visit: Visit,
    pub client: Client,
}

impl Browser {
    pub async fn open(billing: &Billing) -> Self {
        Self::open_from(billing, "203.0.113.7").await
    }

    pub async fn open_from(billing: &Billing, address: &str) -> Self {
        let key = SessionKey::mint();
        let visit = billing.visits().create(key, None).await.expect("it works in a test").expect("a new key");
        Self { key, visit, client: Client { address: address.to_owned(), device: None } }
    }

    pub async fn signs_in(
        &self,
        billing: &Billing,
        email: &str,
        password: &str,
    ) -> Result<SignedInVisit, Error> {
        billing.door(Some(&self.visit)).sign_in(email, password, &self.client).await
    }

    /// Goes on with what signing in gave.
    pub async fn goes_on(&mut self, billing: &Billing, signed_in: &SignedInVisit) {
        self.key = signed_in.key;
        self.client.device = Some(signed_in.device.clone());
        self.visit = self.load(billing).await.expect("signed in");
    }

    pub async fn load(&self, billing: &Billing) -> Option<Visit> {
        billing.visits().load(self.key).await.expect("it works in a test")
    }

    /// The form kept under this id, as this browser is shown it.
    pub async fn again(&self, billing: &Billing, id: Uuid) -> Option<RefusedForm> {
        billing.visits().load_with(self.key, Some(id)).await.expect("it works in a test")?.1
    }
}

/// Somebody who has registered, with the browser they did it in, signed in.
pub struct Registered {
    pub member: TestMember,
    pub email: String,
    pub mrn: String,
    pub browser: Browser,
}

pub async fn registered(plan: &TestPlan, post: &Post, name: &str) -> Registered {
    let member = plan.member(name).await;
    let profile = member.scope().profile().await.expect("it works in a test");
    let email = profile.email.expect("an address");
    let mut browser = Browser::open(&plan.billing).await;
    let door = plan.billing.door(Some(&browser.visit));
    let asked = door
        .start_registration(&profile.mrn, "02/29/1980", &browser.client)
        .await
        .expect("it works in a test");
    plan.job().tell_due().await.expect("it works in a test");
    let code = post.code_to(&email);
    let signed_in = door
        .finish_registration(asked.id, &code, PASSWORD, &browser.client)
        .await
        .expect("it works in a test");
    browser.goes_on(&plan.billing, &signed_in).await;
    plan.job().tell_due().await.expect("it works in a test");
    Registered { member, email, mrn: profile.mrn, browser }
}

/// The codes of a refusal, with their fields; none where it was no refusal.
pub fn codes<T>(result: Result<T, Error>) -> Vec<(String, String)> {
    match result {
        Err(Error::Refused(refusals)) => {
            refusals.into_iter().map(|refusal| (refusal.field, refusal.code)).collect()
        }
        _ => Vec::new(),
    }
}

/// Fails where this is not what was refused.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>, field: &str, code: &str) {
    let said = format!("{result:?}");
    assert_eq!(codes(result), [(field.to_owned(), code.to_owned())], "{said}");
}
