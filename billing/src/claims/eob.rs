//! What an explanation of benefits says a member owes, and of what.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{
    Eob, Exact, Identity, Method, Responsibility, ServiceLine, Steps,
    fhir::{
        Names, called, concept_words, contained, day, description, numbered, period, plain, quantity,
        reference, served_on,
    },
    json::{Json, Reason},
    share,
};
use crate::{bills::BillKind, money::Money};

/// The member's shares by the names sources give them: HL7's code, and CMS's variable.
const SHARES: [(&str, &[&str]); 3] = [
    ("deductible", &["deductible", "line_bene_ptb_ddctbl_amt"]),
    ("copay", &["copay"]),
    ("coinsurance", &["coinsurance", "line_coinsrnc_amt"]),
];
const PATIENT_PAY: [&str; 2] = ["paidbypatient", "ptnt_pay_amt"];
const SUBMITTED: [&str; 3] = ["submitted", "line_sbmtd_chrg_amt", "rev_cntr_tot_chrg_amt"];
const PLAN_PAID: [&str; 2] = ["benefit", "line_prvdr_pmt_amt"];
/// Drug costs below and above the out-of-pocket threshold, which CMS codes as coinsurance.
const GROSS_DRUG_COST: [&str; 2] = ["gdc_blw_oopt_amt", "gdc_abv_oopt_amt"];

/// One adjudicated amount. `category`: last part of the path of its first code.
struct Adjudicated {
    category: String,
    gross_drug_cost: bool,
    amount: Exact,
}

pub(super) fn read(json: &Json, patient: Identity, names: &Names) -> Result<Eob, Reason> {
    let kind = kind(json)?;
    let items = numbered(json.objects("item")?)?;
    let mut adjudicated = Vec::new();
    for (item, json) in &items {
        adjudicated
            .push(adjudications(json, "adjudication").map_err(|reason| format!("item {item}: {reason}"))?);
    }
    let totals = adjudications(json, "total")?;
    let header = adjudications(json, "adjudication")?;
    let payment = json.object("payment")?.map(|payment| payment.object("amount")).transpose()?.flatten();
    let payment = payment.map(amount).transpose()?.flatten();

    let responsibility = if stands(json)? { responsibility(kind, &totals, &adjudicated)? } else { None };
    let billed = figure(&totals, &adjudicated, &SUBMITTED)?;
    let plan_paid = match (figure(&totals, &[], &PLAN_PAID)?, payment) {
        (None, Some(payment)) => Some(payment),
        (total, _) => total.or(figure(&[], &adjudicated, &PLAN_PAID)?),
    };
    let steps = responsibility
        .as_ref()
        .map(|r| steps(r, billed, plan_paid, &totals, &adjudicated))
        .transpose()?
        .flatten();

    let mut lines = Vec::new();
    for (item, json) in &items {
        lines.push(service_line(*item, json).map_err(|reason| format!("item {item}: {reason}"))?);
    }
    if lines.is_empty() {
        lines.extend(in_total(json)?);
    }
    if let Some(responsibility) = &responsibility {
        share_out(&mut lines, &adjudicated, responsibility, billed, plan_paid)?;
    }

    let levels = [("header", &header), ("total", &totals)];
    let mut stated: BTreeMap<String, Exact> = BTreeMap::new();
    let every = levels.into_iter().chain(adjudicated.iter().map(|item| ("item", item)));
    for (level, list) in every {
        for one in list {
            let sum = stated.entry(format!("{level}.{}", one.category)).or_insert(Exact::ZERO);
            *sum = sum.plus(one.amount).map_err(say)?;
        }
    }
    stated.extend(payment.map(|payment| ("payment".to_owned(), payment)));

    Ok(Eob {
        patient,
        claim: reference(json, "claim")?.and_then(|reference| names.resolve("Claim", reference).ok()),
        kind,
        period: service_period(json, &lines)?,
        provider: provider(json, names)?,
        responsibility,
        steps,
        lines,
        stated: stated.into_iter().collect(),
    })
}

/// Only an explanation in force of a claim that was made says what somebody owes.
fn stands(json: &Json) -> Result<bool, Reason> {
    let status = json.text("status")?.unwrap_or("active");
    let purpose = json.text("use")?.unwrap_or("claim");
    Ok(status == "active" && purpose == "claim")
}

