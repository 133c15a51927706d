//! Faults as data: what goes wrong, as written on the command line.
//!
//! Not here: how a fault acts on a request (see [`crate::fault::injection`]).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::fault::quantity::{parse_bytes, parse_duration, parse_rate, parse_share};
use crate::options::OptionError;

/// How long a request holds its slot when `pool=N` does not say.
const POOL_HOLD: Duration = Duration::from_millis(10);
/// How long accepting one connection takes when `accept-queue=N` does not say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(5);

/// Something that goes wrong, written `NAME=VALUE`.
///
/// `/health` and `/metrics` are spared by all but `stall`, `pause` and `crash-at`. Waits end
/// within a few tenths of a millisecond after the stated time.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// `cpu=2ms`: each request burns this much CPU time of a runtime thread.
    Cpu(Duration),
    /// `pool=4:10ms` (or `workers=4:20ms`): at most `slots` requests at once, first come first
    /// served, each holding its slot for exactly `hold`: capacity `slots / hold`.
    Pool {
        /// Requests served at once, at least 1.
        slots: usize,
        /// Time that each holds its slot; `pool=4` alone means 10 ms.
        hold: Duration,
    },
    /// `lock=5ms`: one request at a time holds a global lock, for exactly this long.
    Lock(Duration),
    /// `leak=1MiB/s` or `leak=10KiB/request`: memory is taken under load and never given back.
    Leak(Leak),
    /// `errors=5%`: this share of requests, in [0, 1], is answered 500; seeded.
    Errors(f64),
    /// `limit=100/s`: a token bucket of a tenth of a second (at least one token) at this rate per
    /// second; beyond it 429 with `Retry-After`.
    Limit(f64),
    /// `stall=1s@10s` or `stall=1s/30s`: no request is answered meanwhile; threads stay free.
    Stall(Stall),
    /// `pause=200ms/5s` or `pause=200ms@5s`: the threads that serve HTTP stop, as in a garbage
    /// collection that stops the world.
    Pause(Stall),
    /// `crash-at=N`: the process aborts when its Nth request arrives (1 is the first).
    CrashAt(u64),
    /// `reset=1%`: this share of requests, in [0, 1], has its connection reset; seeded.
    Reset(f64),
    /// `slow-dependency=50ms`: each request waits this long for another service, any number at
    /// once.
    SlowDependency(Duration),
    /// `fixed=20ms`: each request waits exactly this long, any number at once; for calibration.
    Fixed(Duration),
    /// `accept-queue=16:5ms`: the kernel holds about this many connections that are not accepted
    /// yet, and accepting each takes `pause`; more at once are refused by silence.
    AcceptQueue {
        /// Length of the queue of connections that wait to be accepted.
        length: u32,
        /// Time between two connections taken from the queue; `accept-queue=16` means 5 ms.
        pause: Duration,
    },
}

/// How fast memory is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// Bytes per second while requests arrive; gaps over a second do not count.
    PerSecond(u64),
    /// Bytes per request.
    PerRequest(u64),
}

/// When nothing is answered, counted from the first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// Once, for `length`, from `start` on. Written `1s@10s`.
    Once {
        /// How long it lasts.
        length: Duration,
        /// When it starts, after the first request.
        start: Duration,
    },
    /// At the end of each `period` for `length`, which is shorter. Written `1s/30s`.
    Every {
        /// How long it lasts.
        length: Duration,
        /// From the end of one to the end of the next.
        period: Duration,
    },
}

impl Stall {
    /// Time left until answers flow again, `elapsed` after the first request; `None` outside.
    pub(crate) fn remaining(self, elapsed: Duration) -> Option<Duration> {
        match self {
            Stall::Once { length, start } => {
                if elapsed < start {
                    return None;
                }
                (start + length)
                    .checked_sub(elapsed)
                    .filter(|rest| !rest.is_zero())
            }
            Stall::Every { length, period } => {
                let into_period = elapsed.as_nanos() % period.as_nanos();
                let rest = period.as_nanos() - into_period;
                // Both fit: `rest` is at most `length`, itself a duration below `period`.
                (rest <= length.as_nanos()).then(|| length.min(duration_from_nanos(rest)))
            }
        }
    }
}

fn duration_from_nanos(nanoseconds: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

impl FromStr for Fault {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| OptionError(format!("fault `{text}` is not NAME=VALUE")))?;
        parse_value(name, value).map_err(|reason| OptionError(format!("fault `{name}`: {reason}")))
    }
}

