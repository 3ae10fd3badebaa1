use std::time::Duration;

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local, wasm_bindgen::JsCast as _};

/// Seconds before the end of a visit at which it is told.
const WARNING: i64 = 120;

/// Warns two minutes before the visit ends, and carries it on without leaving the page: what is typed stays. Reads
/// `#time-left`.
#[island]
pub fn TimeLeft() -> impl IntoView {
    let warning = RwSignal::new(String::new());
    let longer = RwSignal::new(String::new());
    let ends = StoredValue::new(0_i64);

    let tell = move || {
        let left = ends.get_value().saturating_sub(now());
        let (text, more) = if left > WARNING {
            (String::new(), String::new())
        } else if left > 0 {
            (word("data-warning"), word("data-longer"))
        } else {
            (word("data-over"), String::new())
        };
        if warning.with_untracked(|shown| *shown != text) {
            warning.set(text);
            longer.set(more);
        }
    };
    Effect::new(move || {
        ends.set_value(read_end(&word("data-seconds")));
        tell();
        // A sleeping machine wakes with timers that are late: the clock is asked each time, nothing is counted down.
        if let Ok(ticking) = set_interval_with_handle(tell, Duration::from_secs(5)) {
            on_cleanup(move || ticking.clear());
        }
    });
    let stay = move |_: MouseEvent| {
        spawn_local(async move {
            if let Some(end) = ask_for_more().await {
                ends.set_value(end);
                tell();
            }
        });
    };
    view! {
        <div class="time-left" role="alert" hidden=move || warning.with(String::is_empty)>
            <p>{warning}</p>
            <button type="button" class="button" on:click=stay hidden=move || longer.with(String::is_empty)>
                {longer}
            </button>
        </div>
    }
}

/// Any page carries a visit on; the light one says until when. `None`: signed out meanwhile, or no connection.
async fn ask_for_more() -> Option<i64> {
    let asked = wasm_bindgen_futures::JsFuture::from(window().fetch_with_str(&word("data-stay"))).await.ok()?;
    let response: leptos::web_sys::Response = asked.dyn_into().ok()?;
    let page = wasm_bindgen_futures::JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let (_, from) = page.split_once("data-seconds=\"")?;
    let (end, _) = from.split_once('"')?;
    Some(read_end(end))
}

fn word(name: &str) -> String {
    document()
        .get_element_by_id("time-left")
        .and_then(|element| element.get_attribute(name))
        .unwrap_or_default()
}

/// The end by this machine's clock. Pages say how many seconds are left: the two clocks need not agree.
fn read_end(seconds: &str) -> i64 {
    now().saturating_add(seconds.parse().unwrap_or(i64::MAX))
}

/// Seconds since 1970 on this machine's clock.
fn now() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and fit by far")]
    let milliseconds = js_sys::Date::now() as i64;
    milliseconds.div_euclid(1000)
}
