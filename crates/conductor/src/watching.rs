//! Reads the watched servers and the generator itself each second, on a thread of its own.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use loadline_events::{Reading, Signal};
use loadline_monitor::{GeneratorWatch, ServerWatch};
use loadline_units::Clock;

use crate::collector::{Backlog, Message};

/// The thread that reads; ends when dropped or told to stop.
#[derive(Debug)]
pub(crate) struct Watching {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watching {
    /// Reads all `watches`, and what the generator has left and `backlog` holds, at the start of each second of
    /// `clock`.
    pub(crate) fn start(
        mut watches: Vec<ServerWatch>,
        clock: impl Clock + Send + 'static,
        sender: Sender<Message>,
        backlog: Backlog,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("monitor".to_owned())
            .spawn(move || {
                let mut generator = GeneratorWatch::default();
                loop {
                    let now = clock.now();
                    let mut readings: Vec<Reading> =
                        watches.iter_mut().map(|watch| watch.read(now)).collect();
                    let mut own = generator.read(now);
                    let queued = backlog.take_most_waiting() as f64;
                    own.values.push((Signal::RecorderQueue, queued));
                    readings.push(own);
                    if sender.send(Message::Readings(readings)).is_err() {
                        return;
                    }
                    let next = u64::from(now.second()) + 1;
                    let wait = Duration::from_secs(next).saturating_sub(clock.now().since_start());
                    match stopped.recv_timeout(wait) {
                        Err(RecvTimeoutError::Timeout) => {}
                        Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Ends reading and waits for the thread.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.end();
    }
}
