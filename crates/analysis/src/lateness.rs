//! How much the generator's own lateness may have added to a time.
//!
//! Lateness at a sample's start is known sample by sample and can be taken off; lateness in reading
//! answers cannot, so the delay of 10-ms timers on the same threads stands for it. Both only ever
//! add time.

use loadline_metrics::{Histogram, IntendedSecond, RunData};
use loadline_plan::{Limit, Metric};

use crate::generator::{StepTrust, standing, worst};
use crate::result::{GeneratorHealth, HealthSignal, HealthStanding, StepAnalysis};
use crate::stats::times;
use crate::steps::JudgedStep;
use crate::window::{Completions, Whose, Window};
use crate::wording;

/// Bias of a figure from which it is noted.
pub(crate) const WARN_BIAS: f64 = 0.02;
/// Bias of a figure from which it is not to be trusted.
pub(crate) const INVALID_BIAS: f64 = 0.05;

/// Share of a response time from which the generator's lateness explains a knee.
const LIMITING_BIAS: f64 = 0.25;

/// How much slower than the fastest step one is that needs an explanation.
const SLOW: f64 = 1.3;

/// Lateness that a timer has on an idle thread, in microseconds: timers are woken together, at most
/// every 250 µs, and a wake-up takes some tens. Answers are read when they come, not with the timers,
/// so this part says nothing about them.
const TIMER_TICK_US: f64 = 400.0;

/// Lateness of timers, in microseconds, ascending.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoopLag(Vec<u32>);

impl LoopLag {
    /// The lateness in the seconds `span` of `run`.
    pub(crate) fn of(run: &RunData, span: (u32, u32)) -> Self {
        let mut lags: Vec<u32> = run
            .workers
            .iter()
            .filter(|row| (span.0..span.1).contains(&row.second))
            .flat_map(|row| row.loop_lag_us.iter().copied())
            .collect();
        lags.sort_unstable();
        LoopLag(lags)
    }

    /// The `p`-quantile; 0 without any.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let rank = ((p * self.0.len() as f64 - 1e-9).ceil() as usize).max(1);
        self.0.get(rank - 1).copied().map_or(0.0, f64::from)
    }

    /// The mean of what a timer's tick does not explain; 0 without any.
    fn mean_beyond_tick(&self) -> f64 {
        let beyond = |lag: &u32| (f64::from(*lag) - TIMER_TICK_US).max(0.0);
        self.0.iter().map(beyond).sum::<f64>() / self.0.len().max(1) as f64
    }

    /// The lateness to hold against the `p`-quantile of a time: the same quantile in the tail, the
    /// mean otherwise (`None` stands for the mean of a time). What a timer's tick explains is left
    /// out.
    pub(crate) fn against(&self, p: Option<f64>) -> f64 {
        match p {
            Some(p) if p >= 0.9 => (self.quantile(p) - TIMER_TICK_US).max(0.0),
            _ => self.mean_beyond_tick(),
        }
    }
}

/// The share by which a time is too long: `value` as measured, `without_lag` with the start's own
/// lateness taken off, `loop_lag` for late reading. The greater of both parts.
pub(crate) fn bias(value: f64, without_lag: f64, loop_lag: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let direct = if without_lag > 0.0 {
        value / without_lag - 1.0
    } else {
        // All of it is lateness: as bad as twice the value.
        1.0
    };
    direct.max(loop_lag / value).clamp(0.0, 1e3)
}

/// What a bias means.
pub(crate) fn standing_of_bias(bias: f64) -> HealthStanding {
    standing(bias, WARN_BIAS, INVALID_BIAS)
}

/// The largest share that lateness may have added to a time of a step, and to which.
pub(crate) struct StepBias {
    step: usize,
    share: f64,
    what: String,
}