fn kind(json: &Json) -> Result<BillKind, Reason> {
    let mut pharmacy = false;
    if let Some(concept) = json.object("type")? {
        for coding in concept.objects("coding")? {
            pharmacy |= coding.text("code")? == Some("pharmacy");
        }
    }
    if let Some(meta) = json.object("meta")? {
        let is_pharmacy = |one: &Json| matches!(one, Json::Text(profile) if profile.contains("-Pharmacy"));
        pharmacy |= meta.list("profile")?.iter().any(is_pharmacy);
    }
    Ok(if pharmacy { BillKind::Pharmacy } else { BillKind::Medical })
}

/// The amounts under `key`; an adjudication without one (a reason, a day count) is none.
fn adjudications(json: &Json, key: &str) -> Result<Vec<Adjudicated>, Reason> {
    let mut list = Vec::new();
    for adjudication in json.objects(key)? {
        let Some(money) = adjudication.object("amount")? else { continue };
        let Some(amount) = amount(money)? else { continue };
        let mut codes = Vec::new();
        if let Some(category) = adjudication.object("category")? {
            for coding in category.objects("coding")? {
                let code = coding.text("code")?.unwrap_or_default();
                codes.push(code.rsplit('/').next().unwrap_or_default().to_owned());
            }
        }
        let gross_drug_cost = codes.iter().any(|code| GROSS_DRUG_COST.contains(&code.as_str()));
        let category = codes.into_iter().next().unwrap_or_default();
        list.push(Adjudicated { category, gross_drug_cost, amount });
    }
    Ok(list)
}

/// A Money's value, every digit of it.
pub(super) fn amount(money: &Json) -> Result<Option<Exact>, Reason> {
    let Some(literal) = money.number("value")? else { return Ok(None) };
    if money.text("currency")?.is_some_and(|currency| currency != "USD") {
        return Err("an amount is not in US dollars".to_owned());
    }
    Exact::read(literal).map(Some).map_err(say)
}

fn say(why: super::NotExact) -> Reason {
    format!(
        "an amount {}",
        match why {
            super::NotExact::NotANumber => "is not a decimal number",
            super::NotExact::TooLarge => "is larger than the ledger holds",
            super::NotExact::TooFine => "has more digits than can be added exactly",
        }
    )
}

/// The sum of those in `categories`; `None` where there are none.
fn total<'a>(
    list: impl IntoIterator<Item = &'a Adjudicated>,
    categories: &[&str],
) -> Result<Option<Exact>, Reason> {
    let named = |one: &&Adjudicated| categories.contains(&one.category.as_str());
    Exact::sum(list.into_iter().filter(named).map(|one| one.amount)).map_err(say)
}

/// Added exactly over the whole explanation, then rounded once, half up. The order of the methods is the order in
/// which sources can be believed; the shares of a line are only added where the source has not done it.
fn responsibility(
    kind: BillKind,
    totals: &[Adjudicated],
    items: &[Vec<Adjudicated>],
) -> Result<Option<Responsibility>, Reason> {
    let all = || items.iter().flatten();
    let patient_pay = if kind == BillKind::Pharmacy { total(all(), &PATIENT_PAY)? } else { None };
    let shares =
        Exact::sum(all().filter(|one| share_of(one).is_some()).map(|one| one.amount)).map_err(say)?;
    let found = None
        .or(total(totals, &["memberliability"])?.map(|exact| (exact, Method::Total)))
        .or(patient_pay.map(|exact| (exact, Method::PatientPay)))
        .or(shares.map(|exact| (exact, Method::Shares)))
        .or(total(all(), &PATIENT_PAY)?.map(|exact| (exact, Method::PaidByPatient)))
        .or(total(totals, &PATIENT_PAY)?.map(|exact| (exact, Method::PaidByPatient)));
    let Some((exact, method)) = found else { return Ok(None) };
    if exact.is_negative() {
        return Err("patient responsibility is negative".to_owned());
    }
    Ok(Some(Responsibility { amount: exact.to_money().map_err(say)?, exact, method }))
}

/// Which of the member's shares an adjudication is.
fn share_of(one: &Adjudicated) -> Option<&'static str> {
    if one.gross_drug_cost {
        return None;
    }
    SHARES.iter().find(|(_, names)| names.contains(&one.category.as_str())).map(|(share, _)| *share)
}

