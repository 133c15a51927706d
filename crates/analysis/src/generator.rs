//! Can the generator be trusted? Its CPU, missed load and lost records.
//!
//! Not here: what its lateness adds to single times (see [`crate::lateness`]).

mod own_limits;
mod recording;

use loadline_events::Signal;
use loadline_metrics::{GeneratorFacts, Histogram, LoadModel, RunData, StepLoad, StepWindow};

use crate::lateness::LoopLag;
use crate::little::{Checked, closed_check, settled_users, users_waited};
use crate::result::{GeneratorHealth, HealthSignal, HealthStanding, LittleCheck};
use crate::server_series::{ServerView, other_programs};
use crate::steps::{JudgedStep, is_open};
use crate::window::Completions;
use crate::wording;
use crate::worker_seconds::{GeneratorSecond, GeneratorSeconds, mean_count, mean_over, sum_over};

/// Share of the planned arrivals that Loadline must come to in time.
const INVALID_ON_TIME: f64 = 0.98;
/// Share of seconds of a window above a threshold that makes a step invalid.
const INVALID_SHARE: f64 = 0.10;
/// Share of a shared machine's CPU used by other programs from which they are noted.
const OTHERS_NOTED: f64 = 0.2;
/// Seconds in a row above a threshold that make a warning.
const WARN_SECONDS: u32 = 5;

/// Whether a step's figures can be trusted.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepTrust {
    /// Why its times and rates cannot be.
    pub(crate) times: Vec<String>,
    /// Why nothing of it can be: the load was not what it says.
    pub(crate) load: Vec<String>,
    /// Lateness of the engine's timers in its window.
    pub(crate) loop_lag: LoopLag,
    /// Little's law.
    pub(crate) little: Option<LittleCheck>,
}

impl StepTrust {
    /// All reasons why the step is invalid.
    pub(crate) fn invalid(&self) -> Vec<String> {
        self.load.iter().chain(&self.times).cloned().collect()
    }
}

/// What the share of planned arrivals that were started means.
///
/// `for_the_server` when arrivals were missed because all users allowed were waiting for answers:
/// that is the server's doing.
pub(crate) fn standing_of_achieved(share: f64, for_the_server: bool) -> HealthStanding {
    if for_the_server || share >= 0.995 {
        HealthStanding::Healthy
    } else if share >= 0.98 {
        HealthStanding::Warning
    } else {
        HealthStanding::Invalid
    }
}

/// The standing of a value by two thresholds.
pub(crate) fn standing(value: f64, warn: f64, invalid: f64) -> HealthStanding {
    if value > invalid {
        HealthStanding::Invalid
    } else if value > warn {
        HealthStanding::Warning
    } else {
        HealthStanding::Healthy
    }
}