fn parse_value(name: &str, value: &str) -> Result<Fault, String> {
    match name {
        "cpu" => positive_duration(value).map(Fault::Cpu),
        "pool" | "workers" => {
            let (slots, hold) = count_and_duration(value, POOL_HOLD)?;
            Ok(Fault::Pool {
                slots: usize::try_from(slots).unwrap_or(usize::MAX),
                hold,
            })
        }
        "lock" => positive_duration(value).map(Fault::Lock),
        "leak" => parse_leak(value).map(Fault::Leak),
        "errors" => parse_share(value).map(Fault::Errors),
        "limit" => parse_rate(value).map(Fault::Limit),
        "stall" => parse_stall(value).map(Fault::Stall),
        "pause" => parse_stall(value).map(Fault::Pause),
        "crash-at" => match value.parse() {
            Ok(number) if number > 0 => Ok(Fault::CrashAt(number)),
            _ => Err(format!(
                "`{value}` is not the number of a request, from 1 on"
            )),
        },
        "reset" => parse_share(value).map(Fault::Reset),
        "slow-dependency" => positive_duration(value).map(Fault::SlowDependency),
        "fixed" => positive_duration(value).map(Fault::Fixed),
        "accept-queue" => {
            let (length, pause) = count_and_duration(value, ACCEPT_PAUSE)?;
            Ok(Fault::AcceptQueue { length, pause })
        }
        _ => Err(
            "unknown; known are cpu, pool, workers, lock, leak, errors, limit, stall, pause, \
                  crash-at, reset, slow-dependency, fixed and accept-queue"
                .to_owned(),
        ),
    }
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text)?;
    if duration.is_zero() {
        return Err(format!("`{text}` must be longer than 0"));
    }
    Ok(duration)
}

/// Reads `4` or `4:20ms`.
fn count_and_duration(text: &str, default: Duration) -> Result<(u32, Duration), String> {
    let (count, duration) = match text.split_once(':') {
        Some((count, duration)) => (count, positive_duration(duration)?),
        None => (text, default),
    };
    // A million slots is no limit any more, and each slot takes memory.
    match count.parse() {
        Ok(number) if (1..=1_000_000).contains(&number) => Ok((number, duration)),
        _ => Err(format!(
            "`{count}` is not a count from 1 to 1000000, such as 4 or 4:20ms"
        )),
    }
}

fn parse_leak(text: &str) -> Result<Leak, String> {
    let unknown = || format!("`{text}` is neither like 1MiB/s nor like 10KiB/request");
    let (bytes, per) = text.split_once('/').ok_or_else(unknown)?;
    match per {
        "s" => parse_bytes(bytes).map(Leak::PerSecond),
        "request" => parse_bytes(bytes).map(Leak::PerRequest),
        _ => Err(unknown()),
    }
}

