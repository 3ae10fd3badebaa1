use leptos::prelude::*;

use super::Again;
use crate::islands::AmountReading;

/// One question of a form: label, hint under it, refusal above the input, bound to it for every way of reading.
#[component]
pub fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    /// Empty: none.
    #[prop(optional, into)]
    hint: String,
    /// `text`, `email`, `password`, `date`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it at first; what was typed wins.
    #[prop(optional, into)]
    value: String,
    again: Again,
    #[prop(optional, into)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] inputmode: Option<&'static str>,
    #[prop(default = 200)] max_length: u32,
    /// `short`, `code` or `money`: the width says what is expected.
    #[prop(optional, into)]
    width: Option<&'static str>,
    #[prop(optional)] spellcheck: bool,
) -> impl IntoView {
    let refusal = again.refusal(name);
    let typed = again.typed(name).map_or(value, str::to_owned);
    let value = (kind != "password" && !typed.is_empty()).then_some(typed);
    let refused = refusal.is_some();
    let described = described_by(name, !hint.is_empty(), refused);
    view! {
        <div class="field" class:refused=refused>
            <label for=input_id(name)>{label}</label>
            <HintAndRefusal name hint refusal/>
            <input
                id=input_id(name)
                class=width
                name=name
                type=kind
                value=value
                maxlength=max_length
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize="off"
                spellcheck=if spellcheck { "true" } else { "false" }
                aria-describedby=described
                aria-invalid=refused.then_some("true")
            />
        </div>
    }
}

/// A field for an amount, with the live reading of what is typed.
///
/// `reading`, `left` and `too_much` are sentences with `{amount}` in them: what is typed, `owed` less that, and `most`.
#[component]
pub fn AmountField(
    #[prop(into)] label: String,
    /// Empty: none.
    #[prop(optional, into)]
    hint: String,
    #[prop(optional, into)] value: String,
    again: Again,
    /// Cents that are owed.
    owed: i64,
    /// Cents that can be paid now: less than is owed while another payment is under way.
    most: i64,
    #[prop(into)] reading: String,
    #[prop(into)] left: String,
    #[prop(into)] too_much: String,
) -> impl IntoView {
    view! {
        <Field name="amount" label hint value again inputmode="decimal" autocomplete="off" max_length=24 width="money"/>
        <div
            id="amount-words"
            data-owed=owed
            data-most=most
            data-reading=reading
            data-left=left
            data-too-much=too_much
        >
            <p class="reading" id="amount-reading" role="status"></p>
            <AmountReading/>
        </div>
    }
}

/// One answer of a [`Choice`].
#[derive(Clone, Debug)]
pub struct Choices {
    pub value: &'static str,
    pub label: String,
    pub hint: Option<String>,
}

/// One question with a few answers, of which one is taken.
#[component]
pub fn Choice(
    name: &'static str,
    #[prop(into)] question: String,
    /// Empty: none.
    #[prop(optional, into)]
    hint: String,
    choices: Vec<Choices>,
    /// The answer taken at first.
    #[prop(optional, into)]
    value: String,
    again: Again,
) -> impl IntoView {
    let refusal = again.refusal(name);
    let taken = again.typed(name).map_or(value, str::to_owned);
    let refused = refusal.is_some();
    let described = described_by(name, !hint.is_empty(), refused);
    let answers = choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| {
            // The first answer takes the field's id, so that the summary can lead to it.
            let id = if index == 0 { input_id(name) } else { format!("{}-{index}", input_id(name)) };
            let hint_id = format!("{id}-hint");
            view! {
                <div class="choice">
                    <input
                        id=id.clone()
                        type="radio"
                        name=name
                        value=choice.value
                        checked=taken == choice.value
                        aria-describedby=choice.hint.is_some().then(|| hint_id.clone())
                    />
                    <label for=id>{choice.label}</label>
                    {choice.hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" class:refused=refused aria-describedby=described>
            <legend>{question}</legend>
            <HintAndRefusal name hint refusal/>
            {answers}
        </fieldset>
    }
}

#[component]
fn HintAndRefusal(name: &'static str, hint: String, refusal: Option<String>) -> impl IntoView {
    view! {
        {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("hint-{name}")>{hint}</p> })}
        {refusal
            .map(|refusal| {
                view! {
                    <p class="refusal" id=format!("refusal-{name}")>
                        <span class="shape" aria-hidden="true">"\u{25b2}"</span>
                        {refusal}
                    </p>
                }
            })}
    }
}

/// Where a refusal's link leads.
pub(crate) fn input_id(name: &str) -> String {
    format!("field-{name}")
}

fn described_by(name: &str, hint: bool, refusal: bool) -> Option<String> {
    let mut ids = Vec::new();
    if hint {
        ids.push(format!("hint-{name}"));
    }
    if refusal {
        ids.push(format!("refusal-{name}"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}
