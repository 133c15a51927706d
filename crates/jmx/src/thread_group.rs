//! Thread groups: how many users, when, and what a failed sample does to them.

use loadline_plan::{
    ArrivalRow, ArrivalUsers, Load, LoopCount, OnSampleError, ScheduledThreads, Severity, Stage,
    Text, UltimateRow,
};

use crate::controller::loop_count;
use crate::judgement::{Judgement, LEFT_OUT, WITHOUT_SETTING};
use crate::properties::Properties;
use crate::support::{ElementSupport, Meaning};

/// A thread group without its name and children.
pub(crate) struct GroupFrame {
    pub(crate) stage: Stage,
    pub(crate) load: Load,
    pub(crate) on_sample_error: OnSampleError,
    pub(crate) same_user_on_next_iteration: bool,
}

/// A finding about a setting of a thread group.
pub(crate) struct GroupFinding {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

/// Reads a thread group of any kind; `None` when it is refused as a whole.
pub(crate) fn read(
    row: &ElementSupport,
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
    findings: &mut Vec<GroupFinding>,
) -> Option<GroupFrame> {
    let mut stage = Stage::Main;
    let load = match row.meaning {
        Meaning::Threads(own) => {
            stage = own;
            read_threads(properties, judgement, findings)?
        }
        Meaning::Stepping => {
            refuse_loop_count(properties, judgement);
            read_stepping(properties)
        }
        Meaning::Ultimate => {
            refuse_loop_count(properties, judgement);
            read_ultimate(properties, judgement)?
        }
        Meaning::Concurrency => read_concurrency(properties, judgement),
        Meaning::OpenModel => Load::OpenModel {
            schedule: properties.text_or("OpenModelThreadGroup.schedule", ""),
            random_seed: properties.text_or("OpenModelThreadGroup.random_seed", "0"),
        },
        Meaning::Arrivals => read_arrivals(properties, judgement),
        Meaning::FreeFormArrivals => read_free_form(properties, judgement)?,
        _ => {
            judgement.refuse(row.note, LEFT_OUT);
            return None;
        }
    };
    Some(GroupFrame {
        stage,
        load,
        on_sample_error: read_on_sample_error(properties, judgement),
        same_user_on_next_iteration: properties
            .flag("ThreadGroup.same_user_on_next_iteration", judgement)
            .unwrap_or(true),
    })
}

fn read_threads(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
    findings: &mut Vec<GroupFinding>,
) -> Option<Load> {
    let Some(main) = properties.element("ThreadGroup.main_controller") else {
        judgement.refuse(
            "it has no loop count (`ThreadGroup.main_controller`)",
            LEFT_OUT,
        );
        return None;
    };
    let loops = read_main_loop(main, judgement, findings);
    let scheduled = properties
        .flag("ThreadGroup.scheduler", judgement)
        .unwrap_or(false)
        .then(|| ScheduledThreads {
            duration_s: properties.text_or("ThreadGroup.duration", "0"),
            delay_s: properties.text_or("ThreadGroup.delay", "0"),
        });
    if let Some(schedule) = &scheduled {
        let duration = schedule.duration_s.as_str();
        if !may_be_above_zero(duration) {
            findings.push(GroupFinding {
                code: "invalid-duration",
                severity: Severity::Error,
                message: format!(
                    "duration `{duration}` of a thread group with a schedule is not above 0"
                ),
                help: "set a duration in seconds, or switch the schedule off",
            });
        }
        let delay = schedule.delay_s.as_str();
        if delay.parse::<i64>().is_ok_and(|seconds| seconds < 0) {
            findings.push(GroupFinding {
                code: "invalid-delay",
                severity: Severity::Error,
                message: format!("start-up delay `{delay}` of a thread group is negative"),
                help: "set a delay of 0 or more seconds",
            });
        }
    }
    Some(Load::Threads {
        users: properties.text_or("ThreadGroup.num_threads", "0"),
        ramp_s: properties.text_or("ThreadGroup.ramp_time", "0"),
        loops,
        scheduled,
        delayed_start: properties
            .flag("ThreadGroup.delayedStart", judgement)
            .unwrap_or(false),
    })
}

/// The iterations of each user. With `continue_forever`, which counts as set when absent, a count
/// above 0 only says when the loop begins anew; JMeter's window clears the flag, its command line
/// does not.
fn read_main_loop(
    main: Properties<'_, '_>,
    judgement: &mut Judgement,
    findings: &mut Vec<GroupFinding>,
) -> LoopCount {
    let forever = main
        .flag("LoopController.continue_forever", judgement)
        .unwrap_or(true);
    match loop_count(main) {
        LoopCount::Times(count) if forever && may_be_above_zero(count.as_str()) => {
            findings.push(GroupFinding {
                code: "endless-loop",
                severity: Severity::Warning,
                message: format!(
                    "`continue_forever` is set, so the {} iterations repeat without end, as they \
                     do on JMeter's command line",
                    count.as_str()
                ),
                help: "set `LoopController.continue_forever` to false",
            });
            LoopCount::Forever
        }
        count => count,
    }
}

/// Whether a number, 0 when it is none, may be above 0 once its references are replaced.
fn may_be_above_zero(number: &str) -> bool {
    number.contains("${") || number.parse::<i64>().is_ok_and(|number| number > 0)
}

/// Refuses a loop count with which the users of a plugin's thread group would end before their
/// schedule does.
fn refuse_loop_count(properties: Properties<'_, '_>, judgement: &mut Judgement) {
    let Some(main) = properties.element("ThreadGroup.main_controller") else {
        return;
    };
    let forever = main
        .flag("LoopController.continue_forever", judgement)
        .unwrap_or(true);
    if let (false, LoopCount::Times(count)) = (forever, loop_count(main)) {
        judgement.refuse(
            format!(
                "its loop count {} is not applied: users iterate until their schedule ends",
                count.as_str()
            ),
            WITHOUT_SETTING,
        );
    }
}

fn read_stepping(properties: Properties<'_, '_>) -> Load {
    let text = |name| properties.text_or(name, "0");
    Load::Stepping {
        users: text("ThreadGroup.num_threads"),
        initial_delay_s: text("Threads initial delay"),
        start_count: text("Start users count"),
        start_burst: text("Start users count burst"),
        start_period_s: text("Start users period"),
        ramp_up_s: text("rampUp"),
        flight_time_s: text("flighttime"),
        stop_count: text("Stop users count"),
        stop_period_s: text("Stop users period"),
    }
}

fn read_ultimate(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Option<Load> {
    let rows = read_rows(properties, "ultimatethreadgroupdata", "five", judgement)?;
    let rows = rows
        .into_iter()
        .map(
            |[users, initial_delay_s, startup_s, hold_s, shutdown_s]| UltimateRow {
                users,
                initial_delay_s,
                startup_s,
                hold_s,
                shutdown_s,
            },
        );
    Some(Load::Ultimate(rows.collect()))
}

/// The rows of the table `name`, of `N` values each (`count` in words); `None`, refused, when one has
/// another number.
pub(crate) fn read_rows<const N: usize>(
    properties: Properties<'_, '_>,
    name: &str,
    count: &str,
    judgement: &mut Judgement,
) -> Option<Vec<[Text; N]>> {
    let mut rows = Vec::new();
    for (index, row) in properties.items(name).into_iter().enumerate() {
        let values: Vec<Text> = row
            .children()
            .into_iter()
            .map(|value| value.own_text().into())
            .collect();
        let Ok(values) = <[Text; N]>::try_from(values) else {
            let number = index + 1;
            let reason = format!("row {number} of its schedule does not have {count} values");
            judgement.refuse(reason, LEFT_OUT);
            return None;
        };
        rows.push(values);
    }
    Some(rows)
}

fn read_concurrency(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Load {
    judge_log_file(properties, judgement);
    let text = |name, default| properties.text_or(name, default);
    Load::Concurrency {
        target: text("TargetLevel", "1"),
        ramp_up: text("RampUp", ""),
        steps: text("Steps", ""),
        hold: text("Hold", "1"),
        iterations: text("Iterations", ""),
        minutes: is_in_minutes(properties),
    }
}

fn read_arrivals(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Load {
    let text = |name, default| properties.text_or(name, default);
    Load::Arrivals {
        target: text("TargetLevel", "1"),
        ramp_up: text("RampUp", ""),
        steps: text("Steps", ""),
        hold: text("Hold", "1"),
        users: read_arrival_users(properties, judgement),
        minutes: is_in_minutes(properties),
    }
}

fn read_free_form(properties: Properties<'_, '_>, judgement: &mut Judgement) -> Option<Load> {
    let rows = read_rows(properties, "Schedule", "three", judgement)?;
    let rows = rows.into_iter().map(|[start, end, duration]| ArrivalRow {
        start,
        end,
        duration,
    });
    Some(Load::FreeFormArrivals {
        rows: rows.collect(),
        users: read_arrival_users(properties, judgement),
        minutes: is_in_minutes(properties),
    })
}

fn read_arrival_users(properties: Properties<'_, '_>, judgement: &mut Judgement) -> ArrivalUsers {
    judge_log_file(properties, judgement);
    // No field of the plugin's window holds it.
    let most = properties.text("ArrivalsLimit").unwrap_or_default();
    if may_be_above_zero(&most) {
        let reason = format!("its limit of {most} arrivals is not applied");
        judgement.refuse(reason, WITHOUT_SETTING);
    }
    ArrivalUsers {
        limit: properties.text_or("ConcurrencyLimit", ""),
        iterations: properties.text_or("Iterations", ""),
    }
}

/// Whether a plugin's thread group counts in minutes; in seconds otherwise.
fn is_in_minutes(properties: Properties<'_, '_>) -> bool {
    properties.text("Unit").as_deref() == Some("M")
}

fn judge_log_file(properties: Properties<'_, '_>, judgement: &mut Judgement) {
    if !properties.text_or("LogFilename", "").is_empty() {
        judgement.approximate("its log file is not written");
    }
}

fn read_on_sample_error(
    properties: Properties<'_, '_>,
    judgement: &mut Judgement,
) -> OnSampleError {
    const SETTING: &str = "ThreadGroup.on_sample_error";
    match properties.text(SETTING).unwrap_or_default().as_str() {
        "startnextloop" => OnSampleError::StartNextLoop,
        "stopthread" => OnSampleError::StopThread,
        "stoptest" => OnSampleError::StopTest,
        "stoptestnow" => OnSampleError::StopTestNow,
        reference if reference.contains("${") => {
            judgement.refuse_reference(SETTING, reference);
            OnSampleError::Continue
        }
        _ => OnSampleError::Continue,
    }
}
