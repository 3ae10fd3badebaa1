use leptos::{nonce::use_nonce, prelude::*};

use crate::sitting::site;

/// Starts the islands of this page, at idle. Only pages with an island carry it, and none of them preloads: nothing
/// here is needed to read or to pay.
#[component]
pub fn IslandScripts() -> impl IntoView {
    let site = site();
    if let Some(shared) = Owner::current_shared_context() {
        // As the framework's own: only what is inside islands is data for the browser.
        shared.set_is_hydrating(false);
    }
    let start = include_str!("island_scripts.js");
    view! {
        <script type="module" nonce=use_nonce()>
            {format!("{}({:?},{:?})", start.trim_end(), site.js, site.wasm)}
        </script>
    }
}
