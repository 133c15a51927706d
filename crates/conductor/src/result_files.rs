//! JMeter result files that are written while a run goes on.
//!
//! Engine threads turn results into text and hand it over in pieces; one thread of the conductor's
//! writes them. What the disk cannot take in time is dropped and said. Not here: the text itself
//! (`jtl`), which files the plan's listeners ask for (`outputs`).

use std::cell::{Cell, RefCell};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use loadline_engine::{Audience, Listening, ResultListener, ResultParts};
use loadline_events::SampleResult;
use loadline_jtl::ResultFormat;
use loadline_plan::program::OutputId;

mod outputs;

pub(crate) use outputs::of_run;

/// The result files of a run, and how sub-results are named in them.
#[derive(Clone, Debug, Default)]
pub struct ResultRequest {
    /// Files that hear what listeners of the whole plan hear.
    pub files: Vec<ResultFile>,
    /// What the files of the plan's own listeners hold where these do not say it; `None` writes none
    /// of them.
    pub listeners: Option<ResultFormat>,
    /// Whether files of listeners that exist are deleted first, if their names are written out.
    pub anew: bool,
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

/// Results on their way to a file. Several may go to one: it gets each result once.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    file: ResultFile,
    /// The listener of the plan's that it is; `None` hears the whole plan.
    listener: Option<OutputId>,
    /// Where that listener stands, for messages.
    location: String,
}

impl Output {
    fn takes(&self, result: &SampleResult, audience: Audience<'_>) -> bool {
        let hears = match self.listener {
            None => audience.whole_plan,
            Some(id) => audience.outputs.contains(&id),
        };
        hears
            && match self.file.wanted {
                WantedResults::All => true,
                WantedResults::Failed => !result.success,
                WantedResults::Good => result.success,
            }
    }
}

/// Outputs and the files that they go to.
#[derive(Debug, Default)]
struct Outputs {
    /// Each with the index of its file.
    list: Vec<(Output, usize)>,
    /// Index of the output that came first, by file: its format begins and ends the file.
    first: Vec<usize>,
    keep_sub_labels: bool,
}

/// A file and a piece of its text; `None` when no more comes.
type Piece = Option<(usize, String)>;

/// Result files that are being written.
pub(crate) struct ResultFiles {
    outputs: Arc<Outputs>,
    sender: Sender<Piece>,
    waiting: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
    writer: JoinHandle<Result<(), ResultFileError>>,
}

