use leptos::prelude::*;

use crate::{t, words::english_here};

/// What a bill's line is for. A premium bill's own lines are named in our words; what a source wrote stays as it wrote it,
/// in its language.
#[component]
pub fn LineName(
    /// The line's kind, as its row has it.
    kind: String,
    description: String,
) -> impl IntoView {
    let ours = match kind.as_str() {
        "premium" => Some(t!("bill-line-premium")),
        "credit" => Some(t!("bill-line-credit")),
        "fee" => Some(t!("bill-line-fee")),
        _ => None,
    };
    match (ours, english_here()) {
        (Some(name), _) => name.into_any(),
        (None, Some(lang)) => view! { <span lang=lang>{description}</span> }.into_any(),
        (None, None) => description.into_any(),
    }
}
