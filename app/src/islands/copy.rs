use leptos::{prelude::*, web_sys::Element};

use super::page::{listen, set_shown, word};

/// Prints the page, by every `.print-page` button of it.
#[island]
pub fn PrintPage() -> impl IntoView {
    Effect::new(|| {
        each(".print-page", |button| {
            set_shown(button, true);
            listen(button, "click", || drop(window().print()));
        });
    });
}

/// Copies the text of every `.copy-text` of the page, by its own button.
#[island]
pub fn CopyButton() -> impl IntoView {
    Effect::new(|| {
        each(".copy-text", |frame| {
            let (Ok(Some(text)), Ok(Some(button))) =
                (frame.query_selector(".reference"), frame.query_selector("button"))
            else {
                return;
            };
            set_shown(&button, true);
            let pressed = button.clone();
            listen(&button, "click", move || {
                // The browser may refuse; then the text is still there to be marked by hand.
                let _promise =
                    window().navigator().clipboard().write_text(&text.text_content().unwrap_or_default());
                pressed.set_text_content(Some(&word(&pressed, "data-done")));
            });
        });
    });
}

/// Every element of the page that fits and is not awake yet: a page may carry an island twice.
fn each(selector: &str, wake: impl Fn(&Element)) {
    let Ok(found) = document().query_selector_all(selector) else { return };
    for index in 0..found.length() {
        let Some(element) = found.item(index).and_then(|node| {
            use leptos::wasm_bindgen::JsCast as _;
            node.dyn_into::<Element>().ok()
        }) else {
            continue;
        };
        if !element.has_attribute("data-awake") {
            let _done = element.set_attribute("data-awake", "");
            wake(&element);
        }
    }
}
