//! `StopWatch` of commons-lang.
//!
//! Time is the host's monotonic clock.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value, lock};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unstarted,
    Running,
    Suspended,
    Stopped,
}

/// What a watch shows, in nanoseconds of the host's clock.
#[derive(Clone, Copy)]
struct Watch {
    state: State,
    start: u64,
    stop: u64,
    is_split: bool,
    /// When it was started, in milliseconds since 1970.
    started_at: i64,
}

struct StopWatch(Mutex<Watch>);

const NEW: Watch = Watch {
    state: State::Unstarted,
    start: 0,
    stop: 0,
    is_split: false,
    started_at: 0,
};

impl Watch {
    fn started(cx: &mut Interp<'_>) -> Watch {
        Watch {
            state: State::Running,
            start: cx.host.nanos(),
            started_at: cx.host.now_ms(),
            ..NEW
        }
    }

    fn nanos(&self, cx: &mut Interp<'_>) -> u64 {
        match self.state {
            State::Unstarted => 0,
            State::Running => cx.host.nanos().saturating_sub(self.start),
            State::Suspended | State::Stopped => self.stop.saturating_sub(self.start),
        }
    }

    fn split(&self) -> Run<u64> {
        match self.is_split {
            true => Ok(self.stop.saturating_sub(self.start)),
            false => Err(illegal("Stopwatch must be split to get the split time. ")),
        }
    }
}

fn illegal(message: &str) -> Fail {
    throw("java.lang.IllegalStateException", message)
}

/// `00:00:01.500`.
fn clock_text(nanos: u64) -> String {
    let ms = nanos / 1_000_000;
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        ms / 1000 % 60,
        ms % 1000
    )
}

impl Native for StopWatch {
    fn class_name(&self) -> Arc<str> {
        Arc::from("org.apache.commons.lang3.time.StopWatch")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, self, name, a)
    }
    fn text(&self, cx: &mut Interp<'_>) -> Run<Option<String>> {
        let watch = *lock(&self.0);
        Ok(Some(clock_text(watch.nanos(cx))))
    }
}

fn start(cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    match watch.state {
        State::Stopped => Err(illegal("Stopwatch must be reset before being restarted. ")),
        State::Unstarted => {
            *watch = Watch::started(cx);
            Ok(())
        }
        State::Running | State::Suspended => Err(illegal("Stopwatch already started. ")),
    }
}

fn stop(cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    match watch.state {
        State::Running => watch.stop = cx.host.nanos(),
        State::Suspended => {}
        State::Unstarted | State::Stopped => return Err(illegal("Stopwatch is not running. ")),
    }
    watch.state = State::Stopped;
    Ok(())
}

fn split(cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    if watch.state != State::Running {
        return Err(illegal("Stopwatch is not running. "));
    }
    watch.stop = cx.host.nanos();
    watch.is_split = true;
    Ok(())
}

fn unsplit(_cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    if !watch.is_split {
        return Err(illegal("Stopwatch has not been split. "));
    }
    watch.is_split = false;
    Ok(())
}

fn suspend(cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    if watch.state != State::Running {
        return Err(illegal("Stopwatch must be running to suspend. "));
    }
    watch.stop = cx.host.nanos();
    watch.state = State::Suspended;
    Ok(())
}

fn resume(cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    if watch.state != State::Suspended {
        return Err(illegal("Stopwatch must be suspended to resume. "));
    }
    watch.start += cx.host.nanos().saturating_sub(watch.stop);
    watch.state = State::Running;
    Ok(())
}

fn reset(_cx: &mut Interp<'_>, watch: &mut Watch) -> Run<()> {
    *watch = NEW;
    Ok(())
}

type Change = fn(&mut Interp<'_>, &mut Watch) -> Run<()>;

fn change(cx: &mut Interp<'_>, me: &StopWatch, by: Change) -> Run {
    let mut watch = *lock(&me.0);
    by(cx, &mut watch)?;
    *lock(&me.0) = watch;
    Ok(cx.void())
}

methods! {
    fn call(cx, me: &StopWatch, a, name) -> METHODS;
    start : 0 .. 0 => change(cx, me, start);
    stop : 0 .. 0 => change(cx, me, stop);
    reset : 0 .. 0 => change(cx, me, reset);
    split : 0 .. 0 => change(cx, me, split);
    unsplit : 0 .. 0 => change(cx, me, unsplit);
    suspend : 0 .. 0 => change(cx, me, suspend);
    resume : 0 .. 0 => change(cx, me, resume);
    getTime : 0 .. 0 => { let watch = *lock(&me.0); Ok(Value::Long((watch.nanos(cx) / 1_000_000) as i64)) };
    getNanoTime : 0 .. 0 => { let watch = *lock(&me.0); Ok(Value::Long(watch.nanos(cx) as i64)) };
    getSplitTime : 0 .. 0 => { let watch = *lock(&me.0); Ok(Value::Long((watch.split()? / 1_000_000) as i64)) };
    getSplitNanoTime : 0 .. 0 => { let watch = *lock(&me.0); Ok(Value::Long(watch.split()? as i64)) };
    getStartTime : 0 .. 0 => { let watch = *lock(&me.0); if watch.state == State::Unstarted { Err(illegal("Stopwatch has not been started")) } else { Ok(Value::Long(watch.started_at)) } };
    isStarted : 0 .. 0 => Ok(Value::Bool(matches!(lock(&me.0).state, State::Running | State::Suspended)));
    isStopped : 0 .. 0 => Ok(Value::Bool(matches!(lock(&me.0).state, State::Unstarted | State::Stopped)));
    isSuspended : 0 .. 0 => Ok(Value::Bool(lock(&me.0).state == State::Suspended));
    toSplitString : 0 .. 0 => { let watch = *lock(&me.0); Ok(Value::from(clock_text(watch.split()?))) };
}

fn new(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match a.len() {
        0 => Ok(Value::object(StopWatch(Mutex::new(NEW)))),
        _ => Err(Fail::NoMethod),
    }
}

methods! {
    fn statics(cx, me: &'static ClassInfo, a, name) -> STATICS;
    create : 0 .. 0 => new(cx, me, a);
    createStarted : 0 .. 0 => { let watch = Watch::started(cx); Ok(Value::object(StopWatch(Mutex::new(watch)))) };
}

pub(crate) const CLASSES: &[ClassInfo] =
    &[ClassInfo::named("org.apache.commons.lang3.time.StopWatch")
        .constructor(new)
        .statics(statics, STATICS)
        .methods(&[METHODS])];
