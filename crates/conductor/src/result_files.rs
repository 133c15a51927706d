//! JMeter result files that are written while a run goes on.
//!
//! Engine threads turn results into text and hand it over in pieces; one thread of the conductor's
//! writes them. What the disk cannot take in time is dropped and said. Not here: the text itself
//! (`jtl`).

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use loadline_engine::{Listening, ResultListener, ResultParts};
use loadline_events::SampleResult;
use loadline_jtl::ResultFormat;

/// The result files of a run, and how sub-results are named in them.
#[derive(Clone, Debug, Default)]
pub struct ResultRequest {
    /// The files.
    pub files: Vec<ResultFile>,
    /// Sub-results keep their own labels instead of the numbered one of their parent.
    pub keep_sub_labels: bool,
}

/// A result file. One that exists is written on, as JMeter does.
#[derive(Clone, Debug)]
pub struct ResultFile {
    /// Where.
    pub path: PathBuf,
    /// What it holds.
    pub format: ResultFormat,
    /// Which results it holds.
    pub wanted: WantedResults,
}

/// Which results a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WantedResults {
    /// All.
    #[default]
    All,
    /// Failed ones.
    Failed,
    /// Good ones.
    Good,
}

/// A result file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result file {}: {source}", path.display())]
pub struct ResultFileError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Text that may wait for the disk, in bytes. Beyond it results are dropped.
const MOST_WAITING: u64 = 256 << 20;
/// A piece of text goes to the writer when it is so long, in bytes.
const PIECE: usize = 64 << 10;
/// Longest time that text stays with an engine thread that goes on making results, in milliseconds.
const PIECE_AGE_MS: i64 = 1000;
/// An XML file that is written on is searched for its end within this last part, in bytes.
const TAIL: u64 = 4096;

/// A file and a piece of its text; `None` when no more comes.
type Piece = Option<(usize, String)>;

/// Result files that are being written.
pub(crate) struct ResultFiles {
    request: Arc<ResultRequest>,
    sender: Sender<Piece>,
    waiting: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
    writer: JoinHandle<Result<(), ResultFileError>>,
}

impl ResultFiles {
    /// Opens the files of `request` and starts to write; `None` when there are none.
    pub(crate) fn open(request: &ResultRequest) -> Result<Option<Self>, ResultFileError> {
        if request.files.is_empty() {
            return Ok(None);
        }
        let mut files = Vec::new();
        for file in &request.files {
            let opened = open(&file.path, &file.format).map_err(|source| ResultFileError {
                path: file.path.clone(),
                source,
            })?;
            files.push(opened);
        }
        let request = Arc::new(request.clone());
        let (sender, receiver) = mpsc::channel();
        let waiting = Arc::new(AtomicU64::new(0));
        let write = {
            let (request, waiting) = (Arc::clone(&request), Arc::clone(&waiting));
            move || write_pieces(&request, files, &receiver, &waiting)
        };
        let builder = std::thread::Builder::new().name("results".to_owned());
        let writer = builder.spawn(write).map_err(|source| ResultFileError {
            path: request.files[0].path.clone(),
            source,
        })?;
        Ok(Some(Self {
            writer,
            request,
            sender,
            waiting,
            dropped: Arc::default(),
        }))
    }

    /// Who listens to a run whose clock stands at 0 at the wall-clock time `epoch_us`.
    pub(crate) fn listening(&self, epoch_us: i64) -> Listening {
        let saves = self.request.files.iter().map(|file| file.format.save());
        let parts = ResultParts {
            texts: saves.clone().any(|save| save.wants_texts()),
            bodies: saves.clone().any(|save| save.wants_bodies()),
            keep_sub_labels: self.request.keep_sub_labels,
            variables: (self.request.files.first())
                .map(|file| file.format.variables().to_vec())
                .unwrap_or_default(),
        };
        let request = Arc::clone(&self.request);
        let sender = self.sender.clone();
        let (waiting, dropped) = (Arc::clone(&self.waiting), Arc::clone(&self.dropped));
        Listening {
            parts,
            epoch_us,
            listener: Arc::new(move |_| {
                Box::new(Listener {
                    texts: RefCell::new(vec![String::new(); request.files.len()]),
                    sent_ms: Cell::new(0),
                    request: Arc::clone(&request),
                    sender: sender.clone(),
                    waiting: Arc::clone(&waiting),
                    dropped: Arc::clone(&dropped),
                })
            }),
        }
    }

    /// Waits until everything is written and the files are closed; what went wrong.
    pub(crate) fn close(self) -> Vec<String> {
        // All listeners have gone, so nothing comes behind this.
        let _ = self.sender.send(None);
        let mut failures = Vec::new();
        match self.writer.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => failures.push(format!("{error}; it is incomplete")),
            Err(_) => failures.push("the thread that writes result files panicked".to_owned()),
        }
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > 0 {
            failures.push(format!(
                "{dropped} results are missing in the result files: the disk was too slow"
            ));
        }
        failures
    }
}

