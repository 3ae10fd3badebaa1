//! Takes a claims file into the plan: members, bills, their lines and charges.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{
    ClaimLine, Eob, Facts, Identity, Patient, Placed, Refused, Report, read,
    store::{self, KnownMember, NewBill, NewLine, NewMember},
};
use crate::{
    access::{Action, Object, Permit, authorize},
    error::{Error, Refusal},
    ids::{BillId, MemberId},
    money::{MAX_CENTS, Money},
    plan::JobScope,
};

impl JobScope<'_> {
    /// Loads one FHIR R4 file for a region. `file` is its path: its folder is the source set, within which an id names
    /// the same resource in every file. Safe to repeat: what was loaded before makes no second bill.
    ///
    /// Refuses an unknown region. What is wrong in the file is in the report, never an error: one bad resource costs
    /// only itself, one transaction takes in the rest.
    pub async fn load_fhir(
        &self,
        file: &str,
        contents: impl AsRef<[u8]>,
        region: &str,
    ) -> Result<Report, Error> {
        let facts = read(file, contents.as_ref());
        let mut report = facts.report(file);
        let set = source_set(file);
        let mut tx = self.billing.pools.work.begin().await?;
        let task = Object::Task("claims", set.clone());
        let permit = authorize(&mut tx, &self.who(), None::<MemberId>, Action::Work, task).await?;
        let load = Load {
            permit,
            set,
            file: Path::new(file)
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            region: region.to_owned(),
            at: self.billing.clock.now(),
            job: self.name,
        };

        // One load at a time: two files may name the same patient.
        store::lock(&mut tx).await?;
        if !store::region_exists(&mut tx, region).await? {
            return Err(Refusal::of("region", "unknown-region").into());
        }

        let (members, strangers) = load.members(&mut tx, &facts).await?;
        report.refused.extend(refuse(&strangers, &facts));
        let (bills, refused) = load.bills(&mut tx, &facts, &members).await?;
        report.new_bills = bills.len();
        report.refused.extend(refused);
        report.refused.sort_by_key(|refused| refused.line);
        load.claims(&mut tx, &facts, &bills).await?;
        tx.commit().await?;

        Ok(report)
    }
}

/// Where and for whom a file is loaded, and the leave to do it.
pub(super) struct Load {
    pub(super) permit: Permit,
    pub(super) set: String,
    pub(super) file: String,
    pub(super) region: String,
    pub(super) at: chrono::DateTime<chrono::Utc>,
    pub(super) job: &'static str,
}

impl Load {
    /// Finds or makes everybody the file names; who was a placeholder gets the name of their own record. Apart from them
    /// those whose record is another person's: two sources that share a set would put the bills of one on the other.
    async fn members(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        facts: &Facts,
    ) -> Result<(BTreeMap<String, KnownMember>, BTreeSet<String>), Error> {
        let mut named: BTreeMap<String, Option<&Patient>> = BTreeMap::new();
        for eob in &facts.eobs {
            named.entry(source_id("Patient", &eob.fact.patient)).or_default();
        }
        for patient in &facts.patients {
            named.insert(source_id("Patient", &patient.identity), Some(&patient.fact));
        }
        let ids: Vec<String> = named.keys().cloned().collect();
        let known = store::members(tx, &self.set, &ids).await?;

        let mut emails = BTreeSet::new();
        let (mut fresh, mut told) = (Vec::new(), Vec::new());
        let mut strangers = BTreeSet::new();
        for (source_id, patient) in named {
            let born = |member: &KnownMember| member.birth_on.zip(patient?.birth_on);
            if known.get(&source_id).and_then(born).is_some_and(|(before, now)| before != now) {
                strangers.insert(source_id);
                continue;
            }
            // Two people may share an address; only one can sign in with it, so the second is told to call.
            let email =
                patient.and_then(|p| p.email.clone()).filter(|email| emails.insert(email.to_lowercase()));
            let member = known.get(&source_id);
            let row = NewMember {
                member_id: member.map_or_else(MemberId::mint, |member| member.member_id),
                mrn: String::new(),
                patient: patient.cloned(),
                email,
                source_id,
            };
            match (member, patient) {
                (None, _) => fresh.push(row),
                (Some(_), Some(_)) => told.push(row),
                (Some(_), None) => {}
            }
        }
        self.mint_mrns(tx, &mut fresh).await?;
        store::add_members(tx, self, &fresh).await?;
        store::complete_members(tx, self, &told).await?;
        let mut members = store::members(tx, &self.set, &ids).await?;
        members.retain(|source_id, _| !strangers.contains(source_id));
        Ok((members, strangers))
    }

