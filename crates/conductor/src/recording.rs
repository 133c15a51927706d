//! A run while it is recorded: takes what engine and monitor say until the engine has ended, looks at
//! signals and limits once a second, and closes the run folder.
//!
//! Not here: starting all of it (see [`crate::run`]), and what becomes of a message (see
//! [`crate::collector`]).

use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use loadline_engine::{EngineReport, LabelNames, RunClock, RunControl};
use loadline_events::{Phase, Reading, StepId, StopReason};
use loadline_metrics::{Label, RunData, RunSeries, ServerSeries, StepLoad, StepWindow};
use loadline_store::{Manifest, StoredRun, read_run};
use loadline_units::{Clock, Rate, RunTime};

use crate::collector::{Collector, Message};
use crate::live::{LiveInputs, LiveSecond, live_second};
use crate::run::{Course, Finished, Interrupts, RunError};
use crate::stop_rule::StopRules;
use crate::tally::Tally;

/// How often the conductor looks at signals and the clock.
const POLL: Duration = Duration::from_millis(50);

/// How far the recorder may be behind without a word: it looks at the clock and at signals, and
/// packs a second's samples, in between.
const LATE: Duration = Duration::from_secs(2);

/// A run that is being recorded.
pub(crate) struct Recording {
    pub(crate) collector: Collector,
    /// When what was taken had waited longest, and how long.
    pub(crate) latest: (RunTime, Duration),
    pub(crate) labels: Labels,
    pub(crate) rules: StopRules,
    pub(crate) main_started: Option<RunTime>,
    /// Time after each ramp that is not judged.
    pub(crate) warm_up: Duration,
    pub(crate) steps: Vec<StepWindow>,
    pub(crate) plan_steps: Vec<loadline_schedule::Step>,
    pub(crate) planned: Option<Duration>,
    pub(crate) manifest: Manifest,
    pub(crate) control: RunControl,
    pub(crate) clock: RunClock,
}

