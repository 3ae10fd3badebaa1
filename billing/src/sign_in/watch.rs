//! What happens at the doors, for whoever watches the plan: a line and a count for each event, and an alarm where too
//! many people are refused at once. Ids and words of ours, never an address, a name or anything typed.

use uuid::Uuid;

use super::store;
use crate::{error::Error, ids::MemberId, plan::Billing};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    SignedIn,
    /// Not let in, and why.
    Refused(&'static str),
    /// The network tried too often at this door, and has to wait so many seconds.
    Throttled(&'static str, u32),
    /// The account, or the known device, was tried too often at this door, and has to wait so many seconds.
    LockedOut(&'static str, u32),
    RegistrationAsked,
    Registered,
    ResetAsked,
    ResetDone,
    SignedOut,
    SignedOutEverywhere,
}

impl Event {
    const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::Refused(_) => "refused",
            Self::Throttled(..) => "throttled",
            Self::LockedOut(..) => "locked-out",
            Self::RegistrationAsked => "registration-asked",
            Self::Registered => "registered",
            Self::ResetAsked => "reset-asked",
            Self::ResetDone => "reset-done",
            Self::SignedOut => "signed-out",
            Self::SignedOutEverywhere => "signed-out-everywhere",
        }
    }

    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Refused(code) | Self::Throttled(code, _) | Self::LockedOut(code, _) => Some(code),
            _ => None,
        }
    }

    const fn wait(self) -> Option<u32> {
        match self {
            Self::Throttled(_, wait) | Self::LockedOut(_, wait) => Some(wait),
            _ => None,
        }
    }

    /// Leaves the line and counts. `member`: whose account, where there is one; `visit`: the browser's.
    pub(crate) fn happened(self, member: Option<MemberId>, visit: Option<Uuid>) {
        metrics::counter!("door_events_total", "event" => self.word()).increment(1);
        tracing::info!(
            event = self.word(),
            code = self.code(),
            wait = self.wait(),
            member = member.map(tracing::field::display),
            visit = visit.map(tracing::field::display),
            "at the door"
        );
    }
}

impl Billing {
    /// Counts a refused sign-in among those of all accounts, on all nodes. The one that makes it too many within the
    /// window raises the alarm, once a window: throttles hold one account or one network, but not somebody who tries
    /// each account once from ten thousand networks.
    pub(super) async fn count_refused(&self) -> Result<(), Error> {
        let counted = store::count_refused(&self.pools.auth, self.clock.now()).await?;
        if Some(counted.count) == counted.most {
            metrics::counter!("sign_in_alarms_total").increment(1);
            tracing::error!(refused = counted.count, code = "many-refused", "sign-in alarm");
        }
        Ok(())
    }
}
