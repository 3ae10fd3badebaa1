//! The sentences a page says, in the language of the request.

use billing::{
    error::Refusal,
    words::{self, Language},
};

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

/// The language of a text that came to us in English, where the page around it speaks another.
pub fn english_here() -> Option<&'static str> {
    (language() != Language::English).then(|| Language::English.tag())
}

/// Why a form was not taken, as its sentence.
pub fn say_refusal(refusal: &Refusal) -> String {
    words::say_refusal(language(), refusal)
}
