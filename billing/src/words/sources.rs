//! Where a figure was read, in words: rows name their source as files and rates do.

use i18n_embed_fl::fl;

use super::{Language, sentence, words};

/// "Explanation of benefits 20261025-47765, line 1" for `EOB 20261025-47765, line 1`. The reference stays in it, so that
/// people can find the source; what is named in no way we know stays as it is.
pub fn say_source(source: &str, language: Language) -> String {
    said(source, language).unwrap_or_else(|| source.to_owned())
}

fn said(source: &str, language: Language) -> Option<String> {
    let words = words(language);
    if let Some(rest) = source.strip_prefix("EOB ") {
        let (reference, place) = rest.split_once(", ").unwrap_or((rest, ""));
        return Some(match (place, place.strip_prefix("line ")) {
            ("", _) => fl!(words, "source-eob", reference = reference),
            (_, Some(line)) => fl!(words, "source-eob-line", reference = reference, line = line),
            (_, None) => format!("{}, {place}", fl!(words, "source-eob", reference = reference)),
        });
    }
    if let Some(rest) = source.strip_prefix("rate sheet ") {
        let (year, rest) = rest.split_once(' ')?;
        let (region, whose) = rest.split_once(", ")?;
        let region = sentence(language, &format!("region-{}", region.to_lowercase()), &[]);
        let whose = match whose {
            "subscriber" => fl!(words, "source-rate-subscriber"),
            "spouse" => fl!(words, "source-rate-spouse"),
            "child" => fl!(words, "source-rate-child"),
            "exchange" => fl!(words, "source-rate-exchange"),
            _ => fl!(words, "source-rate-other"),
        };
        return Some(fl!(words, "source-rate", year = year, region = region, whose = whose));
    }
    let (set, rest) = source.split_once(' ')?;
    if set == "demo" {
        return Some(fl!(words, "source-bill", number = rest));
    }
    let (kind, rest) = rest.split_once(['/', '#'])?;
    let (reference, item) =
        rest.rsplit_once(" item ").unwrap_or((rest.strip_suffix(" total").unwrap_or(rest), ""));
    match (kind, item) {
        ("ExplanationOfBenefit", "") => Some(fl!(words, "source-eob", reference = reference)),
        ("ExplanationOfBenefit", line) => {
            Some(fl!(words, "source-eob-line", reference = reference, line = line))
        }
        ("Claim", "") => Some(fl!(words, "source-claim", reference = reference)),
        ("Claim", line) => Some(fl!(words, "source-claim-line", reference = reference, line = line)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "EOB 20261025-47765, line 1",
        "Explanation of benefits 20261025-47765, line 1",
        "Explicación de beneficios 20261025-47765, línea 1"
    )]
    #[case(
        "EOB 20261025-00017, Office visit",
        "Explanation of benefits 20261025-00017, Office visit",
        "Explicación de beneficios 20261025-00017, Office visit"
    )]
    #[case(
        "rate sheet 2026 OR_SWWA, subscriber",
        "Rates for 2026, Oregon and Southwest Washington: who holds the plan",
        "Tarifas de 2026, Oregón y suroeste de Washington: titular del plan"
    )]
    #[case("demo M700400000-001", "Bill M700400000-001", "Factura M700400000-001")]
    #[case(
        "fhir:carin ExplanationOfBenefit/EOB1 item 2",
        "Explanation of benefits EOB1, line 2",
        "Explicación de beneficios EOB1, línea 2"
    )]
    #[case(
        "fhir:carin ExplanationOfBenefit/EOB1 total",
        "Explanation of benefits EOB1",
        "Explicación de beneficios EOB1"
    )]
    #[case("fhir: Claim/c-1 item 3", "Claim c-1, line 3", "Reclamación c-1, línea 3")]
    #[case("eob.json#1", "eob.json#1", "eob.json#1")]
    #[case("", "", "")]
    fn a_source_is_said_with_its_reference(
        #[case] source: &str,
        #[case] english: &str,
        #[case] spanish: &str,
    ) {
        assert_eq!(say_source(source, Language::English), english);
        assert_eq!(say_source(source, Language::Spanish), spanish);
    }
}
