use std::fmt::Display;

use billing::money::{self, Money};
use leptos::prelude::*;

use crate::path::Path;

/// What makes a figure: kind and id of its explanation.
#[derive(Clone, Debug)]
pub struct Cite(pub String, pub String);

impl<K: Display, I: Display> From<(K, I)> for Cite {
    fn from((kind, id): (K, I)) -> Self {
        Self(kind.to_string(), id.to_string())
    }
}

/// A figure that opens what makes it: `<Amount of=bill.owed() explain=("bill-owed", bill.id)/>`.
#[component]
pub fn Amount(
    of: Money,
    #[prop(into)] explain: Cite,
    /// Weight of the page's one figure.
    #[prop(optional)]
    strong: bool,
) -> impl IntoView {
    let href = Path::Explain(explain.0, explain.1).to_string();
    view! {
        <a class="amount" class:strong=strong href=href aria-describedby="amount-help">
            <data value=of.to_string()>{money::say(of)}</data>
        </a>
    }
}
