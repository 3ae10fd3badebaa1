use leptos::{ev::MouseEvent, prelude::*};

/// Prints the page. Its label stands on the element around it.
#[island]
pub fn PrintPage() -> impl IntoView {
    let label = RwSignal::new(String::new());
    let button = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(button) = button.get() {
            label.set(around(&button, "data-label"));
        }
    });
    view! {
        <button
            type="button"
            class="button quiet"
            node_ref=button
            hidden=move || label.get().is_empty()
            on:click=|_| drop(window().print())
        >
            {label}
        </button>
    }
}

/// Copies the text before it. Its words stand on the element around it.
#[island]
pub fn CopyButton() -> impl IntoView {
    let label = RwSignal::new(String::new());
    let button = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(button) = button.get() {
            label.set(around(&button, "data-label"));
        }
    });
    let copy = move |_: MouseEvent| {
        let Some(button) = button.get() else { return };
        let text = frame(&button)
            .and_then(|frame| frame.query_selector(".reference").ok().flatten())
            .and_then(|element| element.text_content());
        if let Some(text) = text {
            // The browser may refuse; then the text is still there to be marked by hand.
            let _promise = window().navigator().clipboard().write_text(&text);
            label.set(around(&button, "data-done"));
        }
    };
    view! {
        <button
            type="button"
            class="link"
            node_ref=button
            hidden=move || label.get().is_empty()
            on:click=copy
        >
            {label}
        </button>
    }
}

/// The element the server put around the island.
fn frame(button: &leptos::web_sys::Element) -> Option<leptos::web_sys::Element> {
    button.closest("leptos-island").ok().flatten()?.parent_element()
}

fn around(button: &leptos::web_sys::Element, name: &str) -> String {
    frame(button).and_then(|frame| frame.get_attribute(name)).unwrap_or_default()
}
