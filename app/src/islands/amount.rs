use billing::money::{cents, say_cents};
use leptos::{ev, prelude::*};

/// Reads the amount while it is typed: what would be paid, and what would be left. The sentences stand in
/// `#amount-words`, with `{amount}` where the figure goes.
#[island]
pub fn AmountReading() -> impl IntoView {
    let sentence = RwSignal::new(String::new());
    Effect::new(move || {
        sentence.set(read_page());
        let listener = window_event_listener(ev::input, move |_| sentence.set(read_page()));
        on_cleanup(move || listener.remove());
    });
    view! { <p class="reading" role="status">{sentence}</p> }
}

/// The sentence for what stands in the field now; none for what cannot be read, which the form itself will explain.
fn read_page() -> String {
    let words = document().get_element_by_id("amount-words");
    let word = |name: &str| words.as_ref().and_then(|it| it.get_attribute(name)).unwrap_or_default();
    let typed = event_target_value_of("field-amount");
    let (Ok(typed), Ok(owed)) = (cents(&typed), word("data-owed").parse::<i64>()) else {
        return String::new();
    };
    let left = owed.saturating_sub(typed);
    if left < 0 {
        return word("data-too-much").replace("{amount}", &say_cents(owed));
    }
    let reading = word("data-reading").replace("{amount}", &say_cents(typed));
    format!("{reading} {}", word("data-left").replace("{amount}", &say_cents(left)))
}

fn event_target_value_of(id: &str) -> String {
    use leptos::wasm_bindgen::JsCast as _;
    document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<leptos::web_sys::HtmlInputElement>().ok())
        .map(|input| input.value())
        .unwrap_or_default()
}
