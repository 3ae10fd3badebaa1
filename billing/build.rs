//! `fl!` reads the word files while it expands, behind cargo's back: a change of words is a change of this crate.

fn main() {
    println!("cargo:rerun-if-changed=words");
    println!("cargo:rerun-if-changed=i18n.toml");
    // Embedded by `sqlx::migrate!`.
    println!("cargo:rerun-if-changed=../migrations");
}