/// Judges the generator over the whole run and in each step.
pub(crate) fn assess(
    run: &RunData,
    judged: &[JudgedStep],
    completions: &Completions,
    seconds: &GeneratorSeconds,
    servers: &[ServerView<'_>],
) -> (GeneratorHealth, Vec<StepTrust>) {
    let mut assessment = Assessment {
        run,
        judged,
        seconds,
        trust: judged
            .iter()
            .map(|step| StepTrust {
                loop_lag: LoopLag::of(run, step.window.unwrap_or_default()),
                ..StepTrust::default()
            })
            .collect(),
        signals: Vec::new(),
    };
    if seconds.is_empty() && run.facts.generator == GeneratorFacts::default() {
        assessment.unknown();
    }
    if !seconds.is_empty() {
        assessment.cpu();
        assessment.threads();
        assessment.standstills();
        assessment.arrivals();
        assessment.users();
        assessment.little(completions);
    }
    assessment.recording();
    assessment.taken_cpu(servers);
    assessment.files_and_ports();
    assessment.own_errors();
    if run.facts.generator.shares_host {
        assessment.shared_host(servers);
    }
    let Assessment {
        trust, mut signals, ..
    } = assessment;
    signals.sort_by_key(|signal| std::cmp::Reverse(signal.standing));
    let health = GeneratorHealth {
        standing: worst(&signals),
        signals,
        ..figures(run, judged, seconds)
    };
    (health, trust)
}

/// The worst standing of `signals`.
pub(crate) fn worst(signals: &[HealthSignal]) -> HealthStanding {
    signals
        .iter()
        .map(|signal| signal.standing)
        .max()
        .unwrap_or(HealthStanding::Healthy)
}

fn figures(run: &RunData, judged: &[JudgedStep], seconds: &GeneratorSeconds) -> GeneratorHealth {
    let lag = Histogram::of(run.series.steps.values().map(|totals| &totals.lag));
    let quantile = |q| lag.quantile(q).map_or(0.0, |value| value.value_us as f64);
    let main = main_span(judged).unwrap_or((0, u32::MAX));
    let per_second = |row: &GeneratorSecond| cores_used(row) / cores(run);
    GeneratorHealth {
        standing: HealthStanding::Healthy,
        lag_us_p50: quantile(0.5),
        lag_us_p99: quantile(0.99),
        loop_lag_us_p99: LoopLag::of(run, main).quantile(0.99),
        cpu_ratio: mean_over(seconds, main, per_second).unwrap_or(0.0),
        busiest_thread: greatest_five_seconds(seconds, |row| row.busiest_us as f64 / 1e6),
        threads: own_limits::threads(run, main),
        resources: own_limits::resources(run, seconds),
        missed_arrivals: seconds.values().map(|row| row.missed).sum(),
        dropped: seconds.values().map(|row| row.dropped).sum(),
        signals: Vec::new(),
    }
}

/// From the first judged second to the last.
fn main_span(judged: &[JudgedStep]) -> Option<(u32, u32)> {
    let start = judged
        .iter()
        .filter_map(|step| step.window)
        .map(|w| w.0)
        .min()?;
    let end = judged
        .iter()
        .filter_map(|step| step.window)
        .map(|w| w.1)
        .max()?;
    Some((start, end))
}

fn cores(run: &RunData) -> f64 {
    f64::from(run.facts.generator.cores.max(1))
}

fn cores_used(row: &GeneratorSecond) -> f64 {
    row.cpu_us as f64 / 1e6
}

fn greatest_five_seconds(
    seconds: &GeneratorSeconds,
    value: impl Fn(&GeneratorSecond) -> f64,
) -> f64 {
    let values: Vec<f64> = seconds.values().map(value).collect();
    values
        .windows(5.min(values.len().max(1)))
        .map(|window| window.iter().sum::<f64>() / window.len() as f64)
        .fold(0.0, f64::max)
}

/// Work in progress: trust by step and the list of signals.
struct Assessment<'a> {
    run: &'a RunData,
    judged: &'a [JudgedStep],
    seconds: &'a GeneratorSeconds,
    trust: Vec<StepTrust>,
    signals: Vec<HealthSignal>,
}

