//! Places at which a test stops the process for good, to see what is left. Compiled in with the feature `crashpoint`
//! only; `PORTAL_CRASH_AT` names the place, as in the crash matrix of the money design.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Says on stderr that this place was reached and goes no further, if it is the one asked for: the test kills the
/// process then. A test that kills something else meanwhile lets it go on by making the file `PORTAL_CRASH_UNTIL`.
pub fn point(name: &str) {
    if asked_for(name) {
        stop(name);
    }
}

/// Starts `work` and stops at the place, if it is asked for, while the work is under way: sent, and not answered yet.
pub async fn during<T>(names: &[&str], work: impl Future<Output = T>) -> T {
    let Some(name) = names.iter().find(|name| asked_for(name)) else { return work.await };
    tokio::pin!(work);
    tokio::select! {
        biased;
        () = tokio::time::sleep(Duration::from_millis(300)) => stop(name),
        done = &mut work => return done,
    }
    work.await
}

/// Starts `work`, gives it one push and stops: handed over, and nothing done about the answer, should it be there already.
pub async fn handing_over<T>(name: &str, work: impl Future<Output = T>) -> T {
    if !asked_for(name) {
        return work.await;
    }
    tokio::pin!(work);
    let answer = tokio::select! {
        biased;
        answer = &mut work => Some(answer),
        () = std::future::ready(()) => None,
    };
    stop(name);
    match answer {
        Some(answer) => answer,
        None => work.await,
    }
}

fn asked_for(name: &str) -> bool {
    std::env::var("PORTAL_CRASH_AT").is_ok_and(|asked| asked == name)
}

/// The first to come here; whoever comes later passes.
fn stop(name: &str) {
    use std::io::Write as _;
    static STOPPED: AtomicBool = AtomicBool::new(false);
    if STOPPED.swap(true, Ordering::Relaxed) {
        return;
    }
    let mut stderr = std::io::stderr();
    // Nobody is there to read of a failure.
    let _ = writeln!(stderr, "crashpoint {name}").and_then(|()| stderr.flush());
    let until = std::env::var_os("PORTAL_CRASH_UNTIL").map(std::path::PathBuf::from);
    // Only this one stands still: whoever races with it must be able to win.
    tokio::task::block_in_place(|| {
        while !until.as_ref().is_some_and(|file| file.exists()) {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}
