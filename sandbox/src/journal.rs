//! A file that only grows: a line a step, on disk before anybody hears of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::Error;

/// How far the file has got: everything up to here is known, everything `durable` covers is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// The disk refused a write: from here on nothing may be promised.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be written")]
pub(crate) struct NotDurable;

#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    lines: AtomicU64,
    sender: Option<Sender<String>>,
    safe: watch::Receiver<Safe>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Safe {
    lines: u64,
    broken: bool,
}

impl Journal {
    /// Opens or makes the file, hands every whole line to `read`, cuts off a torn last one.
    ///
    /// # Errors
    /// The file cannot be read or written, another process has it, or a line other than the last makes no sense.
    pub(crate) fn open(
        path: &Path,
        mut read: impl FnMut(&str) -> Result<(), serde_json::Error>,
    ) -> Result<Self, Error> {
        let fault = |source: io::Error| Error::Journal { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fault)?;
        file.try_lock().map_err(|_| Error::InUse(path.to_owned()))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fault)?;

        // A line counts once its line feed is there; whatever stands behind the last one was never answered for.
        let mut whole: u64 = 0;
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((at, line)) = lines.next() {
            let Some(text) = line.strip_suffix(b"\n") else { break };
            let understood = str::from_utf8(text).ok().is_some_and(|text| read(text).is_ok());
            if !understood {
                // After a loss of power the end may be garbage with a line feed in it; anywhere else it is damage.
                if lines.peek().is_none() {
                    break;
                }
                return Err(Error::Damaged { path: path.to_owned(), line: at.saturating_add(1) });
            }
            whole = whole.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        }
        if whole < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
            tracing::warn!(path = %path.display(), at = whole, "a torn last line was cut off");
            file.set_len(whole).map_err(fault)?;
        }
        file.seek(SeekFrom::End(0)).map_err(fault)?;
        file.sync_all().map_err(fault)?;
        if let Some(folder) = path.parent() {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)?;
        }

        let (sender, receiver) = channel();
        let (tell, safe) = watch::channel(Safe::default());
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(file, &receiver, &tell))
            .map_err(fault)?;
        Ok(Self {
            path: path.to_owned(),
            lines: AtomicU64::new(0),
            sender: Some(sender),
            safe,
            writer: Some(writer),
        })
    }

    /// Hands one line (without its line feed) to the writer. Callers hold the lock of what the line describes, so
    /// that the file's order is the order of events.
    pub(crate) fn append(&self, line: String) -> Mark {
        let mark = self.lines.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        if let Some(sender) = &self.sender {
            // A dead writer has said so in `safe`; whoever waits for this line hears it there.
            let _ = sender.send(line);
        }
        Mark(mark)
    }

    /// Where the file stands now: waiting for it makes everything seen so far safe.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.lines.load(Ordering::SeqCst))
    }

    /// Waits until everything up to `mark` is on disk.
    pub(crate) async fn durable(&self, mark: Mark) -> Result<(), NotDurable> {
        let mut safe = self.safe.clone();
        let reached =
            safe.wait_for(|safe| safe.broken || safe.lines >= mark.0).await.map_err(|_| NotDurable)?;
        if reached.broken { Err(NotDurable) } else { Ok(()) }
    }
}

impl Drop for Journal {
    /// Waits for the writer, so that the file can be opened again at once.
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(path = %self.path.display(), "the journal's writer had panicked");
        }
    }
}

/// Writes what has gathered while the disk was busy as one batch: sixteen writers share one fsync.
fn write(mut file: File, receiver: &Receiver<String>, tell: &watch::Sender<Safe>) {
    let mut lines: u64 = 0;
    while let Ok(first) = receiver.recv() {
        let mut batch = String::new();
        for line in std::iter::once(first).chain(receiver.try_iter()) {
            batch.push_str(&line);
            batch.push('\n');
            lines = lines.saturating_add(1);
        }
        let written = file.write_all(batch.as_bytes()).and_then(|()| file.sync_data());
        if let Err(fault) = written {
            tracing::error!(%fault, "the journal cannot be written; nothing is answered any more");
            tell.send_modify(|safe| safe.broken = true);
            return;
        }
        tell.send_modify(|safe| safe.lines = lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(path: &Path) -> Vec<String> {
        let mut seen = Vec::new();
        let journal = Journal::open(path, |line| {
            seen.push(serde_json::from_str::<String>(line)?);
            Ok(())
        });
        drop(journal.unwrap());
        seen
    }

    #[tokio::test]
    async fn a_file_cut_at_any_byte_opens_with_its_whole_lines() {
        let folder = crate::TempFolder::new().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = Journal::open(&path, |_| Ok(())).unwrap();
        for word in ["one", "two", "three"] {
            let mark = journal.append(format!("\"{word}\""));
            journal.durable(mark).await.unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();

        for cut in 0..=whole.len() {
            let torn = folder.path().join(format!("torn-{cut}.jsonl"));
            std::fs::write(&torn, &whole[..cut]).unwrap();
            let expected = whole[..cut].split(|byte| *byte == b'\n').count() - 1;
            assert_eq!(read_all(&torn).len(), expected);
            // Cut off for good: what comes next starts on its own line.
            let journal = Journal::open(&torn, |_| Ok(())).unwrap();
            let mark = journal.append("\"more\"".to_owned());
            journal.durable(mark).await.unwrap();
            drop(journal);
            assert_eq!(read_all(&torn).len(), expected + 1);
        }
    }

    #[test]
    fn damage_in_the_middle_is_not_passed_over() {
        let folder = crate::TempFolder::new().unwrap();
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, "\"one\"\n%%%\n\"three\"\n").unwrap();
        let opened = Journal::open(&path, |line| serde_json::from_str::<String>(line).map(drop));
        assert!(matches!(opened, Err(Error::Damaged { line: 2, .. })));
    }

    #[test]
    fn two_processes_do_not_share_a_file() {
        let folder = crate::TempFolder::new().unwrap();
        let path = folder.path().join("journal.jsonl");
        let first = Journal::open(&path, |_| Ok(())).unwrap();
        assert!(matches!(Journal::open(&path, |_| Ok(())), Err(Error::InUse(_))));
        drop(first);
        assert!(Journal::open(&path, |_| Ok(())).is_ok());
    }
}
