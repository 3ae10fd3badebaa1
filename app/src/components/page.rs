use leptos::prelude::*;
use leptos_meta::Title;

use crate::{path::Place, t};

/// The frame of one page: its title, and its measure.
#[component]
pub fn Page(
    #[prop(into)] title: String,
    /// Two columns from 64 rem: the overview alone.
    #[prop(optional)]
    wide: bool,
    /// A form came back: the title says so first.
    #[prop(optional)]
    refused: bool,
    children: Children,
) -> impl IntoView {
    let site = t!("site-name");
    let title = if refused { t!("title-refused", title = title) } else { title };
    view! {
        <Title text=format!("{title} · {site}")/>
        <div class="page" class:wide=wide>{children()}</div>
    }
}

/// Where the page stands: `(name, place)` of the pages above it, then its own name.
#[component]
pub fn Crumbs(above: Vec<(String, Place)>, #[prop(into)] here: String) -> impl IntoView {
    let above = above
        .into_iter()
        .map(|(name, place)| view! { <li><a href=place.to_string()>{name}</a></li> })
        .collect_view();
    view! {
        <nav class="crumbs" aria-label=t!("crumbs-label")>
            <ol>{above}<li aria-current="page">{here}</li></ol>
        </nav>
    }
}

/// The steps of a flow, the current one marked; `current` counts from 0.
#[component]
pub fn Steps(names: Vec<String>, current: usize) -> impl IntoView {
    let steps = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| view! { <li aria-current=(index == current).then_some("step")>{name}</li> })
        .collect_view();
    view! { <ol class="steps" aria-label=t!("steps-label")>{steps}</ol> }
}
