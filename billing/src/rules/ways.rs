//! The ways to pay one bill, and whom to ask about it, from the rows of its region.

use chrono::{DateTime, Utc};

use super::{Ask, ContactRow, Hours, Line, Mode, Office, Phone, RegionRows, WaysToPay, hours, is_address};
use crate::bills::BillKind;

impl RegionRows {
    /// How a bill of `kind` is paid in this region at `now`.
    pub fn ways(&self, kind: BillKind, now: DateTime<Utc>) -> WaysToPay {
        let premium = kind == BillKind::Premium;
        let online = self.feature(if premium { "premium_online" } else { "medical_online" });
        let mode = online.map_or(Mode::Off, |row| row.mode);
        let all_bills = self.line("bill_phone", Line::AllBills);
        let own = premium.then(|| self.premium_line()).flatten();
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
            ask: self.ask(kind, now),
        }
    }

    /// Whom to ask about a bill of `kind`.
    fn ask(&self, kind: BillKind, now: DateTime<Utc>) -> Ask {
        let rep = self.rep(now);
        let premium = kind == BillKind::Premium && rep.is_none();
        Ask { about: Some(kind), rep, automated: premium.then(|| self.premium_line()).flatten() }
    }

    fn premium_line(&self) -> Option<Phone> {
        if self.mode("premium_phone") == Mode::On { self.line("premium_phone", Line::Premiums) } else { None }
    }

    fn line(&self, contact: &str, line: Line) -> Option<Phone> {
        let row = self.contact(contact)?;
        Some(Phone {
            line,
            number: row.lines.first()?.clone(),
            tty: row.tty.clone()?,
            hours: row.hours.clone(),
            office: None,
        })
    }

    fn contact(&self, contact: &str) -> Option<&ContactRow> {
        self.contacts.iter().find(|row| row.contact == contact)
    }

    fn printable_address(&self, contact: &str) -> Option<Vec<String>> {
        self.contact(contact).map(|row| row.lines.clone()).filter(|lines| is_address(lines))
    }

    /// The line on which a person answers, and whether they do now.
    pub fn rep(&self, now: DateTime<Utc>) -> Option<Phone> {
        let line = self.line("rep_phone", Line::MemberServices)?;
        let hours = self.setting("rep_hours", None);
        Some(rep(line.number, line.tty, hours, &self.zone, now))
    }
}

/// A line on which people answer: its hours are those of the rule row `rep_hours`, in the region's zone.
pub(crate) fn rep(number: String, tty: String, hours: Option<&str>, zone: &str, now: DateTime<Utc>) -> Phone {
    Phone { line: Line::MemberServices, number, tty, hours: None, office: office(hours, zone, now) }
}

fn office(hours: Option<&str>, zone_name: &str, now: DateTime<Utc>) -> Option<Office> {
    let (hours, zone) = (hours.and_then(Hours::read)?, hours::zone(zone_name)?);
    let open_now = hours.open_at(now, zone);
    let opens_at = if open_now { None } else { hours.next_opening(now, zone) };
    Some(Office { hours, zone: zone_name.to_owned(), open_now, opens_at })
}
