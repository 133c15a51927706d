//! `loadline monitor`: watches a server without load.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context;
use loadline_events::{Reading, Signal};
use loadline_monitor::{Place, ServerWatch, Source};
use loadline_units::RunTime;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::args::MonitorArgs;
use crate::exit::Exit;
use crate::terminal::{print, say};

const INTERVAL: Duration = Duration::from_secs(1);

pub(crate) fn run(args: &MonitorArgs) -> anyhow::Result<Exit> {
    let mut watches = Vec::new();
    for (index, text) in (0u16..).zip(&args.sources) {
        let target = args.port.map(Place::Port).ok_or("not known (give --port)");
        let source = match Source::parse(text, target) {
            Ok(source) => source,
            Err(error) => {
                say(&format!("error: {error}"));
                return Ok(Exit::Usage);
            }
        };
        let watch = ServerWatch::open(&source, index).with_context(|| format!("watch {text}"))?;
        if !args.json {
            print_line(&format!("{text}: {}", watch.description()))?;
        }
        for missing in watch.not_read() {
            if !args.json {
                print_line(&format!("{text}: not read: {missing}"))?;
            }
        }
        watches.push(watch);
    }
    let (stop, stopped) = mpsc::channel();
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("listen for signals")?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = stop.send(());
        }
    });

    let start = Instant::now();
    for tick in 0u32.. {
        let due = INTERVAL * tick;
        if args.duration.is_some_and(|duration| due > duration) {
            break;
        }
        match stopped.recv_timeout(due.saturating_sub(start.elapsed())) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
        let mut gone = 0;
        for (watch, source) in watches.iter_mut().zip(&args.sources) {
            let reading = watch.read(RunTime::from_duration(start.elapsed()));
            gone += usize::from(reading.alive == Some(false));
            print_line(&if args.json {
                json(source, &reading)
            } else {
                line(source, &reading)
            })?;
        }
        if gone == watches.len() {
            break;
        }
    }
    Ok(Exit::Ok)
}

/// One reading for eyes: `0:05  local  CPU 0.42 of 2 cores  thread 41%  memory 154 MB  ...`.
fn line(source: &str, reading: &Reading) -> String {
    let seconds = reading.at.as_micros() / 1_000_000;
    let mut text = format!("{}:{:02}  {source}", seconds / 60, seconds % 60);
    if reading.alive == Some(false) {
        text.push_str("  process ended");
    }
    let value = |signal| reading.value(signal);
    if let (Some(cores), Some(allowed)) = (value(Signal::CpuCores), value(Signal::CpuAllowedCores))
    {
        text.push_str(&format!("  CPU {cores:.2} of {allowed} cores"));
    }
    if let Some(thread) = value(Signal::BusiestThread) {
        text.push_str(&format!("  thread {:.0}%", thread * 100.0));
    }
    if let Some(bytes) = value(Signal::MemoryBytes) {
        text.push_str(&format!("  memory {:.0} MB", bytes / 1e6));
    }
    for (signal, name) in [
        (Signal::Threads, "threads"),
        (Signal::OpenFiles, "files"),
        (Signal::Connections, "connections"),
        (Signal::AcceptQueue, "accept queue"),
    ] {
        if let Some(count) = value(signal) {
            text.push_str(&format!("  {name} {count:.0}"));
        }
    }
    if let Some(host) = value(Signal::HostCpu) {
        text.push_str(&format!("  host CPU {:.0}%", host * 100.0));
    }
    text
}

fn json(source: &str, reading: &Reading) -> String {
    let mut values = serde_json::Map::new();
    values.insert("source".to_owned(), source.into());
    values.insert("at_us".to_owned(), reading.at.as_micros().into());
    values.insert("alive".to_owned(), reading.alive.into());
    for (signal, value) in &reading.values {
        values.insert(signal.key().to_owned(), (*value).into());
    }
    serde_json::Value::Object(values).to_string()
}

fn print_line(text: &str) -> anyhow::Result<()> {
    print(&format!("{text}\n"))
}
