//! What the machine must have and may lack: the wasm target, npm packages, Postgres, a browser.

use crate::fault::{Result, While, fault};
use crate::process::{is_root, on_path, output, root, run, succeeds, words};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the toolchain when it is missing.
pub(crate) fn wasm_target() -> Result {
    let sysroot = output(Command::new("rustc").current_dir(root()).args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return Err(fault(format!(
            "the Rust toolchain has no {WASM} target and there is no rustup to add it: install that target"
        )));
    }
    run(Command::new("rustup").current_dir(root()).args(["target", "add", WASM]))
}

/// Installs the packages of end2end (wasm-opt, Playwright) as locked. False where there is no Node.
pub(crate) fn node_modules() -> Result<bool> {
    let dir = root().join("end2end");
    if on_path("npm").is_none() || on_path("node").is_none() {
        return Ok(false);
    }
    let lock = fs::read(dir.join("package-lock.json")).when("reading end2end/package-lock.json")?;
    let wanted = hex::encode(Sha256::digest(&lock));
    let stamp = dir.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|it| it == wanted) {
        return Ok(true);
    }
    run(Command::new("npm").current_dir(&dir).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).when("noting what npm installed")?;
    Ok(true)
}

/// A Chromium for the journeys.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os("PORTAL_CHROMIUM") {
        return Ok(named.into());
    }
    let find = || ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| on_path(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    install(
        &System { debian: "chromium", fedora: "chromium", brew: "" },
        "a Chromium (or name one in PORTAL_CHROMIUM)",
    )?;
    find().when("Chromium was installed but is not on PATH: name it in PORTAL_CHROMIUM")
}

/// The names one thing has in the package managers we know; blank where it has none.
pub(crate) struct System {
    pub(crate) debian: &'static str,
    pub(crate) fedora: &'static str,
    pub(crate) brew: &'static str,
}

/// Installs a system package, or says what the person has to install.
pub(crate) fn install(names: &System, what: &str) -> Result {
    if is_root() && on_path("apt-get").is_some() {
        let apt = |args: &mut dyn Iterator<Item = &str>| {
            let mut apt = Command::new("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive").args(args);
            apt
        };
        // Old lists often still serve; fresh ones may be out of reach.
        let wanted = format!("install --yes --quiet --no-install-recommends {}", names.debian);
        if succeeds(&mut apt(&mut words(&wanted))) {
            return Ok(());
        }
        run(&mut apt(&mut words("update --quiet")))?;
        return run(&mut apt(&mut words(&wanted)));
    }
    if is_root() && on_path("dnf").is_some() {
        return run(Command::new("dnf").args(words("install --assumeyes")).args(words(names.fedora)));
    }
    if !names.brew.is_empty() && on_path("brew").is_some() {
        return run(Command::new("brew").arg("install").args(words(names.brew)));
    }
    Err(fault(format!("this needs {what}, and we may not install it here: please install it and run again")))
}
