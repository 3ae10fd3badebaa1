use std::collections::BTreeMap;

use billing::error::Refusal;
use leptos::prelude::*;

use super::{Notice, field::input_id};
use crate::{sitting::sitting, t, words::say_refusal};

/// A form that came back: what was typed, and why it was not taken. Empty on a first visit.
#[derive(Clone, Debug, Default)]
pub struct Again {
    refusals: Vec<Refusal>,
    typed: BTreeMap<String, String>,
}

impl Again {
    /// What was asked for in the address of a page, and why it was not taken.
    pub fn refused(refusals: Vec<Refusal>) -> Self {
        Self { refusals, typed: BTreeMap::new() }
    }

    pub fn typed(&self, name: &str) -> Option<&str> {
        self.typed.get(name).map(String::as_str)
    }

    /// The refusal bound to a field, as its sentence.
    pub fn refusal(&self, name: &str) -> Option<String> {
        self.refusals.iter().find(|refusal| refusal.field == name).map(say_refusal)
    }

    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// The form came after its visit had ended and waited for its person.
    fn is_kept(&self) -> bool {
        self.refusals.is_empty() && !self.typed.is_empty()
    }
}

/// The form this request asks to be shown again.
pub fn again() -> Again {
    sitting().again.map_or_else(Again::default, |form| Again {
        refusals: form.refusals,
        typed: form.typed.into_iter().collect(),
    })
}

/// What has to be mended, at the top, each with a link to its field. Takes the focus by itself, without script.
#[component]
pub fn Refusals(again: Again) -> impl IntoView {
    if again.is_kept() {
        return view! { <Notice title=t!("kept-title")><p>{t!("kept-text")}</p></Notice> }.into_any();
    }
    let refused = again.is_refused().then(|| {
        let lines = again
            .refusals
            .iter()
            .map(|refusal| {
                let sentence = say_refusal(refusal);
                if refusal.field.is_empty() {
                    view! { <li>{sentence}</li> }.into_any()
                } else {
                    view! { <li><a href=format!("#{}", input_id(&refusal.field))>{sentence}</a></li> }.into_any()
                }
            })
            .collect_view();
        view! {
            <div class="notice bad refusals" role="alert" tabindex="-1" autofocus aria-labelledby="refusals-title">
                <h2 class="notice-title" id="refusals-title">{t!("refusals-title")}</h2>
                <ul>{lines}</ul>
            </div>
        }
    });
    refused.into_any()
}
