use billing::{
    bills::{BillKind, RangeProblem},
    error::Refusal,
    money::Money,
    payments::{CHANNELS, History, HistoryFilter, HistoryLimit, PremiumsShown},
};
use chrono::NaiveDate;
use leptos::prelude::*;

use crate::{
    components::{
        Again, Amount, Card, Field, Load, Page, Pager, PaymentRow, PrintButton, Refusals, Rows, WhomToAsk,
        say_date, say_kind_short,
    },
    path::{Path, Place},
    sitting::{in_query, seat, sitting},
    t,
    words::say,
};

#[component]
pub fn PaymentsPage() -> impl IntoView {
    let history = async {
        let asked = Asked::read();
        let history = seat()?.member()?.payments(&asked.filter).await?;
        Ok((asked, history))
    };
    view! { <Load from=history show=|(asked, history)| view! { <HistoryShown asked history/> }/> }
}

/// The range a person asked for: as typed, and as far as it could be read.
pub(super) struct Asked {
    pub(super) filter: HistoryFilter,
    pub(super) from: String,
    pub(super) to: String,
    /// What is wrong with it, at its field; then it is no range at all.
    pub(super) again: Again,
}

impl Asked {
    fn read() -> Self {
        let typed = |name| in_query(name).unwrap_or_default();
        let (from, to) = (typed("from"), typed("to"));
        let kind = in_query("kind").as_deref().and_then(BillKind::read);
        let (range, again) = match HistoryFilter::read(&from, &to, kind) {
            Ok(range) => (range, Again::default()),
            Err(problem) => {
                let range = HistoryFilter { kind, ..HistoryFilter::default() };
                (range, Again::refused(refusals(problem, &from, &to)))
            }
        };
        let after = in_query("after").and_then(|id| id.parse().ok());
        Self { filter: HistoryFilter { after, ..range }, from, to, again }
    }
}

/// What is wrong, each at the field it was typed into.
fn refusals(problem: RangeProblem, from: &str, to: &str) -> Vec<Refusal> {
    match problem {
        RangeProblem::WrongOrder => vec![Refusal::of("from", "history-date-order")],
        RangeProblem::NotADate => [("from", from), ("to", to)]
            .into_iter()
            .filter(|(_, day)| HistoryFilter::read(day, "", None).is_err())
            .map(|(field, _)| Refusal::of(field, "history-date-wrong"))
            .collect(),
    }
}

#[component]
pub(super) fn HistoryShown(asked: Asked, history: History) -> impl IntoView {
    let History { today, zone, payments, total, next, first, limits } = history;
    let Asked { filter, from, to, again } = asked;
    let member = sitting().visit.and_then(|visit| visit.member);
    let name = member.as_ref().map(|member| format!("{} {}", member.given_name, member.family_name));
    let ask = member.map(|member| member.ask).unwrap_or_default();
    let filtered = filter.from.is_some() || filter.to.is_some() || filter.kind.is_some();
    let limited = !limits.is_empty();
    let start = (!first).then(|| place(&filter));
    let next = next.map(|after| place(&filter).with("after", after));
    let list = if payments.is_empty() {
        let text = match (filtered, limited) {
            (true, _) => t!("history-none-filtered"),
            (false, true) => t!("history-none-limited"),
            (false, false) => t!("history-none"),
        };
        let all = filtered.then(|| {
            view! { <p><a href=Path::Payments.to_string()>{t!("history-none-all")}</a></p> }
        });
        view! { <div class="card empty"><p>{text}</p>{all}</div> }.into_any()
    } else {
        let rows =
            payments.into_iter().map(|line| view! { <PaymentRow line zone=zone.clone()/> }).collect_view();
        view! { <section class="card" aria-label=t!("history-list")><Rows>{rows}</Rows></section> }.into_any()
    };
    view! {
        <Page title=t!("history-title") refused=again.is_refused()>
            <Refusals again=again.clone()/>
            <h1>{t!("history-title")}</h1>
            <p class="lead">{if limited { t!("history-lead-limited") } else { t!("history-lead") }}</p>
            {name.map(|name| view! { <p class="print-only">{t!("history-of", name = name)}</p> })}
            <RangeForm from to kind=filter.kind filtered=filtered || again.is_refused() again/>
            <Total filter=filter.clone() total today limited/>
            {list}
            <Pager next start/>
            <p class="note no-print">
                <a href=csv(&filter) download="payments.csv" rel="nofollow">{t!("history-csv")}</a>
            </p>
            {limits.into_iter().map(|limit| view! { <LeftOut limit/> }).collect_view()}
            <Card title=t!("history-letter-title")>
                <p>{t!("history-letter")}</p>
                <WhomToAsk ask/>
            </Card>
            <PrintButton/>
        </Page>
    }
}

