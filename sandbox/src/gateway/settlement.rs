//! Settlement files: what the gateway pays out, net of its fees, and how a bad bank would garble them.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Step;
use super::books::{Due, Fact};
use super::charge::{Charge, State};
use super::instrument::Method;
use crate::{calendar, cents};

/// Card money is paid out this many business days after the batch it is in.
const CARD_SETTLES_AFTER: u32 = 2;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettlementFile {
    pub(crate) number: u32,
    pub(crate) settled_on: NaiveDate,
    pub(crate) lines: Vec<FileLine>,
    /// A late file is not to be had before this.
    pub(crate) shown_from: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileLine {
    pub(crate) kind: LineKind,
    pub(crate) reference: String,
    pub(crate) gross: i64,
    pub(crate) fee: i64,
    pub(crate) return_code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineKind {
    Charge,
    Refund,
    Return,
}

impl LineKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Return => "return",
        }
    }
}

impl FileLine {
    pub(crate) fn net(&self) -> i64 {
        self.gross.saturating_sub(self.fee)
    }
}

impl SettlementFile {
    pub(crate) fn is_shown(&self, now: DateTime<Utc>) -> bool {
        self.shown_from <= now
    }

    pub(crate) fn view(&self) -> Value {
        json!({"number": self.number, "settled_on": self.settled_on, "lines": self.lines.len()})
    }

    pub(crate) fn net(&self) -> i64 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.net()))
    }

    pub(crate) fn csv(&self) -> String {
        let mut csv = String::from("line,kind,reference,gross,fee,net,settled_on,return_code\n");
        for (at, line) in self.lines.iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = writeln!(
                csv,
                "{},{},{},{},{},{},{},{}",
                at.saturating_add(1),
                line.kind.word(),
                line.reference,
                cents::say(line.gross),
                cents::say(line.fee),
                cents::say(line.net()),
                self.settled_on,
                line.return_code.as_deref().unwrap_or_default(),
            );
        }
        csv
    }
}

/// The body of `POST /settle`: how a bad bank plays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Play {
    /// The file is held back until the cut-off of the next business day.
    late: bool,
    /// The same lines come again as a second file.
    double: bool,
    /// The lines are spread over so many files.
    split: u32,
    /// The line of this reference is off by one dollar.
    wrong_amount: Option<String>,
}

impl Step<'_> {
    /// Closes the batch of `day`: what was taken up to it can no longer be voided, and its files are made, one for
    /// card money and one for bank money. Gives their numbers.
    pub(crate) fn close_batch(&mut self, day: NaiveDate, play: &Play) -> Vec<u32> {
        let card_day = calendar::plus_business_days(day, CARD_SETTLES_AFTER);
        let bank_day = calendar::plus_business_days(day, 1);
        let mut cards = Vec::new();
        let mut bank = Vec::new();

        let unfiled: Vec<Due> = self.books.unfiled.iter().cloned().collect();
        let (charges, refunds): (Vec<_>, Vec<_>) =
            unfiled.into_iter().partition(|due| matches!(due, Due::Charge(_)));
        for due in charges.iter().chain(&refunds) {
            match due {
                Due::Charge(reference) => {
                    let Some(charge) = self.books.charges.get(reference).cloned() else { continue };
                    self.file_charge(charge, day, (card_day, &mut cards), (bank_day, &mut bank));
                }
                Due::Refund(reference) => {
                    let Some(mut refund) = self.books.refunds.get(reference).cloned() else { continue };
                    if refund.filed_with() > day {
                        continue;
                    }
                    let line = FileLine {
                        kind: LineKind::Refund,
                        reference: refund.reference.clone(),
                        gross: refund.cents.saturating_neg(),
                        fee: 0,
                        return_code: None,
                    };
                    let (lines, settles) = match refund.method {
                        Method::Card => (&mut cards, card_day),
                        Method::Bank => (&mut bank, bank_day),
                    };
                    lines.push(line);
                    refund.filed = true;
                    refund.settled_on = Some(settles);
                    self.record(Fact::Refund { told: false, refund: Box::new(refund) });
                }
            }
        }

        let mut numbers = Vec::new();
        for (lines, settled_on) in [(cards, card_day), (bank, bank_day)] {
            if !lines.is_empty() {
                self.write_files(lines, settled_on, day, play, &mut numbers);
            }
        }
        numbers
    }

    /// Puts a charge into the file it belongs to, if its time has come. The files come with the day they pay out on.
    fn file_charge(
        &mut self,
        mut charge: Charge,
        day: NaiveDate,
        (card_day, cards): (NaiveDate, &mut Vec<FileLine>),
        (bank_day, bank): (NaiveDate, &mut Vec<FileLine>),
    ) {
        let line = |kind, gross, fee| FileLine {
            kind,
            reference: charge.reference.clone(),
            gross,
            fee,
            return_code: charge.return_code.map(|code| code.word().to_owned()),
        };
        match (charge.state, charge.method()) {
            (State::Captured, _) if charge.taken_on().is_some_and(|taken| taken <= day) => {
                cards.push(line(LineKind::Charge, charge.cents, cents::card_fee(charge.cents)));
                charge.settled_on = Some(card_day);
                charge.filed = true;
                charge.sent = true;
                self.change(None, None, charge);
            }
            (State::Processing, _) => {
                let files_now = charge.files_on().is_some_and(|files_on| files_on <= day);
                let goes_now = charge.taken_on().is_some_and(|taken| taken <= day);
                if files_now && !charge.filed {
                    bank.push(line(LineKind::Charge, charge.cents, cents::BANK_FEE));
                    charge.settled_on = Some(bank_day);
                    charge.filed = true;
                    charge.sent = true;
                    self.change(None, None, charge);
                } else if goes_now && !charge.sent {
                    charge.sent = true;
                    self.record(Fact::Charge { line: None, charge: Box::new(charge) });
                }
            }
            (State::Returned, _) if charge.returned_at.is_some_and(|at| calendar::entry_day(at) <= day) => {
                bank.push(line(LineKind::Return, charge.cents.saturating_neg(), 0));
                charge.return_filed = true;
                self.record(Fact::Charge { line: None, charge: Box::new(charge) });
            }
            _ => {}
        }
    }

    fn write_files(
        &mut self,
        mut lines: Vec<FileLine>,
        settled_on: NaiveDate,
        day: NaiveDate,
        play: &Play,
        numbers: &mut Vec<u32>,
    ) {
        if let Some(wrong) = &play.wrong_amount {
            for line in lines.iter_mut().filter(|line| line.reference == *wrong) {
                line.gross = line.gross.saturating_add(100);
            }
        }
        let shown_from =
            if play.late { calendar::cut_off(calendar::plus_business_days(day, 1)) } else { self.now };
        let parts = usize::try_from(play.split).unwrap_or(1).clamp(1, lines.len().max(1));
        let size = lines.len().div_ceil(parts);
        let mut pieces: Vec<Vec<FileLine>> = lines.chunks(size.max(1)).map(<[FileLine]>::to_vec).collect();
        if play.double {
            pieces.extend(pieces.clone());
        }
        for lines in pieces {
            let number = self.books.files.last_key_value().map_or(1, |(last, _)| last.saturating_add(1));
            numbers.push(number);
            self.record(Fact::File(Box::new(SettlementFile { number, settled_on, lines, shown_from })));
        }
    }
}
