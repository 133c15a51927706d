//! Takes what the engine's threads and the monitor say, and keeps it: in series, in the run folder
//! and in the live figures.
//!
//! The engine's side ([`ChannelSink`]) only moves blocks into a channel; all work is done by one
//! thread of the conductor's.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use loadline_engine::{FailureNote, Sink};
use loadline_events::{Phase, Reading, Sample, ScriptLine, WorkerSecond};
use loadline_metrics::{Aggregator, ErrorKey, Label, RunSeries, SeriesDelta};
use loadline_store::RunWriter;
use loadline_units::RunTime;

use crate::script_log::ScriptLog;
use crate::tally::Tally;

/// Samples that may wait for the collector: a few seconds at the highest rate, 200 MB at most.
/// Beyond that they are dropped and counted, which makes the run invalid.
const MAX_WAITING_SAMPLES: u64 = 3_000_000;

/// What the collector is told.
#[derive(Debug)]
pub(crate) enum Message {
    Samples(Vec<Sample>),
    Second(WorkerSecond),
    Failure(FailureNote),
    Readings(Vec<Reading>),
    Phase(Phase),
    ScriptLines(Vec<ScriptLine>),
}

/// What lies between the engine and the collector beside the channel: how many samples wait in it, and
/// emptied blocks on their way back.
///
/// Without those every block is made by one thread and freed by another, and what the allocator holds on to
/// meanwhile moves by some megabytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backlog {
    waiting: Arc<AtomicU64>,
    /// The most that waited since it was last asked for.
    most_waiting: Arc<AtomicU64>,
    spares: Arc<Mutex<Vec<Vec<Sample>>>>,
}

/// Spare blocks that are kept: one that is to be filled, one that waits and one that is taken in.
const SPARE_BLOCKS: usize = 3;

impl Backlog {
    /// One with room for `count` samples. Never waits: while the other side is at them, a new one is made.
    fn spare(&self, count: usize) -> Vec<Sample> {
        let spare = self.spares.try_lock().ok().and_then(|mut all| all.pop());
        let mut block = spare.unwrap_or_default();
        block.reserve_exact(count);
        block
    }

    /// Most samples that have waited for the collector since this was last called.
    pub(crate) fn take_most_waiting(&self) -> u64 {
        let waiting = self.waiting.load(Ordering::Relaxed);
        self.most_waiting.swap(waiting, Ordering::Relaxed)
    }

    fn give_back(&self, mut block: Vec<Sample>) {
        block.clear();
        let mut spares = self.spares.lock().unwrap_or_else(PoisonError::into_inner);
        if spares.len() < SPARE_BLOCKS {
            spares.push(block);
        }
    }
}

/// The engine's end of the channel.
#[derive(Clone, Debug)]
pub(crate) struct ChannelSink {
    sender: Sender<Message>,
    backlog: Backlog,
}

impl ChannelSink {
    pub(crate) fn new(sender: Sender<Message>, backlog: Backlog) -> Self {
        Self { sender, backlog }
    }
}

impl Sink for ChannelSink {
    fn samples(&self, block: Vec<Sample>) -> u64 {
        let count = block.len() as u64;
        let waiting = &self.backlog.waiting;
        if waiting.load(Ordering::Relaxed) + count > MAX_WAITING_SAMPLES {
            return count;
        }
        let now = waiting.fetch_add(count, Ordering::Relaxed) + count;
        self.backlog.most_waiting.fetch_max(now, Ordering::Relaxed);
        match self.sender.send(Message::Samples(block)) {
            Ok(()) => 0,
            // The collector has ended, which it does only after the engine: nothing listens.
            Err(_) => count,
        }
    }

    fn spare_block(&self, count: usize) -> Vec<Sample> {
        self.backlog.spare(count)
    }

    fn second(&self, second: WorkerSecond) {
        let _ = self.sender.send(Message::Second(second));
    }

    fn failure(&self, failure: FailureNote) {
        let _ = self.sender.send(Message::Failure(failure));
    }

    fn script_lines(&self, lines: Vec<ScriptLine>) {
        let _ = self.sender.send(Message::ScriptLines(lines));
    }
}