/// For each step with samples, the bias of the percentiles that limits use (p95 without any).
pub(crate) fn biases(
    run: &RunData,
    judged: &[JudgedStep],
    trust: &[StepTrust],
    completions: &Completions,
    limits: &[Limit],
) -> Vec<StepBias> {
    let mut quantiles: Vec<f64> = limits
        .iter()
        .filter_map(|limit| match limit.metric {
            Metric::Percentile(_, quantile) => Some(quantile.value()),
            _ => None,
        })
        .filter(|q| *q > 0.0 && *q < 1.0)
        .collect();
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup();
    if quantiles.is_empty() {
        quantiles.push(0.95);
    }
    let mut workbench = Histogram::default();
    let mut biases = Vec::new();
    for (index, step) in run.steps.iter().enumerate() {
        let span = judged[index].window.unwrap_or_default();
        let window = Window::of_step(run, completions, step.step, Whose::All, span);
        let response = times(&window, |row| &row.response, &mut workbench);
        let without_lag = times(&window, IntendedSecond::without_lag, &mut workbench);
        let worst = quantiles
            .iter()
            .filter_map(|p| {
                let (value, _) = response.value_at(*p)?;
                let (bare, _) = without_lag.value_at(*p)?;
                let lag = trust[index].loop_lag.against(Some(*p));
                Some((*p, bias(value as f64, bare as f64, lag)))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((p, share)) = worst {
            let percent = (p * 1e8).round() / 1e6;
            biases.push(StepBias {
                step: index,
                share,
                what: format!("p{percent} at {}", wording::load(step.load)),
            });
        }
    }
    biases
}

/// Adds the signal of the generator's lateness. It makes figures invalid only where a limit could
/// not be decided in spite of it (`bent`): lateness only ever adds time.
pub(crate) fn add_lateness(health: &mut GeneratorHealth, biases: &[StepBias], bent: bool) {
    let Some(worst_bias) = biases.iter().max_by(|a, b| a.share.total_cmp(&b.share)) else {
        return;
    };
    let standing = match standing_of_bias(worst_bias.share) {
        HealthStanding::Invalid if !bent => HealthStanding::Warning,
        standing => standing,
    };
    health.signals.push(HealthSignal {
        name: "own lateness".to_owned(),
        value: format!(
            "p99 {}",
            wording::time(health.loop_lag_us_p99.max(health.lag_us_p99))
        ),
        meaning: format!(
            "may have added {} to {}",
            wording::percent(worst_bias.share),
            worst_bias.what
        ),
        standing,
        steps: Vec::new(),
    });
    health
        .signals
        .sort_by_key(|signal| std::cmp::Reverse(signal.standing));
    health.standing = worst(&health.signals);
}

/// The generator's standing in each step.
pub(crate) fn step_standings(
    health: &GeneratorHealth,
    trust: &[StepTrust],
    biases: &[StepBias],
    steps: &[StepAnalysis],
) -> Vec<HealthStanding> {
    let mean = |step: &StepAnalysis| step.stats.response.mean.as_ref().map(|mean| mean.value);
    let means: Vec<f64> = steps.iter().filter_map(mean).collect();
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    // Lateness explains a step that is slow, not one that is as fast as the others.
    let is_slow = |index: usize| {
        means.len() < 2 || mean(&steps[index]).is_some_and(|mean| mean > SLOW * least)
    };
    (0..trust.len())
        .map(|index| {
            let own = if trust[index].times.is_empty() && trust[index].load.is_empty() {
                // A warning of the whole run is one of its busiest steps; a shared machine is
                // judged as a cause of its own.
                let busy = health.signals.iter().any(|signal| {
                    signal.standing == HealthStanding::Warning
                        && (signal.name.starts_with("CPU of") || signal.name.contains("thread"))
                });
                if busy && index + 1 == trust.len() {
                    HealthStanding::Warning
                } else {
                    HealthStanding::Healthy
                }
            } else {
                HealthStanding::Invalid
            };
            let lateness = biases
                .iter()
                .find(|bias| bias.step == index && is_slow(index));
            lateness.map_or(own, |bias| own.max(limiting(bias.share)))
        })
        .collect()
}

/// What lateness of this share says of the generator as the cause of a knee: bent figures alone do
/// not make it the limit.
fn limiting(share: f64) -> HealthStanding {
    if share > LIMITING_BIAS {
        HealthStanding::Invalid
    } else if share > INVALID_BIAS {
        HealthStanding::Warning
    } else {
        HealthStanding::Healthy
    }
}
