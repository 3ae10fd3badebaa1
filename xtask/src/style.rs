//! The style sheet: the imports of main.css joined, minified.

use crate::fault::{Result, While, fault};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use std::fs;
use std::path::Path;

/// One style sheet from `main` and all it imports.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    if !main.exists() {
        return Ok(String::new());
    }
    join(main, &|path| fs::read_to_string(path).when(path.display()))
}

/// Minified; syntax we cannot read is a fault, with its place.
pub(crate) fn minify(css: &str) -> Result<String> {
    let mut sheet = StyleSheet::parse(css, ParserOptions::default()).when("the style sheet")?;
    sheet.minify(MinifyOptions::default()).when("the style sheet")?;
    let printed =
        sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() }).when("the style sheet")?;
    Ok(printed.code)
}

fn join(path: &Path, read: &dyn Fn(&Path) -> Result<String>) -> Result<String> {
    let text = without_comments(&read(path)?);
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut joined = String::new();
    let mut rest = text.as_str();
    while let Some((before, from)) = rest.split_once("@import") {
        let (statement, after) =
            from.split_once(';').when(format_args!("{}: @import without ;", path.display()))?;
        let import = Import::read(statement).when(format_args!("{}: @import{statement};", path.display()))?;
        joined.push_str(before);
        joined.push_str(&import.around(&join(&folder.join(import.file), read)?));
        rest = after;
    }
    joined.push_str(rest);
    Ok(joined)
}

struct Import<'a> {
    file: &'a str,
    /// `Some("")` is a layer without a name.
    layer: Option<&'a str>,
    media: &'a str,
}

impl<'a> Import<'a> {
    /// Reads what stands between `@import` and its semicolon: `"a.css"` or `url(a.css)`, then a layer, then media.
    fn read(statement: &'a str) -> Result<Self> {
        let statement = statement.trim();
        let (file, rest) = if let Some(inside) = statement.strip_prefix("url(") {
            inside.split_once(')').when("url( without )")?
        } else {
            let quote = statement
                .chars()
                .next()
                .filter(|it| "\"'".contains(*it))
                .when("a file name in quotes is missing")?;
            statement.strip_prefix(quote).and_then(|it| it.split_once(quote)).when("a quote is missing")?
        };
        let file = file.trim().trim_matches(['"', '\'']);
        let rest = rest.trim();
        if rest.starts_with("supports(") {
            return Err(fault("supports() is not understood here: use @supports inside the file"));
        }
        let (layer, media) = match rest.strip_prefix("layer") {
            Some(named) if named.starts_with('(') => {
                let (name, media) = named.trim_start_matches('(').split_once(')').when("layer( without )")?;
                (Some(name.trim()), media)
            }
            Some(media) if media.is_empty() || media.starts_with(' ') => (Some(""), media),
            _ => (None, rest),
        };
        Ok(Self { file, layer, media: media.trim() })
    }

    fn around(&self, css: &str) -> String {
        let layered = match self.layer {
            Some(name) => format!("@layer {name} {{\n{css}\n}}\n"),
            None => css.to_owned(),
        };
        if self.media.is_empty() { layered } else { format!("@media {} {{\n{layered}\n}}\n", self.media) }
    }
}

fn without_comments(css: &str) -> String {
    let mut kept = String::new();
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(files: &[(&str, &str)]) -> Result<String> {
        join(Path::new("main.css"), &|path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned()).when(format_args!("{} is missing", path.display()))
        })
    }

    #[test]
    fn imports_are_joined_in_order_with_their_layer_and_media() {
        let css = joined(&[
            (
                "main.css",
                "@layer parts, base; /* @import \"not.css\"; */\n@import \"base.css\" layer(base);\n\
                 @import url(\"parts/field.css\") layer(parts);\n@import 'print.css' print;",
            ),
            ("base.css", "a { color: red }"),
            ("parts/field.css", "@import \"label.css\";\ni { color: blue }"),
            ("parts/label.css", "b { color: green }"),
            ("print.css", "a { color: black }"),
        ]);
        assert_eq!(
            minify(&css.unwrap()).unwrap(),
            "@layer parts{b{color:green}i{color:#00f}}@layer base{a{color:red}}\
             @media print{a{color:#000}}"
        );
    }

    #[test]
    fn what_cannot_be_joined_is_named() {
        let why = joined(&[("main.css", "@import \"gone.css\";")]).unwrap_err();
        assert_eq!(why.to_string(), "gone.css is missing");
        assert!(joined(&[("main.css", "@import \"a.css\" supports(display: grid);")]).is_err());
        assert!(joined(&[("main.css", "@import a.css;")]).is_err());
    }

    #[test]
    fn modern_css_comes_through() {
        let css = "@view-transition{navigation:auto}:root{color-scheme:light dark;--ink:light-dark(#111,#eee)}\
                   .a{&:has(b){color:var(--ink)}@container (width>20rem){color:red}}";
        let out = minify(css).unwrap();
        for kept in ["@view-transition", "light-dark(", ":has(b)", "@container"] {
            assert!(out.contains(kept), "{kept} in {out}");
        }
    }
}
