//! Comma-separated files people open in a spreadsheet: RFC 4180, and nothing in them is a formula.

/// One line of a file, its end included.
pub fn line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (index, text) in fields.into_iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push_str(&field(text));
    }
    line.push_str("\r\n");
    line
}

/// One field. What a spreadsheet could take for a formula or a call to another program gets an apostrophe in front and
/// is shown as the text it is. Amounts and dates of ours never start so: callers write a debit without its sign.
pub fn field(text: &str) -> String {
    let text = text.replace('\0', "");
    let text = if could_run(&text) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\r', '\n', '\t', ';']) || text.starts_with([' ', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Spreadsheets trim white space before they look for a formula, and take full-width signs for plain ones. `DDE (…)`
/// is a formula only in files of another format, but costs nothing to keep out.
fn could_run(text: &str) -> bool {
    let seen = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c));
    let trimmed = seen.len() < text.len();
    let first = seen.chars().next();
    let starts = |signs: &[char]| first.is_some_and(|c| signs.contains(&c));
    starts(&['=', '+', '-', '@', '|', '%', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'])
        || (trimmed && text.starts_with(['\t', '\r', '\n']))
        || seen.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("dde"))
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{202a}'..='\u{202e}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Ana", "Ana")]
    #[case("85.40", "85.40")]
    #[case("2027-01-05", "2027-01-05")]
    #[case("Smith, Ana", "\"Smith, Ana\"")]
    #[case("the \"first\"", "\"the \"\"first\"\"\"")]
    #[case("two\r\nlines", "\"two\r\nlines\"")]
    #[case("", "")]
    #[case("José Núñez", "José Núñez")]
    fn plain_fields_are_quoted_as_the_standard_says(#[case] text: &str, #[case] written: &str) {
        assert_eq!(field(text), written);
    }

    #[rstest]
    #[case("=1+1")]
    #[case("+1")]
    #[case("-1")]
    #[case("@SUM(1+9)*cmd|' /C calc'!A0")]
    #[case("\t=1")]
    #[case("\r=1")]
    #[case("\n@x")]
    #[case("  =1")]
    #[case("\u{feff}=1")]
    #[case("\u{ff1d}1")]
    #[case("|calc")]
    #[case("DDE (\"cmd\";\"/C calc\";\"!A0\")A0")]
    fn nothing_in_a_file_is_a_formula(#[case] text: &str) {
        let written = field(text);
        assert!(written.starts_with("\"'") || written.starts_with('\''), "{written:?}");
    }

    /// Reads one line back, as a strict reader of the standard would.
    fn read_back(line: &str) -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        let mut chars = line.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => {
                    chars.next();
                    fields.last_mut().unwrap().push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => fields.last_mut().unwrap().push(c),
            }
        }
        assert!(!quoted);
        fields
    }

    proptest! {
        #[test]
        fn any_text_stays_one_field_and_keeps_its_characters(texts in prop::collection::vec("\\PC{0,12}|[=+@,\"\r\n\t -]{0,6}", 1..6)) {
            let read = read_back(&line(texts.iter().map(String::as_str)));
            prop_assert_eq!(read.len(), texts.len());
            for (read, text) in read.iter().zip(&texts) {
                prop_assert_eq!(read.strip_prefix('\'').unwrap_or(read), text.strip_prefix('\'').unwrap_or(text));
                prop_assert!(!could_run(read));
            }
        }
    }
}