impl ResultFiles {
    /// Opens the files of `wanted` and starts to write; `None` when there are none. A file of one of
    /// the plan's listeners that cannot be written costs no more than a warning, as in JMeter.
    pub(crate) fn open(
        wanted: Vec<Output>,
        keep_sub_labels: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Self>, ResultFileError> {
        let mut outputs = Outputs {
            keep_sub_labels,
            ..Outputs::default()
        };
        let (mut files, mut places) = (Vec::new(), Vec::new());
        for output in wanted {
            match place(&output.file.path)
                .and_then(|place| file_at(place, &output.file.format, &mut places, &mut files))
            {
                Ok(index) => {
                    if index == outputs.first.len() {
                        outputs.first.push(outputs.list.len());
                    }
                    outputs.list.push((output, index));
                }
                Err(source) => {
                    let path = output.file.path;
                    let error = ResultFileError { path, source };
                    if output.listener.is_none() {
                        return Err(error);
                    }
                    warnings.push(format!("{}: {error}", output.location));
                }
            }
        }
        let Some((first, _)) = outputs.list.first() else {
            return Ok(None);
        };
        let path = first.file.path.clone();
        let outputs = Arc::new(outputs);
        let (sender, receiver) = mpsc::channel();
        let waiting = Arc::new(AtomicU64::new(0));
        let write = {
            let (outputs, waiting) = (Arc::clone(&outputs), Arc::clone(&waiting));
            move || write_pieces(&outputs, files, &receiver, &waiting)
        };
        let builder = std::thread::Builder::new().name("results".to_owned());
        let writer = builder
            .spawn(write)
            .map_err(|source| ResultFileError { path, source })?;
        Ok(Some(Self {
            writer,
            outputs,
            sender,
            waiting,
            dropped: Arc::default(),
        }))
    }

    /// Who listens to a run whose clock stands at 0 at the wall-clock time `epoch_us`.
    pub(crate) fn listening(&self, epoch_us: i64) -> Listening {
        let formats = self.outputs.list.iter();
        let formats = formats.map(|(output, _)| &output.file.format);
        let saves = formats.clone().map(ResultFormat::save);
        let parts = ResultParts {
            texts: saves.clone().any(|save| save.wants_texts()),
            bodies: saves.clone().any(|save| save.wants_bodies()),
            keep_sub_labels: self.outputs.keep_sub_labels,
            // They are those of the run, so that all files have the same.
            variables: (formats.clone().next())
                .map(|format| format.variables().to_vec())
                .unwrap_or_default(),
        };
        let outputs = Arc::clone(&self.outputs);
        let sender = self.sender.clone();
        let (waiting, dropped) = (Arc::clone(&self.waiting), Arc::clone(&self.dropped));
        Listening {
            parts,
            epoch_us,
            listener: Arc::new(move |_| {
                Box::new(Listener {
                    texts: RefCell::new(vec![FileText::default(); outputs.first.len()]),
                    sent_ms: Cell::new(0),
                    outputs: Arc::clone(&outputs),
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

/// The one name of the file at `path`, whose folders are made.
fn place(path: &Path) -> io::Result<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    if path.exists() {
        return path.canonicalize();
    }
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    Ok(folder.canonicalize()?.join(name))
}

/// Index of the file at `place`, which is opened unless it is among `places`.
fn file_at(
    place: PathBuf,
    format: &ResultFormat,
    places: &mut Vec<PathBuf>,
    files: &mut Vec<File>,
) -> io::Result<usize> {
    if let Some(index) = places.iter().position(|known| *known == place) {
        return Ok(index);
    }
    files.push(open(&place, format)?);
    places.push(place);
    Ok(files.len() - 1)
}

/// Opens `path` to write on, with what a file begins with if it is new.
fn open(path: &Path, format: &ResultFormat) -> io::Result<File> {
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
    outputs: &Outputs,
    mut files: Vec<File>,
    receiver: &Receiver<Piece>,
    waiting: &AtomicU64,
) -> Result<(), ResultFileError> {
    let file_of = |index: usize| &outputs.list[outputs.first[index]].0.file;
    let mut failure = None;
    let mut write = |index: usize, file: &mut File, text: &str| {
        if failure.is_none()
            && let Err(source) = file.write_all(text.as_bytes())
        {
            failure = Some(ResultFileError {
                path: file_of(index).path.clone(),
                source,
            });
        }
    };
    while let Ok(Some((index, text))) = receiver.recv() {
        waiting.fetch_sub(text.len() as u64, Ordering::Relaxed);
        write(index, &mut files[index], &text);
    }
    for (index, file) in files.iter_mut().enumerate() {
        write(index, file, file_of(index).format.end());
    }
    failure.map_or(Ok(()), Err)
}

/// Turns the results of one engine thread into text.
struct Listener {
    outputs: Arc<Outputs>,
    /// Text not yet handed over, by file.
    texts: RefCell<Vec<FileText>>,
    sent_ms: Cell<i64>,
    sender: Sender<Piece>,
    waiting: Arc<AtomicU64>,
    dropped: Arc<AtomicU64>,
}

/// Text for one file.
#[derive(Clone, Debug, Default)]
struct FileText {
    text: String,
    /// Whether the present result is in it.
    has_result: bool,
    /// Whether results go to the file at once.
    at_once: bool,
}

impl ResultListener for Listener {
    fn result(&self, result: &SampleResult, audience: Audience<'_>) {
        if self.waiting.load(Ordering::Relaxed) > MOST_WAITING {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut texts = self.texts.borrow_mut();
        for (output, index) in &self.outputs.list {
            let file = &mut texts[*index];
            if !file.has_result && output.takes(result, audience) {
                let format = &output.file.format;
                format.result(result, &mut file.text);
                file.has_result = true;
                file.at_once = format.save().autoflush;
            }
        }
        let is_old = result.ended_ms - self.sent_ms.get() >= PIECE_AGE_MS;
        for (index, file) in texts.iter_mut().enumerate() {
            file.has_result = false;
            if is_old || file.text.len() >= PIECE || file.at_once {
                self.send(index, &mut file.text);
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
        for (index, file) in texts.iter_mut().enumerate() {
            self.send(index, &mut file.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use loadline_jtl::SaveConfig;

    use super::*;

    fn file(path: &Path, xml: bool, wanted: WantedResults) -> ResultFile {
        let mut save = SaveConfig::standard();
        save.xml = xml;
        ResultFile {
            path: path.to_owned(),
            format: ResultFormat::new(save, Vec::new(), "host".to_owned()),
            wanted,
        }
    }

    fn whole_plan(file: ResultFile) -> Output {
        Output {
            file,
            listener: None,
            location: String::new(),
        }
    }

    fn listener(id: u32, file: ResultFile) -> Output {
        Output {
            file,
            listener: Some(OutputId(id)),
            location: "plan.jmx:7".to_owned(),
        }
    }

    /// Writes a good and a failed result that `heard` by the plan's listeners; what is wrong.
    fn write(outputs: Vec<Output>, heard: &[OutputId]) -> Vec<String> {
        let mut warnings = Vec::new();
        let files = ResultFiles::open(outputs, false, &mut warnings)
            .unwrap()
            .unwrap();
        let listening = files.listening(0);
        let listener = (listening.listener)(0);
        for success in [true, false] {
            let result = SampleResult {
                label: if success { "good" } else { "bad" }.to_owned(),
                success,
                ..SampleResult::default()
            };
            let audience = Audience {
                whole_plan: true,
                outputs: heard,
            };
            listener.result(&result, audience);
        }
        drop((listener, listening));
        warnings.extend(files.close());
        warnings
    }

    /// Labels of a CSV file's results.
    fn labels(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().skip(1);
        lines
            .map(|line| line.split(',').nth(2).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn listeners_write_what_they_hear_and_want_and_a_file_of_several_has_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (all, failed, deaf) = (path("all.csv"), path("failed.csv"), path("deaf.csv"));
        let same = folder.path().join("./all.csv");
        let outputs = vec![
            whole_plan(file(&all, false, WantedResults::Good)),
            listener(0, file(&same, false, WantedResults::All)),
            listener(1, file(&failed, false, WantedResults::Failed)),
            listener(2, file(&deaf, false, WantedResults::All)),
            listener(3, file(folder.path(), false, WantedResults::All)),
        ];
        let warnings = write(outputs, &[OutputId(0), OutputId(1)]);
        assert_eq!(labels(&all), ["good", "bad"]);
        assert_eq!(labels(&failed), ["bad"]);
        assert_eq!(labels(&deaf), [""; 0]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let start = "plan.jmx:7: cannot write the result file ";
        assert!(warnings[0].starts_with(start), "{}", warnings[0]);
    }

    #[test]
    fn a_file_that_exists_is_written_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/results.csv");
        for _ in 0..2 {
            let output = whole_plan(file(&path, false, WantedResults::All));
            assert!(write(vec![output], &[]).is_empty());
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
            let output = whole_plan(file(&path, true, WantedResults::Failed));
            assert!(write(vec![output], &[]).is_empty());
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut labels = Vec::new();
        loadline_jtl::read_results(&mut text.as_bytes(), true, &mut |result| {
            labels.push(result.label.clone());
        })
        .unwrap();
        assert_eq!(labels, ["bad", "bad"]);
        assert!(text.ends_with("\n</testResults>\n"));
    }

    #[test]
    fn a_file_that_cannot_be_made_is_told_before_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let output = whole_plan(file(folder.path(), false, WantedResults::Good));
        let error = ResultFiles::open(vec![output], false, &mut Vec::new());
        let error = error.err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.starts_with("cannot write the result file")));
    }
}
