//! The word files, loaded once. Keys known while compiling go through `fl!(words(language), "key", name = value)`,
//! which checks key and arguments against English; keys that come from rows go through [`sentence`].

use std::{collections::HashMap, sync::LazyLock};

use i18n_embed::{LanguageLoader, fluent::FluentLanguageLoader};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use super::Language;
use crate::error::Refusal;

#[derive(RustEmbed)]
#[folder = "words/"]
struct Files;

static ENGLISH: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Language::English));
static SPANISH: LazyLock<FluentLanguageLoader> = LazyLock::new(|| load(Language::Spanish));

/// The sentences of a language, for `fl!`.
pub fn words(language: Language) -> &'static FluentLanguageLoader {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

fn load(language: Language) -> FluentLanguageLoader {
    let identifier: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let loader = FluentLanguageLoader::new("portal", identifier.clone());
    if let Err(error) = loader.load_languages(&Files, &[identifier]) {
        tracing::error!(language = language.tag(), %error, "words cannot be read");
    }
    // The marks around arguments would turn a text message into UCS-2 and stand in copied text.
    loader.set_use_isolating(false);
    loader
}

/// A sentence whose key comes from a row. A key without a sentence is logged, and says that something is wrong with the
/// answer where it is a refusal, nothing else; no key is ever shown.
pub fn sentence(language: Language, key: &str, with: &[(String, String)]) -> String {
    let loader = words(language);
    if !loader.has(key) {
        tracing::error!(key, language = language.tag(), "no such sentence");
        return if key.starts_with("refusal-") { loader.get("refusal-other") } else { String::new() };
    }
    let with: HashMap<&str, &str> =
        with.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    loader.get_args(key, with)
}