fn parse_stall(text: &str) -> Result<Stall, String> {
    if let Some((length, start)) = text.split_once('@') {
        return Ok(Stall::Once {
            length: positive_duration(length)?,
            start: parse_duration(start)?,
        });
    }
    let (length, period) = text
        .split_once('/')
        .ok_or_else(|| format!("`{text}` is neither like 1s@10s nor like 1s/30s"))?;
    let (length, period) = (positive_duration(length)?, positive_duration(period)?);
    if length >= period {
        return Err(format!("`{text}` must be shorter than its period"));
    }
    Ok(Stall::Every { length, period })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Cpu(time) => write!(f, "cpu={time:?}"),
            Fault::Pool { slots, hold } => write!(f, "pool={slots}:{hold:?}"),
            Fault::Lock(time) => write!(f, "lock={time:?}"),
            Fault::Leak(Leak::PerSecond(bytes)) => write!(f, "leak={bytes}B/s"),
            Fault::Leak(Leak::PerRequest(bytes)) => write!(f, "leak={bytes}B/request"),
            Fault::Errors(share) => write!(f, "errors={share}"),
            Fault::Limit(rate) => write!(f, "limit={rate}/s"),
            Fault::Stall(stall) => write!(f, "stall={stall}"),
            Fault::Pause(stall) => write!(f, "pause={stall}"),
            Fault::CrashAt(number) => write!(f, "crash-at={number}"),
            Fault::Reset(share) => write!(f, "reset={share}"),
            Fault::SlowDependency(time) => write!(f, "slow-dependency={time:?}"),
            Fault::Fixed(time) => write!(f, "fixed={time:?}"),
            Fault::AcceptQueue { length, pause } => write!(f, "accept-queue={length}:{pause:?}"),
        }
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stall::Once { length, start } => write!(f, "{length:?}@{start:?}"),
            Stall::Every { length, period } => write!(f, "{length:?}/{period:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[track_caller]
    fn check(text: &str, expected: Fault) {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault, expected);
        assert_eq!(
            fault.to_string().parse(),
            Ok(fault),
            "what is written is read back"
        );
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(text.parse::<Fault>().unwrap_err().to_string(), expected);
    }

    #[test]
    fn each_fault_is_read() {
        check("cpu=2ms", Fault::Cpu(ms(2)));
        check(
            "pool=4",
            Fault::Pool {
                slots: 4,
                hold: ms(10),
            },
        );
        check(
            "pool=4:500us",
            Fault::Pool {
                slots: 4,
                hold: Duration::from_micros(500),
            },
        );
        check(
            "workers=4:20ms",
            Fault::Pool {
                slots: 4,
                hold: ms(20),
            },
        );
        check("lock=5ms", Fault::Lock(ms(5)));
        check("leak=1MiB/s", Fault::Leak(Leak::PerSecond(1 << 20)));
        check(
            "leak=10KiB/request",
            Fault::Leak(Leak::PerRequest(10 << 10)),
        );
        check("errors=5%", Fault::Errors(0.05));
        check("limit=100/s", Fault::Limit(100.0));
        check(
            "stall=1s@10s",
            Fault::Stall(Stall::Once {
                length: ms(1000),
                start: ms(10_000),
            }),
        );
        check(
            "stall=1s/30s",
            Fault::Stall(Stall::Every {
                length: ms(1000),
                period: ms(30_000),
            }),
        );
        check(
            "pause=200ms/5s",
            Fault::Pause(Stall::Every {
                length: ms(200),
                period: ms(5000),
            }),
        );
        check("crash-at=1000", Fault::CrashAt(1000));
        check("reset=1%", Fault::Reset(0.01));
        check("slow-dependency=50ms", Fault::SlowDependency(ms(50)));
        check("fixed=20ms", Fault::Fixed(ms(20)));
        check(
            "accept-queue=16",
            Fault::AcceptQueue {
                length: 16,
                pause: ms(5),
            },
        );
    }

    #[test]
    fn a_wrong_fault_says_what_is_expected() {
        check_error("cpu", "fault `cpu` is not NAME=VALUE");
        check_error("cpu=0ms", "fault `cpu`: `0ms` must be longer than 0");
        check_error(
            "cpu=2",
            "fault `cpu`: `2` is not a duration such as 500us, 20ms, 1.5s or 1m",
        );
        check_error(
            "pool=0",
            "fault `pool`: `0` is not a count from 1 to 1000000, such as 4 or 4:20ms",
        );
        check_error(
            "stall=1s",
            "fault `stall`: `1s` is neither like 1s@10s nor like 1s/30s",
        );
        check_error(
            "pause=5s/5s",
            "fault `pause`: `5s/5s` must be shorter than its period",
        );
        check_error(
            "errors=500%",
            "fault `errors`: `500%` is not a share between 0% and 100%, such as 5% or 0.05",
        );
        assert!(
            "fire=1"
                .parse::<Fault>()
                .unwrap_err()
                .to_string()
                .contains("known are cpu, pool")
        );
    }

    #[test]
    fn a_single_stall_lasts_from_its_start_to_its_end() {
        let stall = Stall::Once {
            length: ms(100),
            start: ms(1000),
        };
        assert_eq!(stall.remaining(ms(999)), None);
        assert_eq!(stall.remaining(ms(1000)), Some(ms(100)));
        assert_eq!(stall.remaining(ms(1099)), Some(ms(1)));
        assert_eq!(stall.remaining(ms(1100)), None);
    }

    #[test]
    fn a_periodic_stall_ends_with_each_period() {
        let stall = Stall::Every {
            length: ms(200),
            period: ms(5000),
        };
        assert_eq!(stall.remaining(ms(0)), None);
        assert_eq!(stall.remaining(ms(4799)), None);
        assert_eq!(stall.remaining(ms(4800)), Some(ms(200)));
        assert_eq!(stall.remaining(ms(5000)), None);
        assert_eq!(stall.remaining(ms(9900)), Some(ms(100)));
    }
}