/// The total where it is stated, else the sum over the items.
fn figure(
    totals: &[Adjudicated],
    items: &[Vec<Adjudicated>],
    names: &[&str],
) -> Result<Option<Exact>, Reason> {
    Ok(total(totals, names)?.or(total(items.iter().flatten(), names)?))
}

/// Steps that close: the discount is what neither the plan, nor an earlier payment, nor the bill accounts for. Where
/// the stated amounts exceed what was billed they explain nothing, and no steps are shown.
fn steps(
    responsibility: &Responsibility,
    billed: Option<Exact>,
    plan_paid: Option<Exact>,
    totals: &[Adjudicated],
    items: &[Vec<Adjudicated>],
) -> Result<Option<Steps>, Reason> {
    let Some(billed) = billed else { return Ok(None) };
    let billed = billed.to_money().map_err(say)?;
    let plan_paid = plan_paid.unwrap_or(Exact::ZERO).to_money().map_err(say)?;
    // A patient pay amount that *is* the responsibility has not been paid before it.
    let paid_before = match responsibility.method {
        Method::Total | Method::Shares => figure(totals, items, &PATIENT_PAY)?.unwrap_or(Exact::ZERO),
        Method::PatientPay | Method::PaidByPatient => Exact::ZERO,
    };
    let paid_before = paid_before.to_money().map_err(say)?;
    let discount = billed.minus(plan_paid).minus(paid_before).minus(responsibility.amount);
    let closes = [billed, plan_paid, paid_before, discount].iter().all(|money| !money.is_negative());
    Ok(closes.then_some(Steps { billed, discount, plan_paid, paid_before }))
}

fn service_line(item: usize, json: &Json) -> Result<ServiceLine, Reason> {
    let mut sequences = Vec::new();
    for sequence in json.list("itemSequence")? {
        match sequence {
            Json::Number(literal) => sequences.push(literal.clone()),
            _ => return Err("`itemSequence` holds something that is not a number".to_owned()),
        }
    }
    if sequences.is_empty() {
        sequences.push(json.number("sequence")?.map_or_else(|| item.to_string(), str::to_owned));
    }
    Ok(ServiceLine {
        item,
        sequences,
        description: description(json)?.unwrap_or_default(),
        served_on: served_on(json)?,
        quantity: quantity(json)?,
        billed: None,
        discount: None,
        plan_paid: None,
        owed: Money::ZERO,
        shares: Vec::new(),
    })
}

/// The one line of an explanation that gives totals only.
fn in_total(json: &Json) -> Result<Option<ServiceLine>, Reason> {
    let words = json.object("type")?.map(concept_words).transpose()?.flatten();
    Ok(Some(ServiceLine {
        item: 0,
        sequences: Vec::new(),
        description: words.unwrap_or_default(),
        served_on: None,
        quantity: None,
        billed: None,
        discount: None,
        plan_paid: None,
        owed: Money::ZERO,
        shares: Vec::new(),
    }))
}

/// Gives every line its cents, so that the lines sum to the bill: each amount was rounded once, for the bill.
fn share_out(
    lines: &mut [ServiceLine],
    items: &[Vec<Adjudicated>],
    responsibility: &Responsibility,
    billed: Option<Exact>,
    plan_paid: Option<Exact>,
) -> Result<(), Reason> {
    let of_lines = |names: &[&str]| -> Result<Vec<Option<Exact>>, Reason> {
        items.iter().map(|item| total(item, names)).collect()
    };
    let shares: Vec<Option<Exact>> = items
        .iter()
        .map(|item| {
            Exact::sum(item.iter().filter(|one| share_of(one).is_some()).map(|one| one.amount)).map_err(say)
        })
        .collect::<Result<_, _>>()?;
    let submitted = of_lines(&SUBMITTED)?;
    let paid = of_lines(&PLAN_PAID)?;

    // What a line owes: by the amounts the bill was made of, else by its shares, else by what was billed for it.
    let pays = of_lines(&PATIENT_PAY)?;
    let by = match responsibility.method {
        Method::PatientPay | Method::PaidByPatient => [&pays, &shares, &submitted],
        Method::Total | Method::Shares => [&shares, &pays, &submitted],
    };
    let weights = |list: &[Option<Exact>]| -> Vec<Exact> {
        let mut weights: Vec<Exact> = list.iter().map(|weight| weight.unwrap_or(Exact::ZERO)).collect();
        weights.resize(lines.len(), Exact::ZERO);
        weights
    };
    let named = by.iter().map(|list| weights(list)).find(|list| list.iter().any(|weight| !weight.is_zero()));
    let named = named.unwrap_or_else(|| weights(&[]));
    let too_large = || "amounts too large to share over the lines".to_owned();
    let owed = share(responsibility.amount, &named).ok_or_else(too_large)?;
    let billed = column(billed, &submitted)?;
    let plan_paid = column(plan_paid, &paid)?;

    for (n, line) in lines.iter_mut().enumerate() {
        line.owed = owed.get(n).copied().unwrap_or_default();
        line.billed = billed.get(n).copied().flatten();
        line.plan_paid = plan_paid.get(n).copied().flatten();
        line.discount = match (line.billed, line.plan_paid) {
            (Some(billed), Some(paid)) => {
                Some(billed.minus(paid).minus(line.owed)).filter(|rest| !rest.is_negative())
            }
            _ => None,
        };
        line.shares =
            line_shares(items.get(n).map_or(&[][..], Vec::as_slice), line.owed, responsibility.method)?;
    }
    Ok(())
}

