//! Commands run beside a running plan: `portal work` and its like agree with what `cargo xtask run` has started.

use std::{collections::HashMap, ffi::OsString, fs, path::PathBuf};

use clap::{Command, Parser};

/// Written by `cargo xtask run` into the data folder, and there only while it runs.
const FILE: &str = "run.env";

/// The command line. What neither a flag nor the environment says is taken from the plan that runs in the data folder.
pub fn command_line<T: Parser>() -> T {
    // The folder decides what is a default, so the flag that names it is looked for before the others are read.
    let folder = named(std::env::args_os())
        .or_else(|| std::env::var_os("PORTAL_DATA"))
        .map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    let matches = with_defaults(T::command(), &read(&text)).get_matches();
    T::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// What `--data` says.
fn named(args: impl Iterator<Item = OsString>) -> Option<OsString> {
    let mut args = args.skip(1).take_while(|arg| arg != "--");
    while let Some(arg) = args.next() {
        if arg == "--data" {
            return args.next();
        }
        if let Some(folder) = arg.to_str().and_then(|arg| arg.strip_prefix("--data=")) {
            return Some(folder.into());
        }
    }
    None
}

fn read(text: &str) -> HashMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

fn with_defaults(command: Command, running: &HashMap<&str, &str>) -> Command {
    let command = command.mut_args(|arg| {
        let value = arg.get_env().and_then(|name| running.get(name.to_str()?));
        match value {
            // Read once in a process, and clap keeps defaults for as long as it lives.
            Some(value) => {
                arg.default_value((*value).to_owned().leak() as &'static str).hide_default_value(true)
            }
            None => arg,
        }
    });
    command.mut_subcommands(|command| with_defaults(command, running))
}

#[cfg(test)]
mod tests {
    use clap::{FromArgMatches as _, Parser};

    use super::*;

    #[derive(Parser)]
    enum Line {
        Work {
            #[arg(long, env = "BESIDE_TEST_KEY")]
            key: Option<String>,
            #[arg(long, env = "BESIDE_TEST_URL", default_value = "http://ours")]
            url: String,
        },
    }

    fn parse(line: &[&str], text: &str) -> (Option<String>, String) {
        let matches =
            with_defaults(<Line as clap::CommandFactory>::command(), &read(text)).get_matches_from(line);
        let Line::Work { key, url } = Line::from_arg_matches(&matches).unwrap();
        (key, url)
    }

    #[test]
    fn a_flag_names_the_folder() {
        let named = |line: &str| named(line.split(' ').map(OsString::from));
        assert_eq!(named("portal check --data there"), Some("there".into()));
        assert_eq!(named("portal check --data=there --json"), Some("there".into()));
        assert_eq!(named("portal load fhir -- --data"), None);
        assert_eq!(named("portal check"), None);
    }

    #[test]
    fn what_runs_is_a_default_and_a_flag_wins() {
        let running = "BESIDE_TEST_KEY=a=b\nBESIDE_TEST_URL=http://theirs\n";
        assert_eq!(parse(&["portal", "work"], ""), (None, "http://ours".to_owned()));
        assert_eq!(parse(&["portal", "work"], running), (Some("a=b".to_owned()), "http://theirs".to_owned()));
        assert_eq!(parse(&["portal", "work", "--key", "c"], running).0.as_deref(), Some("c"));
    }
}
