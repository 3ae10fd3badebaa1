use std::{cell::Cell, rc::Rc};

use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast as _, JsValue, prelude::Closure},
    web_sys::{Element, Response},
};

use super::page::{find, listen, set_shown, word};

/// Seconds before the end of a visit at which it is told.
const WARNING: i64 = 120;
/// Milliseconds between two looks at the clock.
const LOOK: i32 = 5000;

/// Warns two minutes before the visit ends, and carries it on without leaving the page: what is typed stays. Words and
/// places stand in `#time-left`.
#[island]
pub fn TimeLeft() -> impl IntoView {
    Effect::new(|| {
        let (Some(words), Some(frame), Some(text), Some(longer)) =
            (find("time-left"), find("time-left-frame"), find("time-left-text"), find("time-left-longer"))
        else {
            return;
        };
        let watch = Rc::new(Watch {
            ends: Cell::new(end_in(&word(&words, "data-seconds"))),
            told: Cell::new(""),
            words,
            frame,
            text,
            longer,
        });
        watch.look();

        // A sleeping machine wakes with timers that are late: the clock is asked each time, nothing is counted down.
        let looking = watch.clone();
        let look = Closure::<dyn FnMut()>::new(move || looking.look());
        let _timer = window()
            .set_interval_with_callback_and_timeout_and_arguments_0(look.as_ref().unchecked_ref(), LOOK);
        look.forget();

        let staying = watch.clone();
        listen(&watch.longer, "click", move || staying.clone().stay());
    });
}

/// What the island watches, and where it says so.
struct Watch {
    /// By this machine's clock.
    ends: Cell<i64>,
    /// The name of what is shown now.
    told: Cell<&'static str>,
    words: Element,
    frame: Element,
    text: Element,
    longer: Element,
}

impl Watch {
    fn look(&self) {
        let left = self.ends.get().saturating_sub(now());
        let tell = match left {
            ..=0 => "data-over",
            1..=WARNING => "data-warning",
            _ => "",
        };
        // Only a change is written: a reader of the screen would say the same again.
        if self.told.replace(tell) != tell {
            self.text.set_text_content(Some(&word(&self.words, tell)));
            set_shown(&self.longer, tell == "data-warning" && self.words.has_attribute("data-longer"));
            set_shown(&self.frame, !tell.is_empty());
        }
    }

    /// Any page carries a visit on; the light one says until when. Signed out meanwhile, or no connection: it says
    /// nothing, and the warning stays.
    fn stay(self: Rc<Self>) {
        let read = Closure::once(move |page: JsValue| {
            let page = page.as_string().unwrap_or_default();
            let seconds = page.split_once("data-seconds=\"").and_then(|(_, from)| from.split_once('"'));
            if let Some((seconds, _)) = seconds {
                self.ends.set(end_in(seconds));
                self.look();
            }
        });
        let take = Closure::once(move |response: JsValue| {
            if let Ok(text) = response.unchecked_into::<Response>().text() {
                let _promise = text.then(&read);
                read.forget();
            }
        });
        let _promise = window().fetch_with_str("/stay").then(&take);
        take.forget();
    }
}

/// Pages say how many seconds are left: the two clocks need not agree.
fn end_in(seconds: &str) -> i64 {
    now().saturating_add(seconds.parse().unwrap_or(i64::MAX))
}

/// Seconds since 1970 on this machine's clock.
fn now() -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and fit by far")]
    let milliseconds = js_sys::Date::now() as i64;
    milliseconds.div_euclid(1000)
}
