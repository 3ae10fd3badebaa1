//! The browser half: islands as wasm, its JavaScript, the style sheet, under names that carry their hash.

use crate::fault::{Result, While, fault};
use crate::packages;
use crate::process::{cargo, root, run, succeeds, target, words};
use crate::style;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Most a page may cost in wasm and JavaScript, brotli bytes.
const SCRIPT_BUDGET: usize = 80_000;
/// Most a page may cost in HTML and CSS, brotli bytes; the sheet alone must leave room for the page.
const STYLE_BUDGET: usize = 14_000;

const WASM_OPT: &str = "-Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
                        --enable-mutable-globals --enable-reference-types --enable-multivalue";

/// Whether wasm-opt runs: it makes the wasm a third smaller and takes seconds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wasm {
    Optimised,
    AsBuilt,
}

/// Builds the browser half into `target/site/pkg` and tells the server programs in `beside` its hashes.
pub(crate) fn build(wasm: Wasm, beside: &[PathBuf]) -> Result {
    let site = target()?.join("site");
    let pkg = site.join("pkg");
    fs::create_dir_all(&pkg).when(pkg.display())?;
    let built = compile()?;
    let sheet = style::bundle(&root().join("style/main.css"))?;
    let assets = assets()?;
    let optimiser = root().join("end2end/node_modules/.bin/wasm-opt");
    let wasm = if wasm == Wasm::Optimised && !(packages::node_modules()? && optimiser.exists()) {
        println!("no Node here: the wasm stays larger than it has to be (wasm-opt comes with npm)");
        Wasm::AsBuilt
    } else {
        wasm
    };

    // Everything the files depend on; when it is as last time, so are they.
    let mut inputs = Sha256::new();
    for part in [&built, sheet.as_bytes(), WASM_OPT.as_bytes(), &[u8::from(wasm == Wasm::Optimised)]] {
        inputs.update(part.len().to_be_bytes());
        inputs.update(part);
    }
    for (name, bytes) in &assets {
        inputs.update(name);
        inputs.update(bytes);
    }
    let inputs = hex::encode(inputs.finalize());
    let stamp = site.join("stamp");
    let hashes = site.join("hash.txt");
    if !fs::read_to_string(&stamp).is_ok_and(|it| it == inputs) || !hashes.exists() {
        let parts = Parts { wasm: built, sheet, assets };
        parts.write(&site, &pkg, (wasm == Wasm::Optimised).then_some(optimiser.as_path()))?;
        fs::write(&stamp, inputs).when(stamp.display())?;
    }
    for folder in beside {
        fs::create_dir_all(folder)
            .and_then(|()| fs::copy(&hashes, folder.join("hash.txt")))
            .when(folder.display())?;
    }
    Ok(())
}

/// The islands and `hydrate()`, in a target folder of their own: the two halves of `app` never share a build.
fn compile() -> Result<Vec<u8>> {
    let folder = target()?.join("wasm");
    run(cargo(words("build --package app --no-default-features --features hydrate --profile wasm-release"))
        .args(words("--target wasm32-unknown-unknown --target-dir"))
        .arg(&folder))?;
    let wasm = folder.join("wasm32-unknown-unknown/wasm-release/app.wasm");
    fs::read(&wasm).when(wasm.display())
}

fn assets() -> Result<Vec<(String, Vec<u8>)>> {
    let folder = root().join("style/assets");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, fs::read(entry.path()).when(entry.path().display())?));
    }
    found.sort();
    Ok(found)
}

struct Parts {
    wasm: Vec<u8>,
    sheet: String,
    assets: Vec<(String, Vec<u8>)>,
}

impl Parts {
    fn write(self, site: &Path, pkg: &Path, optimiser: Option<&Path>) -> Result {
        let work = site.join("work");
        fs::create_dir_all(&work).when(work.display())?;
        let mut written = BTreeSet::new();
        // The best compression takes seconds; while developing, nobody waits for it.
        let quality = if optimiser.is_some() { 11 } else { 5 };

        let mut output = Bindgen::new()
            .input_bytes("portal", self.wasm)
            .remove_name_section(true)
            .remove_producers_section(true)
            .web(true)
            .and_then(Bindgen::generate_output)
            .map_err(|why| fault(format!("wasm-bindgen: {why:#}")))?;
        let js = output.js().to_owned();
        let brought = output.snippets().iter().filter(|(_, files)| !files.is_empty()).map(|(from, _)| from);
        let brought: Vec<_> = brought.chain(output.local_modules().keys()).cloned().collect();
        if !brought.is_empty() {
            let why = "JavaScript files of a crate would need names with a hash too";
            return Err(fault(format!("{why}: {}", brought.join(", "))));
        }
        let mut wasm = output.wasm_mut().emit_wasm();
        if let Some(optimiser) = optimiser {
            let (from, to) = (work.join("bound.wasm"), work.join("small.wasm"));
            fs::write(&from, wasm).when(from.display())?;
            run(Command::new(optimiser).args(words(WASM_OPT)).arg(&from).arg("-o").arg(&to))?;
            wasm = fs::read(&to).when(to.display())?;
        }

        let mut sheet = self.sheet;
        for (name, bytes) in self.assets {
            let hashed = hashed_name(&name, &bytes);
            sheet = sheet.replace(&format!("assets/{name}"), &hashed);
            put(pkg, &hashed, &bytes, quality, &mut written)?;
        }
        let css = style::minify(&sheet)?;

        let mut hashes = String::new();
        for (kind, bytes) in [("js", js.as_bytes()), ("wasm", &wasm), ("css", css.as_bytes())] {
            put(pkg, &hashed_name(&format!("portal.{kind}"), bytes), bytes, quality, &mut written)?;
            hashes.extend([kind, ": ", &short_hash(bytes), "\n"]);
        }
        let exports = exports(&js).join("\n");
        fs::write(site.join("exports.txt"), exports).when("writing the exports of the wasm")?;
        fs::write(site.join("hash.txt"), hashes).when("writing the hashes")?;

        // What no page names any more.
        for entry in fs::read_dir(pkg).into_iter().flatten().flatten() {
            if !written.contains(&entry.file_name().to_string_lossy().into_owned()) {
                fs::remove_file(entry.path()).when(entry.path().display())?;
            }
        }
        Ok(())
    }
}

