//! Claims data from elsewhere: FHIR R4 files read into members and medical and pharmacy bills.
//!
//! `file.rs` finds resources in a file, `fhir.rs` makes facts of them and refuses bad ones by place, `eob.rs` works out what
//! a member owes of an explanation of benefits, `load.rs` takes a file's facts into the plan.

mod eob;
mod exact;
mod fhir;
mod file;
mod json;
#[cfg(feature = "postgres")]
mod load;
#[cfg(feature = "postgres")]
mod store;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use self::{
    exact::{Exact, NotExact},
    fhir::read,
    file::MAX_FILE_BYTES,
};
use crate::{bills::BillKind, money::Money};

/// What one file holds, and what came of it. The figures are the file's: loading it again changes `new_bills` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub file: String,
    /// Distinct patients named by a Patient or an ExplanationOfBenefit.
    pub members: usize,
    /// Distinct explanations of benefits: `bills` and `not_derivable`.
    pub eobs: usize,
    /// Those whose patient responsibility can be derived; 0.00 makes a bill that owes nothing.
    pub bills: usize,
    pub not_derivable: usize,
    /// Sum over `bills`, each rounded once.
    pub patient_responsibility: Money,
    /// Bills this load made.
    pub new_bills: usize,
    pub refused: Vec<Refused>,
}

impl Report {
    /// Of a file that cannot be opened.
    pub fn unread(file: String, reason: String) -> Self {
        Self {
            file,
            members: 0,
            eobs: 0,
            bills: 0,
            not_derivable: 0,
            patient_responsibility: Money::ZERO,
            new_bills: 0,
            refused: vec![Refused { line: 0, reason }],
        }
    }
}

/// A resource that was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Line of NDJSON, else number of the entry, from 1; 0 for the file as a whole.
    pub line: usize,
    pub reason: String,
}

/// Who or what a resource is, within its source set and type. Business identifiers are never identity: sources reuse
/// and correct them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    Id(String),
    /// The canonical text of a resource that has no id; stored as its hash.
    Contents(String),
}

/// What a file says, in the plan's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub patients: Vec<Placed<Patient>>,
    pub eobs: Vec<Placed<Eob>>,
    pub claims: Vec<Placed<Claim>>,
    pub refused: Vec<Refused>,
}

/// A fact and where it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    pub line: usize,
    pub identity: Identity,
    pub fact: T,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    pub given_name: String,
    pub family_name: String,
    pub birth_on: Option<NaiveDate>,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// `en | es`; `None` where the source names none or another.
    pub language: Option<String>,
}

/// An explanation of benefits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eob {
    pub patient: Identity,
    /// The claim it explains, whose lines it may lack.
    pub claim: Option<Identity>,
    pub kind: BillKind,
    /// First and last day of service.
    pub period: Option<(NaiveDate, NaiveDate)>,
    pub provider: Option<String>,
    /// `None`: the source does not say what the patient owes, so there is no bill.
    pub responsibility: Option<Responsibility>,
    /// The steps from the amount billed to what is owed; `None` where the source states no amount billed, or amounts
    /// that lead elsewhere.
    pub steps: Option<Steps>,
    pub lines: Vec<ServiceLine>,
    /// Every amount by level and category, with every digit: what the bill's figures were read from.
    pub stated: Vec<(String, Exact)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsibility {
    pub amount: Money,
    /// Before rounding.
    pub exact: Exact,
    pub method: Method,
}

/// Where the patient responsibility was read, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The total `memberliability`.
    Total,
    /// Pharmacy: the items' patient pay amount. Gross drug costs coded as coinsurance are not the patient's.
    PatientPay,
    /// The items' deductible, copay and coinsurance.
    Shares,
    /// What the patient has paid or is to pay.
    PaidByPatient,
}

impl Method {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::PatientPay => "patient_pay",
            Self::Shares => "shares",
            Self::PaidByPatient => "paid_by_patient",
        }
    }
}

/// `billed - discount - plan_paid - paid_before` = what the bill asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    pub billed: Money,
    pub discount: Money,
    pub plan_paid: Money,
    pub paid_before: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLine {
    /// Number of the item in the source, for the money trail.
    pub item: usize,
    /// Numbers by which a claim's items are the same service.
    pub sequences: Vec<String>,
    pub description: String,
    pub served_on: Option<NaiveDate>,
    pub quantity: Option<String>,
    pub billed: Option<Money>,
    pub discount: Option<Money>,
    pub plan_paid: Option<Money>,
    /// This line's cents of the bill; the lines sum to it.
    pub owed: Money,
    /// `deductible | copay | coinsurance` and amount.
    pub shares: Vec<(&'static str, Money)>,
}

/// A claim's services: they add what the explanation of benefits leaves out, and never make a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub patient: Identity,
    pub lines: Vec<ClaimLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLine {
    pub item: usize,
    pub sequence: String,
    pub description: String,
    pub served_on: Option<NaiveDate>,
    pub quantity: Option<String>,
    pub billed: Option<Money>,
}

impl Facts {
    /// The file's figures, before anything is stored.
    pub fn report(&self, file: &str) -> Report {
        let mut members: Vec<&Identity> = self
            .patients
            .iter()
            .map(|p| &p.identity)
            .chain(self.eobs.iter().map(|e| &e.fact.patient))
            .collect();
        members.sort_unstable();
        members.dedup();
        let owed: Vec<Money> =
            self.eobs.iter().filter_map(|e| e.fact.responsibility.as_ref().map(|r| r.amount)).collect();
        Report {
            file: file.to_owned(),
            members: members.len(),
            eobs: self.eobs.len(),
            bills: owed.len(),
            not_derivable: self.eobs.len().saturating_sub(owed.len()),
            patient_responsibility: owed.into_iter().sum(),
            new_bills: 0,
            refused: self.refused.clone(),
        }
    }
}

/// Shares `amount` by exact weights; `None` when the numbers are too large to share to the cent.
fn share(amount: Money, weights: &[Exact]) -> Option<Vec<Money>> {
    let weights: Vec<Decimal> = weights.iter().map(|w| w.weight()).collect();
    let parts = amount.split(&weights);
    (parts.iter().copied().sum::<Money>() == amount).then_some(parts)
}
