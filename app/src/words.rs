//! The sentences a page says, in the language of the request.

use billing::{error::Refusal, words};

use crate::sitting::language;

/// A sentence by its key, checked against the English words while compiling: `t!("bill-due", on = date)`.
#[macro_export]
macro_rules! t {
    ($($sentence:tt)*) => {
        ::i18n_embed_fl::fl!(::billing::words::words($crate::sitting::language()), $($sentence)*)
    };
}

/// A sentence whose key is known only when the page is made. For keys of ours (kinds, states, channels, hours), never
/// for anything a person typed.
pub fn say(key: &str) -> String {
    words::sentence(language(), key, &[])
}

/// Why a form was not taken, as its sentence.
pub fn say_refusal(refusal: &Refusal) -> String {
    words::say_refusal(language(), refusal)
}