    /// Gives each new member the record number of their source identity, the next free one where it is taken.
    async fn mint_mrns(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        fresh: &mut [NewMember],
    ) -> Result<(), Error> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for attempt in 0_u32.. {
            for member in fresh.iter_mut().filter(|member| member.mrn.is_empty()) {
                let mrn = mrn(&self.set, &member.source_id, attempt);
                if taken.insert(mrn.clone()) {
                    member.mrn = mrn;
                }
            }
            let minted: Vec<String> = fresh.iter().map(|member| member.mrn.clone()).collect();
            let used = store::used_mrns(tx, &minted).await?;
            for member in fresh.iter_mut().filter(|member| used.contains(&member.mrn)) {
                member.mrn.clear();
            }
            if fresh.iter().all(|member| !member.mrn.is_empty()) {
                break;
            }
        }
        Ok(())
    }

    /// Makes the bills that are new, with their lines and charges; refuses what would change one that stands.
    async fn bills<'f>(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        facts: &'f Facts,
        members: &BTreeMap<String, KnownMember>,
    ) -> Result<(Vec<NewBill<'f>>, Vec<Refused>), Error> {
        let ids: Vec<String> = facts.eobs.iter().map(|eob| source_id(EOB, &eob.identity)).collect();
        let known = store::bills(tx, &self.set, &ids).await?;
        let mut owed = store::owed(tx, members.values().map(|member| member.member_id)).await?;

        let (mut bills, mut refused) = (Vec::new(), Vec::new());
        for (eob, source_id) in facts.eobs.iter().zip(ids) {
            let patient_id = source_id_of_patient(eob);
            let Some(member) = members.get(&patient_id) else { continue };
            let due = eob.fact.responsibility.as_ref().map(|responsibility| responsibility.amount);
            let refusal = match (known.get(&source_id), due) {
                // A bill may have been paid since: what it asks for changes by a posting, never by a file.
                (Some(bill), due) if due != Some(bill.due) || bill.member_id != member.member_id => {
                    Some("was loaded before with another amount or patient; a bill is not changed by loading")
                }
                (None, Some(due)) => {
                    let balance = owed.entry((member.member_id, eob.fact.kind)).or_insert(Money::ZERO);
                    if balance.plus(due) > Money::from_cents(MAX_CENTS) {
                        Some("would make what is owed larger than the ledger holds")
                    } else {
                        *balance = balance.plus(due);
                        bills.push(NewBill {
                            bill_id: BillId::mint(),
                            member_id: member.member_id,
                            region: member.region.clone(),
                            source_id,
                            patient_id,
                            claim_id: eob.fact.claim.as_ref().map(|claim| self::source_id(CLAIM, claim)),
                            due,
                            eob,
                        });
                        None
                    }
                }
                _ => None,
            };
            refused.extend(refusal.map(|reason| Refused { line: eob.line, reason: reason.to_owned() }));
        }
        store::add_bills(tx, self, &bills).await?;

        let lines: Vec<NewLine> = bills.iter().flat_map(|bill| self.lines(bill)).collect();
        store::add_lines(tx, &lines).await?;
        Ok((bills, refused))
    }

    fn lines(&self, bill: &NewBill<'_>) -> Vec<NewLine> {
        let from = format!("{} {}", self.set, bill.source_id);
        (1_i16..)
            .zip(&bill.eob.fact.lines)
            .map(|(number, line)| NewLine {
                bill_id: bill.bill_id,
                line: number,
                description: line.description.clone(),
                served_on: line.served_on,
                quantity: line.quantity.clone(),
                billed: line.billed,
                discount: line.discount,
                plan_paid: line.plan_paid,
                owed: line.owed,
                detail: line.shares.iter().map(|(share, amount)| ((*share).to_owned(), *amount)).collect(),
                source: if line.item == 0 {
                    format!("{from} total")
                } else {
                    format!("{from} item {}", line.item)
                },
            })
            .collect()
    }

    /// Keeps the file's claims, and gives bills the lines that their explanation leaves out and their claim has: those
    /// of claims in this file, and those of new bills whose claim came earlier.
    async fn claims(
        &self,
        tx: &mut sqlx::PgTransaction<'_>,
        facts: &Facts,
        bills: &[NewBill<'_>],
    ) -> Result<(), Error> {
        store::keep_claims(tx, self, &facts.claims).await?;
        let mut ids: Vec<String> =
            facts.claims.iter().map(|claim| source_id(CLAIM, &claim.identity)).collect();
        ids.extend(bills.iter().filter_map(|bill| bill.claim_id.clone()));
        ids.sort_unstable();
        ids.dedup();

        let mut lines = Vec::new();
        for bill in store::bills_of_claims(tx, &self.set, &ids).await? {
            let from = format!("{} {}", self.set, bill.claim_id);
            let source = |line: &ClaimLine| format!("{from} item {}", line.item);
            let left_out = bill.lines.iter().filter(|line| {
                !bill.sequences.contains(&line.sequence) && !bill.sources.contains(&source(line))
            });
            for (number, line) in (bill.last_line.saturating_add(1)..).zip(left_out) {
                lines.push(NewLine {
                    bill_id: bill.bill_id,
                    line: number,
                    description: line.description.clone(),
                    served_on: line.served_on,
                    quantity: line.quantity.clone(),
                    billed: line.billed,
                    discount: None,
                    plan_paid: None,
                    // What is owed stands on the explanation; a claim asks, it does not decide.
                    owed: Money::ZERO,
                    detail: BTreeMap::new(),
                    source: source(line),
                });
            }
        }
        store::add_lines(tx, &lines).await?;
        Ok(())
    }
}