impl Assessment<'_> {
    /// Somebody else made the load, and a result file does not say how that fared.
    fn unknown(&mut self) {
        self.signals.push(HealthSignal {
            name: "the generator".to_owned(),
            value: "not known".to_owned(),
            meaning: "whether it kept up is not recorded".to_owned(),
            standing: HealthStanding::Warning,
            steps: Vec::new(),
        });
    }

    fn cpu(&mut self) {
        let cores = cores(self.run);
        let ratio = move |row: &GeneratorSecond| cores_used(row) / cores;
        self.above(
            &format!("CPU of its {}", wording::cores(cores)),
            ratio,
            0.70,
            0.90,
            "of its CPU was in use",
        );
    }

    fn threads(&mut self) {
        self.above(
            "busiest engine thread",
            |row| row.busiest_us as f64 / 1e6,
            0.80,
            0.95,
            "of a core was used by one engine thread",
        );
    }

    /// A ratio per second: warns above `warn` for some seconds in a row, invalid above `invalid`
    /// for a tenth of a step's window.
    fn above(
        &mut self,
        name: &str,
        ratio: impl Fn(&GeneratorSecond) -> f64,
        warn: f64,
        invalid: f64,
        what: &str,
    ) {
        let mut standing = if longest_run(self.seconds, |row| ratio(row) > warn) >= WARN_SECONDS {
            HealthStanding::Warning
        } else {
            HealthStanding::Healthy
        };
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let Some(span) = step.window else { continue };
            let share = mean_over(self.seconds, span, |row| {
                f64::from(u8::from(ratio(row) > invalid))
            });
            if share.is_some_and(|share| share >= INVALID_SHARE) {
                let mean = mean_over(self.seconds, span, &ratio).unwrap_or(0.0);
                self.trust[index]
                    .times
                    .push(format!("{} {what}", wording::percent(mean)));
                steps.push(self.run.steps[index].step);
                standing = HealthStanding::Invalid;
            }
        }
        let greatest = greatest_five_seconds(self.seconds, &ratio);
        self.signals.push(HealthSignal {
            name: name.to_owned(),
            value: wording::percent(greatest),
            meaning: match standing {
                HealthStanding::Healthy => "greatest over 5 s; enough to spare".to_owned(),
                HealthStanding::Warning => "greatest over 5 s; little to spare".to_owned(),
                HealthStanding::Invalid => "response times include its own lateness".to_owned(),
            },
            standing,
            steps,
        });
    }

    /// A thread that stood still for a second, as after a suspend.
    fn standstills(&mut self) {
        let mut longest = 0;
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let Some((start, end)) = step.window else {
                continue;
            };
            let late = self
                .seconds
                .range(start..end)
                .map(|(_, row)| row.late_us)
                .max()
                .unwrap_or(0);
            longest = longest.max(late);
            if late > 1_000_000 {
                self.trust[index].times.push(format!(
                    "an engine thread stood still for {}",
                    wording::time(late as f64)
                ));
                steps.push(self.run.steps[index].step);
            }
        }
        if !steps.is_empty() {
            self.signals.push(HealthSignal {
                name: "standstill".to_owned(),
                value: wording::time(longest as f64),
                meaning: "an engine thread did nothing for so long".to_owned(),
                standing: HealthStanding::Invalid,
                steps,
            });
        }
    }

    /// Arrivals planned and started, in steps with a schedule.
    fn arrivals(&mut self) {
        let (mut offered_in_all, mut started_in_all) = (0, 0);
        let mut overall = HealthStanding::Healthy;
        let mut excused = false;
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let Some(span) = step.window else { continue };
            if !is_open(self.run, &self.run.steps[index]) {
                continue;
            }
            let offered = sum_over(self.seconds, span, |row| row.offered);
            let started = sum_over(self.seconds, span, |row| row.started);
            if offered == 0 {
                continue;
            }
            offered_in_all += offered;
            started_in_all += started.min(offered);
            // One arrival may start in the second after the window.
            let share = ((started + 1) as f64 / offered as f64).min(1.0);
            let for_the_server = arrivals_missed_for_the_server(self.seconds, span);
            excused |= for_the_server && share < 0.995;
            let on_time = share_on_time(&self.run.steps[index], span, offered);
            let standing = if on_time < INVALID_ON_TIME {
                HealthStanding::Invalid
            } else {
                standing_of_achieved(share, for_the_server)
            };
            let share = share.min(on_time);
            overall = overall.max(standing);
            if standing == HealthStanding::Invalid {
                self.trust[index].load.push(format!(
                    "only {} of the planned arrivals were started",
                    wording::percent(share)
                ));
                steps.push(self.run.steps[index].step);
            }
        }
        if offered_in_all > 0 {
            let share = started_in_all as f64 / offered_in_all as f64;
            self.signals.push(HealthSignal {
                name: "arrivals started".to_owned(),
                value: wording::percent(share),
                meaning: match overall {
                    HealthStanding::Healthy if excused => {
                        "the missing ones waited for the server: no user was free".to_owned()
                    }
                    HealthStanding::Healthy => "all that the plan asks for".to_owned(),
                    _ => "the load was less than planned".to_owned(),
                },
                standing: overall,
                steps,
            });
        }
    }

    /// Users planned and running, in closed steps that last by time.
    fn users(&mut self) {
        if !matches!(self.run.facts.model, LoadModel::Closed(_)) || self.run.facts.planned.is_none()
        {
            return;
        }
        let mut least = f64::INFINITY;
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let (Some(span), StepLoad::Users(planned)) = (step.window, self.run.steps[index].load)
            else {
                continue;
            };
            let span = settled_users(self.run, &self.run.steps[index], span);
            let Some(running) = mean_count(self.seconds, span, |row| row.users) else {
                continue;
            };
            let share = running / f64::from(planned.max(1));
            least = least.min(share);
            if share < 0.98 {
                self.trust[index].load.push(format!(
                    "users were not all running: {:.0} of {}",
                    running,
                    wording::count(u64::from(planned))
                ));
                steps.push(self.run.steps[index].step);
            }
        }
        if least.is_finite() {
            self.signals.push(HealthSignal {
                name: "users running".to_owned(),
                value: wording::percent(least.min(1.0)),
                meaning: if steps.is_empty() {
                    "all that the plan asks for".to_owned()
                } else {
                    "the load was less than planned".to_owned()
                },
                standing: if steps.is_empty() {
                    HealthStanding::Healthy
                } else {
                    HealthStanding::Invalid
                },
                steps,
            });
        }
    }

    fn little(&mut self, completions: &Completions) {
        let mut worst_off: f64 = 0.0;
        let mut checked = false;
        let mut overall = HealthStanding::Healthy;
        let mut steps = Vec::new();
        for (index, step) in self.judged.iter().enumerate() {
            let window = &self.run.steps[index];
            let check = crate::little::check(self.run, window, step, completions, self.seconds);
            self.trust[index].little = check.map(|check| check.figures);
            let (Some(check), Some(span)) = (check, step.window) else {
                continue;
            };
            if !closed_check(self.run, window) {
                continue;
            }
            let Checked {
                figures: check,
                edge,
            } = check;
            let off = (check.computed / check.counted - 1.0).abs();
            // Users stuck in samples that did not end within the window are the server's doing.
            let excused =
                check.computed < check.counted && users_waited(self.seconds, span, check.counted);
            if excused {
                continue;
            }
            checked = true;
            worst_off = worst_off.max(off);
            let own = standing(off, 0.02 + edge, 0.05 + edge);
            overall = overall.max(own);
            if own == HealthStanding::Invalid {
                self.trust[index].load.push(format!(
                    "users are not accounted for: {:.0} by their times, {:.0} by count",
                    check.computed, check.counted
                ));
                steps.push(window.step);
            }
        }
        if checked {
            self.signals.push(HealthSignal {
                name: "Little's law".to_owned(),
                value: format!("{} off", wording::percent(worst_off)),
                meaning: match overall {
                    HealthStanding::Healthy => "every user's time is accounted for".to_owned(),
                    _ => "users were not all running, or time is lost in Loadline".to_owned(),
                },
                standing: overall,
                steps,
            });
        }
    }

    /// A machine full of both programs.
    fn shared_host(&mut self, servers: &[ServerView<'_>]) {
        let mut host: f64 = 0.0;
        let mut others: f64 = 0.0;
        for step in self.judged {
            let Some(span) = step.window else { continue };
            let greatest = |signal| {
                servers
                    .iter()
                    .filter_map(|server| server.mean(signal, span))
                    .fold(0.0, f64::max)
            };
            host = host.max(greatest(Signal::HostCpu));
            others = others.max(other_programs(servers, span).unwrap_or(0.0));
        }
        let read = |signal| servers.iter().any(|server| server.has(signal));
        if read(Signal::HostCpu) && others > OTHERS_NOTED {
            self.signals.push(HealthSignal {
                name: "other programs".to_owned(),
                value: wording::percent(others),
                meaning: "of the machine's CPU; figures vary with what they do".to_owned(),
                standing: HealthStanding::Warning,
                steps: Vec::new(),
            });
        }
        if read(Signal::HostCpu) {
            self.signals.push(HealthSignal {
                name: "shared machine".to_owned(),
                value: wording::percent(host),
                meaning: if host >= 0.95 {
                    "server and Loadline share a full CPU: figures are of both programs".to_owned()
                } else {
                    "server and Loadline share the machine; its CPU has room".to_owned()
                },
                standing: if host >= 0.95 {
                    HealthStanding::Warning
                } else {
                    HealthStanding::Healthy
                },
                steps: Vec::new(),
            });
        }
    }
}