impl Recording {
    /// Takes messages until the engine has ended; its report, or `None` if it panicked.
    pub(crate) fn follow(
        &mut self,
        receiver: &Receiver<Message>,
        joined: &Receiver<EngineReport>,
        interrupts: &Interrupts,
        on_second: &mut dyn FnMut(&LiveSecond) -> Course,
    ) -> Option<EngineReport> {
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                // The engine's and the monitor's ends are closed: the report is there.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
            }
            match interrupts.load(Ordering::Relaxed) {
                0 => {}
                1 => self.control.stop(StopReason::Signal),
                _ => self.control.abort(StopReason::Signal),
            }
            self.labels.refresh();
            if self
                .collector
                .flush_if_due(self.clock.now(), &self.labels.known)
            {
                self.look(on_second);
            }
            match joined.try_recv() {
                Ok(report) => {
                    self.drain(receiver);
                    return Some(report);
                }
                Err(mpsc::TryRecvError::Empty) => {}
                Err(mpsc::TryRecvError::Disconnected) => {
                    self.drain(receiver);
                    return None;
                }
            }
        }
    }

    fn drain(&mut self, receiver: &Receiver<Message>) {
        while let Ok(message) = receiver.try_recv() {
            self.take(message);
        }
    }

    fn take(&mut self, message: Message) {
        if let Message::Phase(Phase::MainStarted { at }) = &message {
            self.main_started = Some(*at);
            self.steps = step_windows(&self.plan_steps, *at, self.warm_up);
            self.manifest.facts.main_started = *at;
            self.manifest.steps.clone_from(&self.steps);
            self.collector.writer.manifest(&self.manifest);
        }
        if let Message::Second(second) = &message {
            let now = self.clock.now();
            let waited = now.saturating_since(second.written_at);
            if waited > self.latest.1 {
                self.latest = (now, waited);
            }
        }
        self.collector.take(message);
    }

    /// Notes how far the recorder fell behind the engine's threads, if it did.
    fn note_lateness(&mut self) {
        let (at, by) = self.latest;
        if by >= LATE {
            let by_us = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
            let phase = Phase::RecordedLate { at, by_us };
            self.collector.take(Message::Phase(phase));
        }
    }

    /// Once a second: live figures, and limits that stop the run.
    fn look(&mut self, on_second: &mut dyn FnMut(&LiveSecond) -> Course) {
        let at = self.clock.now();
        let live = live_second(LiveInputs {
            at,
            main_started: self.main_started,
            planned: self.planned,
            steps: &self.steps,
            users: u32::try_from(self.control.live().users).unwrap_or(u32::MAX),
            users_started: self.control.live().users_started,
            tally: std::mem::take(&mut self.collector.tally),
            script_lines: std::mem::take(&mut self.collector.script_lines),
            recent: &self.collector.recent,
            labels: &self.labels.known,
            reading: self
                .collector
                .latest
                .iter()
                .rev()
                .find(|reading| reading.server == 0),
            workers: &self.collector.latest_workers,
        });
        let names: Vec<&str> = self
            .manifest
            .servers
            .iter()
            .map(|server| server.name.as_str())
            .collect();
        if let Some(second) = self.collector.recent.back()
            && let Some(limit) = self.rules.look(
                live.step.map(|(_, load, _)| load),
                second,
                &self.labels.known,
                &names,
                &self.collector.latest,
            )
        {
            let text = format!("limit `{limit}` is broken and stops the run");
            self.collector
                .take(Message::Phase(Phase::Note { at, text }));
            self.control.stop(StopReason::Limit);
        }
        let course = on_second(&live);
        self.take_course(course);
    }

    fn take_course(&mut self, course: Course) {
        let Some(started) = self.main_started else {
            return;
        };
        match course {
            Course::GoOn => return,
            Course::JudgeFrom(after) => {
                if let Some(step) = self.steps.first_mut() {
                    step.hold_start = step.hold_start.max(started + after).min(step.end);
                }
            }
            Course::EndAt(after) => {
                if self.control.stop_reason().is_some() {
                    return;
                }
                self.planned = Some(after);
                self.manifest.facts.planned = self.planned;
                for step in &mut self.steps {
                    step.end = step.end.min(started + after);
                }
                self.control.stop(StopReason::Completed);
            }
        }
        self.manifest.steps.clone_from(&self.steps);
        self.collector.writer.manifest(&self.manifest);
    }

    /// Keeps what there is of a run whose engine panicked; the folder stays unfinished.
    pub(crate) fn break_off(mut self) -> RunError {
        self.labels.refresh();
        self.collector.flush(&self.labels.known);
        RunError::Panicked {
            folder: self.collector.writer.folder().to_owned(),
        }
    }

    /// Closes the folder and reads it back.
    pub(crate) fn finish(mut self, report: EngineReport, warnings: Vec<String>) -> Finished {
        self.labels.refresh();
        self.note_lateness();
        self.collector.flush(&self.labels.known);
        let script_problem = self.collector.script_log.problem();
        let facts = &mut self.manifest.facts;
        facts.duration_us = report.ended_at.as_micros();
        facts.stop = report.reason;
        let mut main_end = report.main_ended_at.unwrap_or(report.ended_at);
        // Users go when their next pause would outlast the plan: that ends no step early.
        if report.reason == StopReason::Completed
            && let (Some(planned), Some(started)) = (self.planned, self.main_started)
        {
            main_end = main_end.max(started + planned);
        }
        self.manifest.steps = self
            .steps
            .iter()
            .map(|step| step.clipped(main_end))
            .collect();
        self.manifest.finished = true;
        self.collector.writer.manifest(&self.manifest);

        let folder = self.collector.writer.folder().to_owned();
        let (run, folder_failure) = match self.collector.writer.take_failure() {
            Some(failure) => (self.in_memory(), Some(failure)),
            None => match read_run(&folder) {
                Ok(run) => (run, None),
                Err(failure) => (self.in_memory(), Some(failure)),
            },
        };
        let faults = report.faults.into_iter().collect();
        let mut warnings = warnings;
        warnings.extend(retry_warning(&run.data.series));
        warnings.extend(report.processor_problems);
        warnings.extend(script_problem);
        if report.labels_overflowed > 0 {
            warnings.push(format!(
                "{} samples had labels beyond the first {}; they are counted together as {}",
                report.labels_overflowed,
                loadline_plan::MAX_LABELS,
                loadline_engine::OTHER_LABEL
            ));
        }
        Finished {
            run,
            folder_failure,
            faults,
            warnings,
            tally: Tally::default(),
            script_lines: Vec::new(),
            users_started: 0,
            result_failures: Vec::new(),
        }
    }

    /// The run as far as the folder has it, and from memory since it could not be written.
    fn in_memory(mut self) -> StoredRun {
        let mut readings = Vec::new();
        if let Ok(earlier) = read_run(self.collector.writer.folder()) {
            let earlier = earlier.data;
            self.collector.series.merge(earlier.series);
            self.collector.workers.splice(0..0, earlier.workers);
            readings.extend(earlier.generator);
            for server in earlier.servers {
                readings.extend(server.readings);
            }
        }
        readings.append(&mut self.collector.readings);
        let servers = (0u16..)
            .zip(self.manifest.servers)
            .map(|(index, server)| ServerSeries {
                name: server.name,
                source: server.source,
                description: server.description,
                readings: (readings.iter())
                    .filter(|reading| reading.server == index)
                    .cloned()
                    .collect(),
                not_read: server.not_read,
            });
        let of_generator = |reading: &&Reading| reading.server == Reading::GENERATOR;
        let generator = readings.iter().filter(of_generator).cloned().collect();
        StoredRun {
            data: RunData {
                facts: self.manifest.facts,
                labels: self.labels.known,
                steps: self.manifest.steps,
                series: self.collector.series,
                workers: self.collector.workers,
                servers: servers.collect(),
                generator,
                phases: self.collector.phases,
            },
            limits: self.manifest.limits,
            finished: true,
        }
    }
}

