//! Sentences with figures in them. A translated sentence puts its figures where its language wants them; each is still
//! a link to what makes it.

use std::fmt::Display;

use billing::money::Money;
use leptos::prelude::*;

use super::Amount;

/// Stands in a sentence for its first figure: a character no sentence of ours holds.
pub const FIRST: &str = "\u{e000}";
pub const SECOND: &str = "\u{e001}";
pub const THIRD: &str = "\u{e002}";

/// The sentence with its figures: amount, kind and id of the explanation, in the order of their marks.
pub fn sentence<F, K, I>(text: &str, figures: F) -> impl IntoView + use<F, K, I>
where
    F: IntoIterator<Item = (Money, K, I)>,
    K: Display,
    I: Display,
{
    let figures: Vec<(Money, String, String)> =
        figures.into_iter().map(|(of, kind, id)| (of, kind.to_string(), id.to_string())).collect();
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.into_any(),
            Piece::Figure(index) => figures
                .get(index)
                .map(|(of, kind, id)| view! { <Amount of=*of explain=(kind.clone(), id.clone())/> })
                .into_any(),
        })
        .collect_view()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Figure(usize),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    for letter in text.chars() {
        match [FIRST, SECOND, THIRD].iter().position(|mark| mark.starts_with(letter)) {
            Some(index) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Figure(index));
            }
            None => plain.push(letter),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_where_the_language_wants_them() {
        let text = format!("{SECOND} de {FIRST}.");
        assert_eq!(
            pieces(&text),
            [Piece::Figure(1), Piece::Text(" de ".into()), Piece::Figure(0), Piece::Text(".".into())]
        );
    }

    #[test]
    fn a_sentence_without_figures_stays_whole() {
        assert_eq!(pieces("Nothing needs you now."), [Piece::Text("Nothing needs you now.".into())]);
    }
}