/// Share of the arrivals of the window `span` that Loadline came to in time, whoever then served them:
/// whoever falls behind its own schedule cannot blame the server for it. Random arrivals vary, so four
/// standard deviations of their number are allowed for.
fn share_on_time(step: &StepWindow, span: (u32, u32), offered: u64) -> f64 {
    let StepLoad::Rate(rate) = step.load else {
        return 1.0;
    };
    let hold = step.end.saturating_since(step.hold_start).as_secs_f64();
    let planned = rate.as_per_second() * f64::from(span.1.saturating_sub(span.0)).min(hold);
    let expected = planned - 4.0 * planned.sqrt();
    if expected < 1.0 {
        return 1.0;
    }
    (offered as f64 / expected).min(1.0)
}

/// Whether, in the seconds with missed arrivals, nine of ten users were waiting for answers.
fn arrivals_missed_for_the_server(seconds: &GeneratorSeconds, span: (u32, u32)) -> bool {
    let (mut users, mut waiting) = (0.0, 0.0);
    for (_, row) in seconds.range(span.0..span.1) {
        if row.missed > 0 {
            users += row.users;
            waiting += row.in_flight;
        }
    }
    users > 0.0 && waiting >= 0.9 * users
}

fn longest_run(seconds: &GeneratorSeconds, holds: impl Fn(&GeneratorSecond) -> bool) -> u32 {
    let (mut longest, mut current) = (0, 0);
    for row in seconds.values() {
        current = if holds(row) { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest
}

#[cfg(test)]
mod on_time {
    use loadline_events::StepId;
    use loadline_units::{Rate, RunTime};

    use super::*;

    fn step(load: StepLoad, hold_ms: u64) -> StepWindow {
        StepWindow {
            step: StepId(0),
            load,
            ramp_start: RunTime::ZERO,
            hold_start: RunTime::ZERO,
            end: RunTime::from_micros(hold_ms * 1000),
            complete: true,
        }
    }

    #[test]
    fn arrivals_that_come_too_late_are_the_generators_own() {
        let rate = |rate, hold_ms| step(StepLoad::Rate(Rate::per_second(rate).unwrap()), hold_ms);
        assert_eq!(share_on_time(&rate(100.0, 20_000), (0, 20), 2000), 1.0);
        // Poisson arrivals of this number are not late.
        assert_eq!(share_on_time(&rate(100.0, 20_000), (0, 20), 1850), 1.0);
        assert!(share_on_time(&rate(400_000.0, 1000), (0, 1), 90_000) < 0.25);
        // A hold within a second is not a second.
        assert_eq!(share_on_time(&rate(1000.0, 500), (0, 1), 500), 1.0);
        assert_eq!(
            share_on_time(&step(StepLoad::Users(5), 1000), (0, 1), 0),
            1.0
        );
    }
}