/// What is recorded. Seconds that are in the run folder are not kept in memory, so that memory does
/// not grow with the run; what the folder cannot take (a full disk) is.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) series: RunSeries,
    pub(crate) workers: Vec<WorkerSecond>,
    pub(crate) readings: Vec<Reading>,
    /// The readings of the last second.
    pub(crate) latest: Vec<Reading>,
    /// What the engine's threads said of their last second.
    pub(crate) latest_workers: Vec<WorkerSecond>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) writer: RunWriter,
    /// The latest seconds, for live figures; oldest first.
    pub(crate) recent: VecDeque<SeriesDelta>,
    /// Samples since it was last taken.
    pub(crate) tally: Tally,
    /// Where the lines of scripts go.
    pub(crate) script_log: ScriptLog,
    /// Lines of scripts since they were last taken.
    pub(crate) script_lines: Vec<ScriptLine>,
    aggregator: Aggregator,
    new_workers: Vec<WorkerSecond>,
    new_readings: Vec<Reading>,
    backlog: Backlog,
    next_flush: u32,
}

/// How long after its end a second may still be on its way here, in microseconds: the threads hand
/// over what they have at their next tick.
const HANDING_OVER_US: u64 = 50_000;

/// Seconds of live figures that are kept.
pub(crate) const RECENT_SECONDS: usize = 10;

impl Collector {
    pub(crate) fn new(writer: RunWriter, script_log: ScriptLog, backlog: Backlog) -> Self {
        Self {
            script_log,
            script_lines: Vec::new(),
            series: RunSeries::default(),
            workers: Vec::new(),
            readings: Vec::new(),
            latest: Vec::new(),
            latest_workers: Vec::new(),
            phases: Vec::new(),
            writer,
            recent: VecDeque::new(),
            tally: Tally::default(),
            aggregator: Aggregator::default(),
            new_workers: Vec::new(),
            new_readings: Vec::new(),
            backlog,
            next_flush: 1,
        }
    }

    /// Takes one message.
    pub(crate) fn take(&mut self, message: Message) {
        match message {
            Message::Samples(block) => {
                let waiting = &self.backlog.waiting;
                waiting.fetch_sub(block.len() as u64, Ordering::Relaxed);
                self.aggregator.add(&block);
                for sample in &block {
                    self.tally.add(sample);
                }
                self.writer.samples(&block);
                self.backlog.give_back(block);
            }
            Message::Second(second) => self.new_workers.push(second),
            Message::Failure(failure) => {
                let sample = failure.sample;
                let key = ErrorKey {
                    kind: sample.error,
                    status: sample.status,
                    label: sample.label,
                };
                self.aggregator.add_message(key, &failure.message);
            }
            Message::Readings(readings) => self.new_readings.extend(readings),
            Message::ScriptLines(lines) => {
                self.script_log.write(&lines);
                self.script_lines.extend(lines);
            }
            Message::Phase(phase) => {
                self.writer.phase(&phase);
                self.phases.push(phase);
            }
        }
    }

    /// Takes all messages that are waiting.
    pub(crate) fn drain(&mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.try_recv() {
            self.take(message);
        }
    }

    /// Flushes if a second has ended since the last flush, and the engine's threads have had time to
    /// hand it over; says whether it did.
    pub(crate) fn flush_if_due(&mut self, now: RunTime, labels: &[Label]) -> bool {
        let due = now.as_micros() >= u64::from(self.next_flush) * 1_000_000 + HANDING_OVER_US;
        if due {
            self.flush(labels);
            self.next_flush = now.second() + 1;
        }
        due
    }

    /// Adds what came since the last flush to the series and the run folder.
    pub(crate) fn flush(&mut self, labels: &[Label]) {
        self.script_log.flush();
        let delta = self.aggregator.flush();
        self.writer
            .second(&delta, &self.new_workers, &self.new_readings, labels);
        self.latest.clone_from(&self.new_readings);
        self.latest_workers.clone_from(&self.new_workers);
        if self.writer.failure().is_some() {
            self.series.merge(delta.clone());
            self.workers.append(&mut self.new_workers);
            self.readings.append(&mut self.new_readings);
        }
        self.new_workers.clear();
        self.new_readings.clear();
        self.recent.push_back(delta);
        if self.recent.len() > RECENT_SECONDS {
            self.recent.pop_front();
        }
    }
}
