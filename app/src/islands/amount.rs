use billing::money::{cents, say_cents};
use leptos::{
    prelude::*,
    wasm_bindgen::JsCast as _,
    web_sys::{Element, HtmlInputElement},
};

use super::page::{find, listen, word};

/// Reads the amount while it is typed: what would be paid, and what would be left. The sentences stand in
/// `#amount-words`, with `{amount}` where the figure goes; the reading is shown in `#amount-reading`.
#[island]
pub fn AmountReading() -> impl IntoView {
    Effect::new(|| {
        let (Some(field), Some(words), Some(reading)) =
            (find("field-amount"), find("amount-words"), find("amount-reading"))
        else {
            return;
        };
        let Ok(input) = field.clone().dyn_into::<HtmlInputElement>() else { return };
        let show = move || reading.set_text_content(Some(&read(&input.value(), &words)));
        show();
        listen(&field, "input", show);
    });
}

/// The sentence for what is typed; none for what cannot be read, which the form itself will explain.
fn read(typed: &str, words: &Element) -> String {
    let figure = |name| word(words, name).parse::<i64>();
    let (Ok(typed), Ok(owed), Ok(most)) = (cents(typed), figure("data-owed"), figure("data-most")) else {
        return String::new();
    };
    if typed > most {
        return word(words, "data-too-much").replace("{amount}", &say_cents(most));
    }
    let left = owed.saturating_sub(typed);
    let mut sentence = word(words, "data-reading").replace("{amount}", &say_cents(typed));
    sentence.push(' ');
    sentence.push_str(&word(words, "data-left").replace("{amount}", &say_cents(left)));
    sentence
}
