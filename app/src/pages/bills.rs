use billing::bills::{BillFilter, BillKind, BillPage};
use leptos::prelude::*;

use crate::{
    components::{BillRow, Load, Page, Pager, say_kind_short},
    path::{Path, Place},
    sitting::{in_query, seat},
    t,
};

#[component]
pub fn BillsPage() -> impl IntoView {
    let bills = async {
        let filter = BillFilter::read(
            in_query("kind").as_deref(),
            in_query("status").as_deref(),
            in_query("after").as_deref(),
        );
        let page = seat()?.member()?.bills(&filter).await?;
        Ok((filter, page))
    };
    view! { <Load from=bills show=|(filter, page)| view! { <BillList filter page/> }/> }
}

#[component]
pub(super) fn BillList(filter: BillFilter, page: BillPage) -> impl IntoView {
    let BillPage { today, bills, next, first } = page;
    let start = (!first).then(|| place(filter.kind, filter.open));
    let next = next.map(|after| place(filter.kind, filter.open).with("after", after));
    let filtered = filter.kind.is_some() || filter.open.is_some();
    let list = if bills.is_empty() {
        view! { <Nothing filtered/> }.into_any()
    } else {
        let rows = bills.into_iter().map(|bill| view! { <BillRow bill today/> }).collect_view();
        view! { <ul class="card bill-rows" aria-label=t!("bills-list")>{rows}</ul> }.into_any()
    };
    view! {
        <Page title=t!("bills-title")>
            <h1>{t!("bills-title")}</h1>
            <p class="lead">{t!("bills-lead")}</p>
            <Filters filter/>
            {list}
            <Pager next start/>
        </Page>
    }
}

/// The list with a choice of kind and of what is still owed, at its start.
fn place(kind: Option<BillKind>, open: Option<bool>) -> Place {
    let place = kind.map_or_else(|| Place::from(Path::Bills), Path::bills_of);
    match open {
        Some(open) => place.with("status", if open { "open" } else { "paid" }),
        None => place,
    }
}

#[component]
fn Filters(filter: BillFilter) -> impl IntoView {
    let kinds = std::iter::once((None, t!("bills-filter-all-kinds")))
        .chain(BillKind::ALL.map(|kind| (Some(kind), say_kind_short(kind))))
        .map(|(kind, name)| view! { <Filter name to=place(kind, filter.open) taken=kind == filter.kind/> })
        .collect_view();
    let standing = [
        (None, t!("bills-filter-all")),
        (Some(true), t!("bills-filter-open")),
        (Some(false), t!("bills-filter-paid")),
    ]
    .into_iter()
    .map(|(open, name)| view! { <Filter name to=place(filter.kind, open) taken=open == filter.open/> })
    .collect_view();
    view! {
        <nav class="filters" aria-label=t!("bills-filter-kind")>
            <span class="filters-name" aria-hidden="true">{t!("bills-filter-kind")}</span>
            <ul>{kinds}</ul>
        </nav>
        <nav class="filters" aria-label=t!("bills-filter-show")>
            <span class="filters-name" aria-hidden="true">{t!("bills-filter-show")}</span>
            <ul>{standing}</ul>
        </nav>
    }
}

#[component]
fn Filter(name: String, to: Place, taken: bool) -> impl IntoView {
    view! { <li><a href=to.to_string() aria-current=taken.then_some("true")>{name}</a></li> }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <div class="card empty">
                <p>{t!("bills-none-filtered")}</p>
                <p><a href=Path::Bills.to_string()>{t!("bills-none-all")}</a></p>
            </div>
        }
        .into_any()
    } else {
        view! { <div class="card empty"><p>{t!("bills-none")}</p></div> }.into_any()
    }
}