/// A refusal as a sentence.
pub fn say_refusal(language: Language, refusal: &Refusal) -> String {
    sentence(language, &format!("refusal-{}", refusal.code), &refusal.with)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use super::*;

    /// Keys with the arguments their sentences name, by a reader of our own: lines that start at the margin open a
    /// message, indented ones go on with it.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(language.tag()).join("portal.ftl");
        let text = fs::read_to_string(path).unwrap();
        let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let mut value = line;
            if !line.starts_with(' ') && !line.starts_with('}') {
                let (name, rest) = line.split_once(" =").unwrap_or_else(|| panic!("not a message: {line}"));
                assert!(!messages.contains_key(name), "{} says {name} twice", language.tag());
                key = name.to_owned();
                value = rest;
            }
            let arguments = messages.entry(key.clone()).or_default();
            for part in value.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
                arguments.insert(part[..end.unwrap_or(part.len())].to_owned());
            }
        }
        messages
    }

    #[test]
    fn spanish_has_the_keys_and_arguments_of_english() {
        let (english, spanish) = (messages(Language::English), messages(Language::Spanish));
        for (key, arguments) in &english {
            assert_eq!(Some(arguments), spanish.get(key), "{key}: arguments in English and Spanish");
        }
        for key in spanish.keys() {
            assert!(english.contains_key(key), "{key} is in Spanish only");
        }
    }

    #[test]
    fn fluent_reads_every_message() {
        for language in Language::ALL {
            for key in messages(language).keys() {
                assert!(words(language).has(key), "{} cannot read {key}", language.tag());
            }
        }
    }

    /// Every refusal made anywhere in our sources has its sentence. Codes stand literally in `Refusal::of(field, code)`
    /// or `refuse(code)`.
    #[test]
    fn every_refusal_has_its_sentence() {
        let known = messages(Language::English);
        let mut codes = BTreeSet::new();
        for crate_folder in ["billing", "app", "server"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_folder).join("src");
            sources_in(&root, &mut |code| {
                for call in code.split("Refusal::of(").skip(1) {
                    let arguments = call.split(')').next().unwrap_or_default();
                    codes.extend(arguments.split('"').nth(3).map(str::to_owned));
                }
                for call in code.split("refuse(\"").skip(1) {
                    codes.extend(call.split('"').next().map(str::to_owned));
                }
            });
        }
        for found in ["amount-empty", "password-too-short", "birth-date-unclear"] {
            assert!(codes.contains(found), "the reader of sources does not find {found}: {codes:?}");
        }
        let missing: Vec<_> =
            codes.into_iter().filter(|code| !known.contains_key(&format!("refusal-{code}"))).collect();
        assert!(missing.is_empty(), "refusals without a sentence: {missing:?}");
    }

    /// Every source below a folder, without its tests.
    fn sources_in(folder: &Path, read: &mut impl FnMut(&str)) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources_in(&path, read);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                read(text.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }

    /// Keys that no macro checks: each that stands literally in a call of `sentence`, `say` or `words::sentence` is there,
    /// and of each that is put together (`mail-{word}-subject`) there are some with its beginning and end.
    #[test]
    fn every_key_said_anywhere_has_its_sentence() {
        let known = messages(Language::English);
        let mut said = BTreeSet::new();
        for crate_folder in ["billing", "app", "server"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_folder).join("src");
            sources_in(&root, &mut |code| {
                for call in ["sentence(", "say("] {
                    for rest in code.split(call).skip(1) {
                        // The key comes before what is put into the sentence.
                        let arguments = arguments(rest).split('[').next().unwrap_or_default();
                        said.extend(literals(arguments).map(str::to_owned).filter(|text| is_key(text)));
                    }
                }
            });
        }
        for found in ["gateway-page-description", "answer-home", "mail-{word}-subject", "channel-{}"] {
            assert!(said.contains(found), "the reader of sources does not find {found}: {said:?}");
        }
        let has = |key: &str| match (key.split_once('{'), key.rsplit_once('}')) {
            (Some((start, _)), Some((_, end))) => {
                known.keys().any(|known| known.starts_with(start) && known.ends_with(end))
            }
            _ => known.contains_key(key),
        };
        let missing: Vec<_> = said.into_iter().filter(|key| !has(key)).collect();
        assert!(missing.is_empty(), "keys without a sentence: {missing:?}");
    }

    /// The arguments of a call, from after its opening bracket to before the closing one.
    fn arguments(rest: &str) -> &str {
        let mut open = vec![()];
        let end = rest.find(|letter: char| {
            match letter {
                '(' => open.push(()),
                ')' => drop(open.pop()),
                _ => {}
            }
            open.is_empty()
        });
        &rest[..end.unwrap_or(rest.len())]
    }

    fn literals(code: &str) -> impl Iterator<Item = &str> {
        code.split('"').skip(1).step_by(2)
    }

    /// Whether a literal is written as keys are: small letters with hyphens between, and gaps to be filled in. A gap
    /// before anything else names no key by itself.
    fn is_key(text: &str) -> bool {
        text.contains('-')
            && text.starts_with(|letter: char| letter.is_ascii_lowercase())
            && text.chars().all(|letter| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-{}_".contains(letter)
            })
    }

    #[test]
    fn a_missing_sentence_shows_no_key() {
        let refusal = Refusal::of("amount", "no-such-refusal-exists");
        assert_eq!(say_refusal(Language::English, &refusal), words(Language::English).get("refusal-other"));
        assert_eq!(sentence(Language::Spanish, "no-such-key", &[]), "");
    }

    #[test]
    fn arguments_carry_no_invisible_marks() {
        let refusal = Refusal::of("amount", "amount-unclear").with("reading", "$1.50");
        let said = say_refusal(Language::Spanish, &refusal);
        assert!(said.contains("$1.50"), "{said}");
        assert!(!said.contains('\u{2068}') && !said.contains('\u{2069}'), "{said:?}");
    }

    /// Telephone numbers and hours are rows with dates, never words.
    #[test]
    fn no_sentence_holds_a_number_or_an_hour_of_the_plan() {
        for language in Language::ALL {
            let path =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(language.tag()).join("portal.ftl");
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines() {
                let shape: String = line.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
                assert!(!shape.contains("999-9999") && !shape.contains("999 9999"), "{line}");
                assert!(!shape.contains("9:99"), "{line}");
            }
        }
    }
}