/// What the history leaves out in a region, and whom to ask for it.
#[component]
fn LeftOut(limit: HistoryLimit) -> impl IntoView {
    let HistoryLimit { shown, region, ask } = limit;
    let region = say(&format!("region-{}", region.to_lowercase()));
    view! {
        <Card title=t!("history-limit-title", region = region) id="premiums">
            <p>{say_shown(shown)}</p>
            <WhomToAsk ask/>
        </Card>
    }
}

fn say_shown(shown: Option<PremiumsShown>) -> String {
    let Some(PremiumsShown { since, channels }) = shown else { return t!("history-limit-closed") };
    let since = since.map(|date| t!("history-limit-since", date = say_date(date)));
    let ways = channels.map(|channels| {
        let paid = |held: bool| {
            let ways =
                CHANNELS.into_iter().filter(|way| channels.iter().any(|channel| channel == way) == held);
            ways.map(|way| say(&format!("channel-{way}"))).collect::<Vec<_>>().join(", ")
        };
        t!("history-limit-ways", shown = paid(true), others = paid(false))
    });
    [since, ways].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The history with its range and kind, at its start.
fn place(filter: &HistoryFilter) -> Place {
    let mut place = Place::from(Path::Payments);
    if let Some(from) = filter.from {
        place = place.with("from", from);
    }
    if let Some(to) = filter.to {
        place = place.with("to", to);
    }
    if let Some(kind) = filter.kind {
        place = place.with("kind", kind.word());
    }
    place
}

/// The same choice as a file.
fn csv(filter: &HistoryFilter) -> String {
    place(filter).to_string().replacen(&Path::Payments.to_string(), "/payments.csv", 1)
}

/// A GET form: the range stands in the address and can be kept as a bookmark.
#[component]
fn RangeForm(
    from: String,
    to: String,
    kind: Option<BillKind>,
    filtered: bool,
    again: Again,
) -> impl IntoView {
    let kinds = BillKind::ALL
        .map(|choice| {
            view! {
                <option value=choice.word() selected=kind == Some(choice)>
                    {say_kind_short(choice)}
                </option>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <form class="card range no-print" method="get" action=Path::Payments.to_string()>
            <Field name="from" label=t!("history-from") kind="date" value=from again=again.clone() width="short"/>
            <Field name="to" label=t!("history-to") kind="date" value=to again width="short"/>
            <div class="field">
                <label for="field-kind">{t!("history-kind")}</label>
                <select id="field-kind" name="kind">
                    <option value="" selected=kind.is_none()>{t!("bills-filter-all-kinds")}</option>
                    {kinds}
                </select>
            </div>
            <p class="actions">
                <button class="button quiet">{t!("history-show")}</button>
                {filtered.then(|| view! { <a href=Path::Payments.to_string()>{t!("history-clear")}</a> })}
            </p>
        </form>
    }
}

#[component]
fn Total(filter: HistoryFilter, total: Money, today: NaiveDate, limited: bool) -> impl IntoView {
    let name = match (filter.from, filter.to) {
        (Some(from), to) => {
            t!("history-total-range", from = say_date(from), to = say_date(to.unwrap_or(today)))
        }
        (None, Some(to)) => t!("history-total-until", date = say_date(to)),
        (None, None) => t!("history-total"),
    };
    view! {
        <section class="total">
            <p class="total-line">
                <span>{name}</span>
                <Amount of=total explain=("history", range_id(&filter, today)) strong=true/>
            </p>
            <p class="note">
                {t!("history-total-note")}
                {limited.then(|| format!(" {}", t!("history-total-limited")))}
            </p>
        </section>
    }
}

/// Names a range for its explanation. An open end is today, or later where the range begins later: a browser takes `..`
/// alone for the way up.
fn range_id(filter: &HistoryFilter, today: NaiveDate) -> String {
    let from = filter.from.map(|from| from.to_string()).unwrap_or_default();
    let to = filter.to.unwrap_or_else(|| filter.from.map_or(today, |from| from.max(today)));
    let kind = filter.kind.map(|kind| format!(":{}", kind.word())).unwrap_or_default();
    format!("{from}..{to}{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_field() {
        let wrong = |field| Refusal::of(field, "history-date-wrong");
        let problem = RangeProblem::NotADate;
        assert_eq!(refusals(problem, "2026-01-01", "yesterday"), [wrong("to")]);
        assert_eq!(refusals(problem, "soon", "later"), [wrong("from"), wrong("to")]);
        let order = Refusal::of("from", "history-date-order");
        assert_eq!(refusals(RangeProblem::WrongOrder, "2026-02-01", "2026-01-01"), [order]);
    }

    #[test]
    fn a_range_is_never_only_dots_in_an_address() {
        let filter = HistoryFilter::default();
        assert_eq!(range_id(&filter, on("2027-01-05")), "..2027-01-05");
        let later = HistoryFilter { from: Some(on("2028-01-01")), ..filter };
        assert_eq!(range_id(&later, on("2027-01-05")), "2028-01-01..2028-01-01");
    }
}