/// Writes a file with its two compressed forms beside it.
fn put(pkg: &Path, name: &str, bytes: &[u8], quality: i32, written: &mut BTreeSet<String>) -> Result {
    let forms = [
        (String::new(), bytes.to_vec()),
        (".br".to_owned(), brotli(bytes, quality)?),
        (".gz".to_owned(), gzip(bytes)?),
    ];
    for (ending, form) in forms {
        let name = format!("{name}{ending}");
        fs::write(pkg.join(&name), form).when(&name)?;
        written.insert(name);
    }
    Ok(())
}

fn brotli(mut bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let mut small = Vec::new();
    let how =
        BrotliEncoderParams { quality, lgwin: 22, size_hint: bytes.len(), ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut bytes, &mut small, &how).when("compressing")?;
    Ok(small)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).and_then(|()| gzip.finish()).when("compressing")
}

/// `portal.wasm` → `portal.3f2a….wasm`
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
    format!("{stem}.{}.{ending}", short_hash(bytes))
}

fn short_hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(16).collect()
}

/// What the JavaScript exports: the islands, by the names pages ask for.
fn exports(js: &str) -> Vec<&str> {
    js.lines()
        .filter_map(|line| line.strip_prefix("export function "))
        .filter_map(|line| line.split_once('(').map(|(name, _)| name))
        .collect()
}

/// What the browser half weighs, printed; a fault above the budget.
pub(crate) fn budget() -> Result {
    let pkg = target()?.join("site/pkg");
    let mut weights = [("wasm", 0_usize), ("js", 0), ("css", 0)];
    for entry in fs::read_dir(&pkg).when(pkg.display())?.flatten() {
        let path = entry.path();
        if path.extension() != Some(OsStr::new("br")) {
            continue;
        }
        let kind = path.file_stem().and_then(|stem| Path::new(stem).extension()?.to_str());
        if let Some((_, weight)) = weights.iter_mut().find(|(name, _)| Some(*name) == kind) {
            *weight = weight.saturating_add(fs::read(&path).when(path.display())?.len());
        }
    }
    let [(_, wasm), (_, js), (_, css)] = weights;
    if [wasm, js, css].contains(&0) {
        return Err(fault("there is no browser half to weigh: `cargo xtask build` makes it"));
    }
    let script = wasm.saturating_add(js);
    println!(
        "brotli bytes: wasm {wasm} + js {js} = {script} of {SCRIPT_BUDGET}; css {css} of {STYLE_BUDGET} with its page"
    );
    if script > SCRIPT_BUDGET || css > STYLE_BUDGET {
        return Err(fault("the browser half weighs more than a page may"));
    }
    Ok(())
}

/// Whether the portal names every island as the wasm exports it: the name ends in a hash of the island's source, and
/// an island whose name differs sleeps with no more than a warning in the browser's console.
pub(crate) fn islands() -> Result {
    let site = target()?.join("site/exports.txt");
    let portal = target()?.join("debug/portal");
    let names = fs::read_to_string(&site).when(site.display())?;
    let islands: Vec<_> = names.lines().filter(|name| !["hydrate", "initSync"].contains(name)).collect();
    let named = |island: &&&str| succeeds(Command::new("grep").args(["-qaF", island]).arg(&portal));
    let lost: Vec<_> = islands.iter().filter(|island| !named(island)).copied().collect();
    println!("{} islands", islands.len());
    if lost.is_empty() {
        return Ok(());
    }
    Err(fault(format!("the portal names no island {}", lost.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_hash_of_their_contents() {
        assert_eq!(hashed_name("portal.wasm", b"abc"), "portal.ba7816bf8f01cfea.wasm");
        assert_eq!(hashed_name("a.b.svg", b"abc"), "a.b.ba7816bf8f01cfea.svg");
    }

    #[test]
    fn islands_are_found_among_the_exports() {
        let js = "export function _island_TimeLeft_12(el) {\n}\nfunction inner() {\n}\nexport function hydrate() {\n}\n";
        assert_eq!(exports(js), ["_island_TimeLeft_12", "hydrate"]);
    }

    #[test]
    fn compressed_forms_are_smaller() {
        let text = "the same again ".repeat(200);
        assert!(brotli(text.as_bytes(), 11).unwrap().len() < 100);
        assert!(gzip(text.as_bytes()).unwrap().len() < 200);
    }
}
