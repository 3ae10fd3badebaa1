//! The ways to pay one bill, from the rows of its region.

use chrono::{DateTime, Utc};

use super::{ContactRow, Mode, Phone, RegionRows, WaysToPay, hours::Hours, is_address};
use crate::bills::BillKind;

impl RegionRows {
    /// How a bill of `kind` is paid in this region at `now`.
    pub fn ways(&self, kind: BillKind, now: DateTime<Utc>) -> WaysToPay {
        let premium = kind == BillKind::Premium;
        let online = self.feature(if premium { "premium_online" } else { "medical_online" });
        let mode = online.map_or(Mode::Off, |row| row.mode);
        let automated = |contact| self.contact(contact).and_then(phone);
        let all_bills = automated("bill_phone");
        let own =
            if premium && self.mode("premium_phone") == Mode::On { automated("premium_phone") } else { None };
        let (phone, other_phone) = if own.is_some() { (own, all_bills) } else { (all_bills, None) };
        WaysToPay {
            region: self.region.clone(),
            zone: self.zone.clone(),
            online: mode,
            online_target: online.filter(|_| mode == Mode::HandOff).and_then(|row| row.target.clone()),
            // The plan publishes no address for medical and pharmacy bills (S81).
            mail: if premium && self.mode("premium_mail") == Mode::On {
                self.printable_address("premium_mail")
            } else {
                None
            },
            phone,
            other_phone,
            rep: self.rep(now),
        }
    }

    fn contact(&self, contact: &str) -> Option<&ContactRow> {
        self.contacts.iter().find(|row| row.contact == contact)
    }

    fn printable_address(&self, contact: &str) -> Option<Vec<String>> {
        self.contact(contact).map(|row| row.lines.clone()).filter(|lines| is_address(lines))
    }

    /// The line on which a person answers, and whether they do now.
    pub fn rep(&self, now: DateTime<Utc>) -> Option<Phone> {
        let line = self.contact("rep_phone").and_then(phone)?;
        let hours = self.setting("rep_hours", None).and_then(Hours::read);
        let zone = super::hours::zone(&self.zone);
        let (open_now, opens_at) = match (hours, zone) {
            (Some(hours), Some(zone)) => {
                let open = hours.open_at(now, zone);
                (Some(open), if open { None } else { hours.next_opening(now, zone) })
            }
            _ => (None, None),
        };
        Some(Phone { open_now, opens_at, ..line })
    }
}

fn phone(row: &ContactRow) -> Option<Phone> {
    Some(Phone {
        number: row.lines.first()?.clone(),
        tty: row.tty.clone()?,
        hours: row.hours.clone(),
        open_now: None,
        opens_at: None,
    })
}
