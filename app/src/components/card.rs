use leptos::prelude::*;

/// A framed section with a heading of second rank.
#[component]
pub fn Card(
    #[prop(into)] title: String,
    /// Anchor of the section.
    #[prop(optional, into)]
    id: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" id=id>
            <h2>{title}</h2>
            <div class="card">{children()}</div>
        </section>
    }
}

/// Terms with their values: check pages, receipts, profiles.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

#[component]
pub fn Fact(#[prop(into)] term: String, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// Lines of a list: `<Rows><Row when=… amount=…>…</Row></Rows>`.
#[component]
pub fn Rows(children: Children) -> impl IntoView {
    view! { <ul class="rows">{children()}</ul> }
}

/// One line: day at the left, what it is, the figure at the right.
#[component]
pub fn Row(
    #[prop(optional, into)] when: ViewFn,
    #[prop(optional, into)] amount: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <li class="row">
            <span class="row-when">{when.run()}</span>
            <div class="row-what">{children()}</div>
            <span class="row-amount">{amount.run()}</span>
        </li>
    }
}
