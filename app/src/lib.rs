//! What people see: pages, components, form endpoints, and the islands a browser downloads.
//!
//! Only [`islands`] and `hydrate` compile for the browser; the server has everything.

#![recursion_limit = "256"]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
#[expect(clippy::needless_pass_by_value, reason = "props are a component's own: they are built for it alone")]
#[expect(unreachable_pub, reason = "the component macro writes `pub` functions nobody outside can name")]
pub mod components;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod path;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod sitting;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use shell::{MemberApp, answer, shell};
#[cfg(feature = "ssr")]
pub use sitting::{AtBrowser, Browser, Client, Site, Sitting};

/// The browser half's one entry, called when the page's islands start.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
