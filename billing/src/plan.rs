//! The plan as one value, and the scopes it hands out.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;

use crate::{
    clock::Clock,
    error::Error,
    ids::MemberId,
    notices::{Mailer, NoMailer},
    payments::gateway::Gateway,
    rules::Profile,
    visits::Visit,
};

/// Pools that took their role when they connected.
#[derive(Clone, Debug)]
pub struct Pools {
    /// `portal_read`: pages.
    pub read: PgPool,
    /// `portal_write`: forms.
    pub write: PgPool,
    /// `portal_worker`: jobs and gateway events.
    pub work: PgPool,
    /// `portal_auth`: the only one to see password hashes.
    pub auth: PgPool,
}

/// What a plan is run with. Intervals are configuration, so that tests can run them in a fraction of the time.
#[derive(Clone, Debug)]
pub struct Settings {
    pub profile: Profile,
    /// Keys every derived secret and every stored hash of low-entropy things (codes, addresses).
    pub secret: Arc<[u8; 32]>,
    /// Public address, for links in mail.
    pub base_url: String,
    /// One gateway call.
    pub call_time_out: Duration,
    /// From the last call to the fence: more than two call time-outs.
    pub fence_after: Duration,
    /// Every janitor interval is divided by this (1 in production).
    pub haste: u32,
    /// What a minute allows is multiplied by this (1 in production).
    pub slack: u32,
}

/// The plan. Cheap to clone.
#[derive(Clone)]
pub struct Billing {
    pub(crate) pools: Pools,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
}

impl Billing {
    pub fn new(pools: Pools, gateway: Arc<dyn Gateway>, clock: Clock, settings: Settings) -> Self {
        Self { pools, gateway, mailer: Arc::new(NoMailer), clock, settings }
    }

    /// The same plan with a mail server. Without one, notices wait.
    #[must_use]
    pub fn with_mailer(self, mailer: Arc<dyn Mailer>) -> Self {
        Self { mailer, ..self }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// The verbs of a signed-in member, on their own account.
    pub fn member<'a>(&'a self, visit: &'a Visit) -> Result<MemberScope<'a>, Error> {
        let member = visit.member.as_ref().ok_or(Error::SignedOut)?.member_id;
        Ok(MemberScope { billing: self, visit, member })
    }

    /// The verbs of people who are not signed in yet: sign-in, registration, forgotten passwords.
    pub fn door<'a>(&'a self, visit: Option<&'a Visit>) -> DoorScope<'a> {
        DoorScope { billing: self, visit }
    }

    /// The verbs of machines. `name` stands in event and access rows.
    pub fn job<'a>(&'a self, name: &'static str) -> JobScope<'a> {
        JobScope { billing: self, name }
    }
}

pub struct MemberScope<'a> {
    pub(crate) billing: &'a Billing,
    pub(crate) visit: &'a Visit,
    pub(crate) member: MemberId,
}

pub struct DoorScope<'a> {
    pub(crate) billing: &'a Billing,
    pub(crate) visit: Option<&'a Visit>,
}

pub struct JobScope<'a> {
    pub(crate) billing: &'a Billing,
    pub(crate) name: &'static str,
}
