use leptos::prelude::*;

/// How a status is felt. Its word says it; colour and shape only help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Done, received.
    Good,
    /// Waits for the person, or for a day.
    Warn,
    /// Late, refused, returned.
    Bad,
    #[default]
    Calm,
}

impl Tone {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }

    /// A shape of its own, for print, grey screens and eyes that see no colour.
    const fn shape(self) -> &'static str {
        match self {
            Self::Good => "\u{25cf}",
            Self::Warn => "\u{25c6}",
            Self::Bad => "\u{25b2}",
            Self::Calm => "\u{25cb}",
        }
    }
}

/// A status as word and shape.
#[component]
pub fn Status(#[prop(into)] word: String, tone: Tone) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class())>
            <span class="shape" aria-hidden="true">{tone.shape()}</span>
            {word}
        </span>
    }
}