/// A column of the lines: split, where the lines add up to the bill's own figure; else each as it stands.
fn column(figure: Option<Exact>, lines: &[Option<Exact>]) -> Result<Vec<Option<Money>>, Reason> {
    let sum = Exact::sum(lines.iter().copied().flatten()).map_err(say)?;
    let stated: Vec<Exact> = lines.iter().copied().flatten().collect();
    let each =
        || lines.iter().map(|line| line.map(|line| line.to_money().map_err(say)).transpose()).collect();
    let negative = stated.iter().any(|line| line.is_negative());
    match (figure, sum) {
        (Some(figure), Some(sum)) if !negative && figure.to_money() == sum.to_money() => {
            let Some(parts) = share(figure.to_money().map_err(say)?, &stated) else { return each() };
            let mut parts = parts.into_iter();
            Ok(lines.iter().map(|line| line.and_then(|_| parts.next())).collect())
        }
        _ => each(),
    }
}

/// Deductible, copay and coinsurance of a line. Where they are what it owes, they get its cents.
fn line_shares(
    item: &[Adjudicated],
    owed: Money,
    method: Method,
) -> Result<Vec<(&'static str, Money)>, Reason> {
    let mut shares: Vec<(&'static str, Exact)> = Vec::new();
    for (share, names) in SHARES {
        let counted = item.iter().filter(|one| !one.gross_drug_cost);
        shares.extend(total(counted, names)?.map(|exact| (share, exact)));
    }
    let exact: Vec<Exact> = shares.iter().map(|(_, exact)| *exact).collect();
    let parts = if method == Method::Shares && !exact.iter().any(|share| share.is_negative()) {
        share(owed, &exact)
    } else {
        None
    };
    match parts {
        Some(parts) => Ok(shares.into_iter().map(|(share, _)| share).zip(parts).collect()),
        None => {
            shares.into_iter().map(|(share, exact)| Ok((share, exact.to_money().map_err(say)?))).collect()
        }
    }
}

/// First and last day of service: the lines' days, else the billable period, else the day it was made.
fn service_period(json: &Json, lines: &[ServiceLine]) -> Result<Option<(NaiveDate, NaiveDate)>, Reason> {
    let served = lines.iter().filter_map(|line| line.served_on);
    if let (Some(first), Some(last)) = (served.clone().min(), served.max()) {
        return Ok(Some((first, last)));
    }
    let (start, end) = period(json, "billablePeriod")?;
    let created = json.text("created")?.map_or(Ok(None), day)?;
    Ok(start.or(end).or(created).map(|first| (first, end.filter(|end| *end >= first).unwrap_or(first))))
}

/// Who gave the care, as far as this file says.
fn provider(json: &Json, names: &Names) -> Result<Option<String>, Reason> {
    for key in ["provider", "facility", "organization"] {
        let Some(target) = json.object(key)? else { continue };
        if let Some(name) = target.text("display")?.and_then(plain) {
            return Ok(Some(name));
        }
        let Some(reference) = reference(json, key)? else { continue };
        if let Some(name) = names.called(reference) {
            return Ok(Some(name));
        }
        for kind in ["Organization", "Practitioner"] {
            if let Some(inner) = contained(json, kind, reference)?
                && let Some(name) = called(kind, inner)
            {
                return Ok(Some(name));
            }
        }
    }
    Ok(None)
}
