//! `run`, `dev`, `build`: everything up, for a person to use.

use crate::browser::{self, Wasm};
use crate::fault::{Fault, Result, While, fault};
use crate::packages;
use crate::postgres::Cluster;
use crate::process::{cargo, root, run as execute, stop_asked, target, words};
use crate::settings::{Addresses, Announced, DataFolder, Settings};
use crate::stack::Stack;
use notify::{EventKind, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use std::{env, path};

const TICK: Duration = Duration::from_millis(200);
const WATCHED: [&str; 6] = ["app", "billing", "server", "sandbox", "style", "migrations"];

/// Everything, in the foreground, until someone stops it.
pub(crate) fn run() -> Result {
    let mut up = match Up::start(Wasm::Optimised) {
        Err(_) if stop_asked() => return Ok(()),
        up => up?,
    };
    while !stop_asked() {
        if let Some(why) = up.died() {
            return Err(why);
        }
        std::thread::sleep(TICK);
    }
    println!("stopping");
    Ok(())
}

/// The same; what changes is built and the portal started anew.
pub(crate) fn dev() -> Result {
    let mut up = match Up::start(Wasm::AsBuilt) {
        Err(_) if stop_asked() => return Ok(()),
        up => up?,
    };
    let (tell, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        let _ = tell.send(event);
    })
    .when("watching the sources")?;
    for folder in WATCHED {
        watcher
            .watch(&root().join(folder), RecursiveMode::Recursive)
            .when(format_args!("watching {folder}"))?;
    }
    while !stop_asked() {
        if changed(&changes)? {
            up.rebuild()?;
            while changes.try_recv().is_ok() {}
        }
        if let Some(why) = up.died() {
            return Err(why);
        }
    }
    println!("stopping");
    Ok(())
}

/// Waits one tick for a change of a source, and then for the burst of a save to pass.
fn changed(changes: &Receiver<notify::Result<notify::Event>>) -> Result<bool> {
    let mut any = false;
    loop {
        match changes.recv_timeout(TICK) {
            Ok(event) => any |= event.is_ok_and(|it| counts(&it)),
            Err(RecvTimeoutError::Timeout) => return Ok(any),
            Err(RecvTimeoutError::Disconnected) => return Err(fault("the sources are no longer watched")),
        }
        if stop_asked() {
            return Ok(false);
        }
    }
}

fn counts(event: &notify::Event) -> bool {
    let source = |path: &PathBuf| {
        let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        ["rs", "ftl", "sql", "toml", "css", "svg", "html", "txt"].contains(&ending)
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(source)
}

/// Programs and browser half. A release has neither the demo plan nor a clock that moves.
pub(crate) fn build(release: bool) -> Result {
    packages::wasm_target()?;
    if release {
        programs(&["--release"])?;
        browser::build(Wasm::Optimised, &[target()?.join("release")])
    } else {
        build_dev(Wasm::Optimised)
    }
}

/// The programs in the dev profile with the demo plan, and the browser half.
pub(crate) fn build_dev(wasm: Wasm) -> Result {
    programs(&["--features", "server/demo"])?;
    // Tests that serve pages run from `deps`.
    let debug = target()?.join("debug");
    browser::build(wasm, &[debug.clone(), debug.join("deps")])
}

fn programs(how: &[&str]) -> Result {
    execute(cargo(words("build --package server --package sandbox --bins")).args(how))
        .when("building the programs (a query changed? `cargo xtask prepare` writes billing/.sqlx anew)")
}

/// Only the database.
pub(crate) fn postgres(data: &Path) -> Result {
    let data = DataFolder::at(path::absolute(data).when(data.display())?)?;
    let mut cluster = Cluster::keep(&data.path, &data.log("postgres"))?;
    let url = cluster.database("portal")?;
    let _announced = data.announce(&url)?;
    println!("DATABASE_URL={url}");
    while !stop_asked() {
        if let Some(why) = cluster.died() {
            return Err(fault(why));
        }
        std::thread::sleep(TICK);
    }
    Ok(())
}

/// All that runs. The order of the fields is the order in which it ends.
struct Up {
    stack: Stack,
    _announced: Announced,
    cluster: Option<Cluster>,
    data: DataFolder,
    wasm: Wasm,
}

impl Up {
    fn start(wasm: Wasm) -> Result<Self> {
        let data = DataFolder::open()?;
        let addresses = Addresses::from_env()?;
        packages::wasm_target()?;
        packages::node_modules()?;
        println!("building");
        build_dev(wasm)?;

        let given = env::var("DATABASE_URL").ok().filter(|it| !it.is_empty());
        let cluster = match given {
            Some(_) => None,
            None => Some(Cluster::keep(&data.path, &data.log("postgres"))?),
        };
        let own = cluster.as_ref().map(|it| it.url("portal"));
        let database_url = given.or(own).when("there is no database")?;
        let announced = data.announce(&database_url)?;
        let base_url = env::var("PORTAL_BASE_URL").ok().filter(|it| !it.is_empty());
        let settings = Settings::new(&data.path, addresses, base_url, database_url)?;
        println!("starting");
        let stack = Stack::start(settings, &data)?;
        println!("{}", stack.sign_ins()?);
        println!("logs and data: {}", data.path.display());
        println!("{}", stack.settings.ready());
        Ok(Self { stack, _announced: announced, cluster, data, wasm })
    }

    fn died(&mut self) -> Option<Fault> {
        let database = self.cluster.as_mut().and_then(Cluster::died).map(fault);
        database.or_else(|| self.stack.died())
    }

    /// A source that does not compile leaves the portal as it was.
    fn rebuild(&mut self) -> Result {
        println!("building");
        if let Err(why) = build_dev(self.wasm) {
            if stop_asked() {
                return Ok(());
            }
            println!("{why}\nthe portal still runs as it was");
            return Ok(());
        }
        self.stack.restart_portal(&self.data)?;
        println!("{}", self.stack.settings.ready());
        Ok(())
    }
}
