//! The names of what browsers download, read once when the portal starts.

use std::path::Path;

/// Paths under their hashed names; empty where a half was not built.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub css: String,
    pub js: String,
    pub wasm: String,
}

/// Looks for `portal.<hash>.css|js|wasm` in `<site>/pkg`.
pub fn files(site: &Path) -> Files {
    let mut files = Files::default();
    let Ok(entries) = std::fs::read_dir(site.join("pkg")) else {
        tracing::warn!("no style sheet and no islands: the browser half is not built");
        return files;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("/pkg/{name}");
        let ending = Path::new(&name).extension().and_then(|ending| ending.to_str());
        match (name.starts_with("portal"), ending) {
            (true, Some("css")) => files.css = path,
            (true, Some("js")) => files.js = path,
            (true, Some("wasm")) => files.wasm = path,
            _ => {}
        }
    }
    files
}