/// Opens `path` to write on, with what a file begins with if it is new. Folders are made.
fn open(path: &Path, format: &ResultFormat) -> io::Result<File> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::create_dir_all(folder)?;
    }
    let existed = path.exists();
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    let begins_at = if existed && !format.save().xml {
        // JMeter writes no second line of names, not even into a file that is empty.
        None
    } else {
        let from = length.saturating_sub(TAIL);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        match format.cut(&tail) {
            Some(cut) if existed => {
                file.set_len(from + cut as u64)?;
                None
            }
            _ => Some(0),
        }
    };
    if let Some(at) = begins_at {
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(format.beginning().as_bytes())?;
    }
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

/// Writes pieces until all listeners have gone, then the ends of the files. After a failure, pieces
/// are still taken, so that nobody waits.
fn write_pieces(
    request: &ResultRequest,
    mut files: Vec<File>,
    receiver: &Receiver<Piece>,
    waiting: &AtomicU64,
) -> Result<(), ResultFileError> {
    let mut failure = None;
    let mut write = |index: usize, file: &mut File, text: &str| {
        if failure.is_none()
            && let Err(source) = file.write_all(text.as_bytes())
        {
            failure = Some(ResultFileError {
                path: request.files[index].path.clone(),
                source,
            });
        }
    };
    while let Ok(Some((index, text))) = receiver.recv() {
        waiting.fetch_sub(text.len() as u64, Ordering::Relaxed);
        write(index, &mut files[index], &text);
    }
    for (index, file) in files.iter_mut().enumerate() {
        write(index, file, request.files[index].format.end());
    }
    failure.map_or(Ok(()), Err)
}

/// Turns the results of one engine thread into text.
struct Listener {
    request: Arc<ResultRequest>,
    /// Text not yet handed over, by file.
    texts: RefCell<Vec<String>>,
    sent_ms: Cell<i64>,
    sender: Sender<Piece>,
    waiting: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
}

impl ResultListener for Listener {
    fn result(&self, result: SampleResult) {
        if self.waiting.load(Ordering::Relaxed) > MOST_WAITING {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let is_old = result.ended_ms - self.sent_ms.get() >= PIECE_AGE_MS;
        let mut texts = self.texts.borrow_mut();
        for (index, (file, text)) in self.request.files.iter().zip(texts.iter_mut()).enumerate() {
            let is_wanted = match file.wanted {
                WantedResults::All => true,
                WantedResults::Failed => !result.success,
                WantedResults::Good => result.success,
            };
            if is_wanted {
                file.format.result(&result, text);
            }
            if is_old || text.len() >= PIECE || file.format.save().autoflush {
                self.send(index, text);
            }
        }
        if is_old {
            self.sent_ms.set(result.ended_ms);
        }
    }
}

impl Listener {
    fn send(&self, index: usize, text: &mut String) {
        if text.is_empty() {
            return;
        }
        let piece = std::mem::take(text);
        let length = piece.len() as u64;
        self.waiting.fetch_add(length, Ordering::Relaxed);
        // The writer goes only after all listeners.
        let _ = self.sender.send(Some((index, piece)));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut texts = std::mem::take(&mut *self.texts.borrow_mut());
        for (index, text) in texts.iter_mut().enumerate() {
            self.send(index, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use loadline_jtl::SaveConfig;

    use super::*;

    fn request(path: &Path, xml: bool, wanted: WantedResults) -> ResultRequest {
        let mut save = SaveConfig::standard();
        save.xml = xml;
        let file = ResultFile {
            path: path.to_owned(),
            format: ResultFormat::new(save, Vec::new(), "host".to_owned()),
            wanted,
        };
        ResultRequest {
            files: vec![file],
            keep_sub_labels: false,
        }
    }

    /// Writes a good and a failed result.
    fn write(request: &ResultRequest) -> Vec<String> {
        let files = ResultFiles::open(request).unwrap().unwrap();
        let listening = files.listening(0);
        let listener = (listening.listener)(0);
        for success in [true, false] {
            listener.result(SampleResult {
                label: if success { "good" } else { "bad" }.to_owned(),
                success,
                ..SampleResult::default()
            });
        }
        drop((listener, listening));
        files.close()
    }

    #[test]
    fn a_file_that_exists_is_written_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/results.csv");
        for _ in 0..2 {
            assert!(write(&request(&path, false, WantedResults::All)).is_empty());
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5);
        assert_eq!(text.matches("timeStamp").count(), 1);
    }

    #[test]
    fn xml_stays_one_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.xml");
        for _ in 0..2 {
            assert!(write(&request(&path, true, WantedResults::Failed)).is_empty());
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut labels = Vec::new();
        loadline_jtl::read_results(&mut text.as_bytes(), true, &mut |result| {
            labels.push(result.label);
        })
        .unwrap();
        assert_eq!(labels, ["bad", "bad"]);
        assert!(text.ends_with("\n</testResults>\n"));
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told_before_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let error = ResultFiles::open(&request(folder.path(), false, WantedResults::Good));
        let error = error.err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("cannot write the result file")));
    }
}