/// What a file says of strangers.
fn refuse(strangers: &BTreeSet<String>, facts: &Facts) -> Vec<Refused> {
    const OTHER: &str = "a patient of this id is known with another date of birth: files of another source lie in a folder of \
                         another name";
    const THEIRS: &str = "its patient is refused";
    let patients = facts.patients.iter().map(|one| (one.line, source_id("Patient", &one.identity), OTHER));
    let eobs = facts.eobs.iter().map(|one| (one.line, source_id_of_patient(one), THEIRS));
    patients
        .chain(eobs)
        .filter(|(_, patient, _)| strangers.contains(patient))
        .map(|(line, _, reason)| Refused { line, reason: reason.to_owned() })
        .collect()
}

const EOB: &str = "ExplanationOfBenefit";
pub(super) const CLAIM: &str = "Claim";

fn source_id_of_patient(eob: &Placed<Eob>) -> String {
    source_id("Patient", &eob.fact.patient)
}

/// Type and id, or type and hash of the contents.
pub(super) fn source_id(kind: &str, identity: &Identity) -> String {
    match identity {
        Identity::Id(id) => format!("{kind}/{id}"),
        Identity::Contents(text) => format!("{kind}#{}", hex::encode(Sha256::digest(text.as_bytes()))),
    }
}

/// The folder a file lies in: files that lie together were written by one source, whose ids they share.
fn source_set(file: &str) -> String {
    let path =
        std::fs::canonicalize(file).or_else(|_| std::path::absolute(file)).unwrap_or_else(|_| file.into());
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    format!("fhir:{}", folder.unwrap_or_default())
}

/// Twelve digits that follow from the source identity, so that loading into a new plan gives the same people the same
/// numbers.
fn mrn(set: &str, source_id: &str, attempt: u32) -> String {
    let digest = Sha256::digest(format!("{set}\n{source_id}\n{attempt}").as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("7{:011}", number % 100_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_identity_always_gives_the_same_record_number() {
        let number = mrn("fhir:set", "Patient/1", 0);
        assert_eq!(number, mrn("fhir:set", "Patient/1", 0));
        assert_ne!(number, mrn("fhir:other", "Patient/1", 0));
        assert_eq!(number.len(), 12);
        assert!(number.bytes().all(|b| b.is_ascii_digit()));
    }

    #[test]
    fn the_folder_is_the_source_set() {
        assert_eq!(source_set("/somewhere/else/carin/a.json"), "fhir:carin");
        assert_eq!(source_set("/a.json"), "fhir:");
    }

    #[test]
    fn contents_are_known_by_their_hash() {
        let id = source_id("Patient", &Identity::Contents("{}".to_owned()));
        assert_eq!(id, "Patient#44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
        assert_eq!(source_id("Patient", &Identity::Id("7".to_owned())), "Patient/7");
    }
}
