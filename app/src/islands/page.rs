//! The few things islands do to the page the server wrote: find, read, show, listen.

use leptos::{
    prelude::document,
    wasm_bindgen::{JsCast as _, prelude::Closure},
    web_sys::Element,
};

pub(super) fn find(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// An attribute's text; none is empty.
pub(super) fn word(element: &Element, name: &str) -> String {
    element.get_attribute(name).unwrap_or_default()
}

pub(super) fn set_shown(element: &Element, shown: bool) {
    // Refused only for names that are none.
    let _done = element.toggle_attribute_with_force("hidden", !shown);
}

/// Calls back as long as the page stands.
pub(super) fn listen(element: &Element, event: &str, then: impl FnMut() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(then);
    let _done = element.add_event_listener_with_callback(event, callback.as_ref().unchecked_ref());
    callback.forget();
}
