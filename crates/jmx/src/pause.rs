//! Timers, Flow Control Actions, and what failed samples do.

use loadline_plan::{
    ElementKind, FlowAction, PreciseThroughputTimer, Sampler, ShapingTimer, ShapingTimerRow,
    SynchronizingTimer, ThroughputBasis, ThroughputTimer, Timer,
};

use crate::judgement::{Judgement, LEFT_OUT};
use crate::properties::Properties;
use crate::support::Meaning;
use crate::thread_group::read_rows;

/// Reads a timer that draws its delay; `meaning` is one of the four kinds of them.
pub(crate) fn read_timer(meaning: Meaning, properties: Properties<'_, '_>) -> Timer {
    let delay = properties.text_or("ConstantTimer.delay", "0");
    let range = properties.text_or("RandomTimer.range", "0");
    match meaning {
        Meaning::UniformTimer => Timer::Uniform {
            offset_ms: delay,
            range_ms: range,
        },
        Meaning::GaussianTimer => Timer::Gaussian {
            offset_ms: delay,
            deviation_ms: range,
        },
        Meaning::PoissonTimer => Timer::Poisson {
            offset_ms: delay,
            mean_ms: range,
        },
        _ => Timer::Constant { delay_ms: delay },
    }
}

/// Reads a Constant Throughput Timer.
pub(crate) fn read_throughput_timer(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<Timer> {
    const SETTING: &str = "calcMode";
    // Old files hold the words of the GUI, in the language of their author.
    let basis = match properties.text(SETTING).unwrap_or_default().as_str() {
        "" | "0" | "this thread only" => ThroughputBasis::User,
        "1" | "all active threads" => ThroughputBasis::AllUsers,
        "2" | "all active threads in current thread group" => ThroughputBasis::Group,
        "3" | "all active threads (shared)" => ThroughputBasis::AllUsersShared,
        "4" | "all active threads in current thread group (shared)" => ThroughputBasis::GroupShared,
        reference if reference.contains("${") => {
            judgement.refuse_reference(SETTING, reference);
            return None;
        }
        other => {
            judgement.refuse(format!("its unknown mode `{other}`"), LEFT_OUT);
            return None;
        }
    };
    Some(Timer::Throughput(ThroughputTimer {
        per_minute: properties.text_or("throughput", "0"),
        basis,
    }))
}

/// Reads a Precise Throughput Timer. Its batch thread delay, exact limit and allowed surplus have no
/// effect in JMeter 5.6.3.
pub(crate) fn read_precise_timer(properties: Properties<'_, '_>) -> Timer {
    Timer::Precise(PreciseThroughputTimer {
        throughput: properties.text_or("throughput", "100"),
        period_s: properties.text_or("throughputPeriod", "3600"),
        duration_s: properties.text_or("duration", "3600"),
        batch_size: properties.text_or("batchSize", "1"),
        random_seed: properties.text_or("randomSeed", "0"),
    })
}

/// Reads a Throughput Shaping Timer.
pub(crate) fn read_shaping_timer(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<Timer> {
    let rows = read_rows(properties, "load_profile", "three", judgement)?;
    let rows = rows
        .into_iter()
        .map(|[start, end, duration_s]| ShapingTimerRow {
            start,
            end,
            duration_s,
        });
    Some(Timer::Shaping(ShapingTimer {
        name: properties.name().into(),
        rows: rows.collect(),
    }))
}

/// Reads a Synchronizing Timer.
pub(crate) fn read_sync_timer(properties: Properties<'_, '_>) -> Timer {
    Timer::Synchronizing(SynchronizingTimer {
        group_size: properties.text_or("groupSize", "0"),
        timeout_ms: properties.text_or("timeoutInMs", "0"),
    })
}

/// Reads a Flow Control Action (`TestAction`); `None` when its action is unknown.
pub(crate) fn read_flow_control(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<Sampler> {
    let action = properties.number("ActionProcessor.action", judgement);
    let target = properties.number("ActionProcessor.target", judgement);
    let flow = match (action.unwrap_or(0), target.unwrap_or(0)) {
        (1, _) => {
            let delay_ms = properties.text_or("ActionProcessor.duration", "0");
            return Some(Sampler::Pause(Timer::Constant { delay_ms }));
        }
        (0 | 2, 0) => FlowAction::StopThread,
        (0, 2) => FlowAction::StopTest,
        (2, 2) => FlowAction::StopTestNow,
        // Old files aim at the thread group (1): JMeter then does nothing but wait for the timers.
        (0 | 2, _) => {
            let delay_ms = "0".into();
            return Some(Sampler::Pause(Timer::Constant { delay_ms }));
        }
        (3, _) => FlowAction::NextIteration,
        (4, _) => FlowAction::NextPass,
        (5, _) => FlowAction::BreakLoop,
        _ => {
            judgement.refuse("its action is unknown", LEFT_OUT);
            return None;
        }
    };
    Some(Sampler::Flow(flow))
}

/// Reads a Result Status Action Handler; `None` when failed samples change nothing.
pub(crate) fn read_result_action(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> Option<ElementKind> {
    let action = properties.number("OnError.action", judgement);
    let flow = match action.unwrap_or(0) {
        1 => FlowAction::StopThread,
        2 => FlowAction::StopTest,
        3 => FlowAction::StopTestNow,
        4 => FlowAction::NextIteration,
        5 => FlowAction::NextPass,
        6 => FlowAction::BreakLoop,
        _ => return None,
    };
    Some(ElementKind::OnFailure(flow))
}