/// Labels as the series have them.
pub(crate) struct Labels {
    names: LabelNames,
    known: Vec<Label>,
}

impl Labels {
    pub(crate) fn new(names: LabelNames) -> Self {
        Self {
            names,
            known: Vec::new(),
        }
    }

    fn refresh(&mut self) {
        for label in self.names.all().into_iter().skip(self.known.len()) {
            self.known.push(Label {
                name: label.name.into(),
                transaction: label.transaction,
            });
        }
    }
}

/// Says that requests were sent again: a server that drops kept-alive connections would otherwise look
/// as if it had answered each at once.
fn retry_warning(series: &RunSeries) -> Option<String> {
    let retried: u64 = series.steps.values().map(|step| step.retried).sum();
    (retried > 0).then(|| {
        format!(
            "requests sent again on a fresh connection, because the server had closed a kept-alive \
             one without an answer: {retried}"
        )
    })
}

/// The planned steps as windows of the run, when the main part starts at `start`. A step without a
/// planned end goes on until the run ends. `warm_up` after its ramp counts to the ramp.
fn step_windows(
    steps: &[loadline_schedule::Step],
    start: RunTime,
    warm_up: Duration,
) -> Vec<StepWindow> {
    let windows = steps.iter().map(|step| StepWindow {
        step: StepId(step.index),
        load: match step.load {
            loadline_schedule::StepLoad::Users(users) => StepLoad::Users(users),
            loadline_schedule::StepLoad::Rate(rate) => {
                StepLoad::Rate(Rate::per_second(rate).unwrap_or_default())
            }
        },
        ramp_start: start + step.ramp_start,
        hold_start: start + step.hold_start + warm_up,
        end: step
            .end
            .map_or(RunTime::from_micros(u64::MAX), |end| start + end),
        complete: true,
    });
    windows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_sent_again_are_said() {
        let mut series = RunSeries::default();
        assert_eq!(retry_warning(&series), None);
        series.steps.entry(StepId(0)).or_default().retried = 2;
        series.steps.entry(StepId::NONE).or_default().retried = 1;
        assert!(retry_warning(&series).is_some_and(|warning| warning.ends_with(": 3")));
    }
}
