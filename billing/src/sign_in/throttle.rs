//! How often somebody may try. A try is counted before the work it asks for, so that tries at once count too; what
//! turns out right is taken back.
//!
//! Numbers from the security design, section 1.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Client, Event, secrets::Secret, store};
use crate::{
    error::{Error, Fault},
    ids::MemberId,
    plan::{Billing, DoorScope},
};

/// Tries of one account, or of one known device for one account, before waits begin.
const FREE: i32 = 5;
/// Tries from one network before waits begin: a household, an office or a carrier shares it.
const FREE_OF_NETWORK: i32 = 20;
/// Untouched for so long, a count begins anew.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);
const FORGOTTEN_AFTER_OF_NETWORK: TimeDelta = TimeDelta::hours(1);

/// Whose tries are counted together, and how.
pub(super) struct Counted {
    pub(super) subject: [u8; 32],
    pub(super) free: i32,
    pub(super) forgotten_after: TimeDelta,
}

/// The tries one attempt at a door is counted under.
pub(super) struct Tries {
    door: &'static str,
    counted: Vec<Counted>,
}

impl Tries {
    /// A try at an account. From a device known for it, nothing but the device's own count can hold it up.
    pub(super) fn at_account(
        secret: Secret<'_>,
        door: &'static str,
        account: &str,
        client: &Client,
        known_device: Option<&str>,
    ) -> Result<Self, Fault> {
        let account = account.as_bytes();
        let counted = if let Some(device) = known_device {
            vec![of_account(secret.keyed("tries of device", &[door.as_bytes(), account, device.as_bytes()])?)]
        } else {
            vec![
                Counted {
                    subject: secret
                        .keyed("tries of network", &[door.as_bytes(), &network(&client.address)])?,
                    free: FREE_OF_NETWORK,
                    forgotten_after: FORGOTTEN_AFTER_OF_NETWORK,
                },
                of_account(secret.keyed("tries of account", &[door.as_bytes(), account])?),
            ]
        };
        Ok(Self { door, counted })
    }

    /// Counts the try, or refuses it and counts nothing. `member`: whose account it is at, where that is known.
    ///
    /// `TooMany` with the seconds to wait.
    pub(super) async fn count(&self, door: &DoorScope<'_>, member: Option<MemberId>) -> Result<(), Error> {
        let billing = door.billing;
        let now = billing.clock.now();
        let mut tx = billing.pools.auth.begin().await?;
        for counted in &self.counted {
            if let Some(free_at) = store::count_try(&mut tx, counted, now).await? {
                tx.rollback().await?;
                let retry_after = seconds_until(free_at, now);
                let event = if counted.free == FREE { Event::LockedOut } else { Event::Throttled };
                event(self.door, retry_after).happened(member, door.who().visit_id);
                return Err(Error::TooMany { retry_after });
            }
        }
        Ok(tx.commit().await?)
    }

    /// The try was right: it does not count, and its account starts anew. The network's other tries stay.
    pub(super) async fn take_back(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        for counted in &self.counted {
            store::take_back_try(tx, counted, counted.free == FREE, now).await?;
        }
        Ok(())
    }
}

fn of_account(subject: [u8; 32]) -> Counted {
    Counted { subject, free: FREE, forgotten_after: FORGOTTEN_AFTER }
}

fn seconds_until(free_at: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    u32::try_from(free_at.signed_duration_since(now).num_seconds().saturating_add(1)).unwrap_or(1)
}

/// The network an address belongs to: IPv4 by 24 bits, IPv6 by 64.
fn network(address: &str) -> Vec<u8> {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.octets().into_iter().take(3).collect(),
        Ok(IpAddr::V6(address)) => address.octets().into_iter().take(8).collect(),
        Err(_) => address.as_bytes().to_vec(),
    }
}

/// What is counted by person or address and minute, for all nodes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Orders to pay and what goes with them: 10.
    Money,
}

impl RateClass {
    const fn word(self) -> &'static str {
        match self {
            Self::Money => "money",
        }
    }

    const fn most_a_minute(self) -> i32 {
        match self {
            Self::Money => 10,
        }
    }
}

/// Who is counted.
#[derive(Clone, Copy, Debug)]
pub enum RateSubject<'a> {
    Person(MemberId),
    /// A network address as text.
    Address(&'a str),
}

impl Billing {
    /// Counts one request of a class that must be counted by all nodes together.
    ///
    /// `TooMany` with the seconds until the next minute.
    pub async fn count(&self, class: RateClass, subject: RateSubject<'_>) -> Result<(), Error> {
        let now = self.clock.now();
        let secret = self.secret();
        let subject = match subject {
            RateSubject::Person(member) => secret.keyed("rate of person", &[member.0.as_bytes()])?,
            RateSubject::Address(address) => secret.keyed("rate of network", &[&network(address)])?,
        };
        let counted = store::count_rate(&self.pools.auth, class.word(), &subject, now).await?;
        let slack = i32::try_from(self.settings.slack.max(1)).unwrap_or(1);
        if counted > class.most_a_minute().saturating_mul(slack) {
            let left = 60_i64.saturating_sub(now.timestamp().rem_euclid(60));
            return Err(Error::TooMany { retry_after: u32::try_from(left).unwrap_or(60) });
        }
        Ok(())
    }

    pub(crate) fn secret(&self) -> Secret<'_> {
        Secret(&self.settings.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_however_it_is_written() {
        assert_eq!(network("203.0.113.7"), network("203.0.113.250"));
        assert_ne!(network("203.0.113.7"), network("203.0.114.7"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.9"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network(""), network("unknown"));
    }
}
