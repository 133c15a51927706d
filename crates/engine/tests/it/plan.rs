//! Small plans in few words.

use std::time::Duration;

use loadline_plan::{
    Config, Controller, CsvDataSet, Element, ElementKind, HttpRequest, IfCondition, Load, Location,
    LoopCount, NativeLoad, OnSampleError, Plan, PlanSource, Sampler, ShareMode, Stage, Text,
    ThreadGroup, Timer, Variable,
};

/// A plan of `groups`.
pub(crate) fn plan(groups: Vec<ThreadGroup>) -> Plan {
    Plan {
        name: "test".to_owned(),
        source: PlanSource::Jmx,
        variables: Vec::new(),
        children: Vec::new(),
        groups,
        serialize_groups: false,
        tear_down_on_shutdown: false,
        limits: Vec::new(),
        servers: Vec::new(),
    }
}

/// A main thread group.
pub(crate) fn group(load: Load, children: Vec<Element>) -> ThreadGroup {
    ThreadGroup {
        name: "group".to_owned(),
        stage: Stage::Main,
        load,
        on_sample_error: OnSampleError::Continue,
        same_user_on_next_iteration: true,
        after: None,
        children,
        location: Location::default(),
    }
}

/// JMeter's thread group without scheduler.
pub(crate) fn threads(users: u32, ramp_s: u32, loops: u32) -> Load {
    Load::Threads {
        users: text(users),
        ramp_s: text(ramp_s),
        loops: LoopCount::Times(text(loops)),
        scheduled: None,
        delayed_start: false,
    }
}

/// Users for a time.
pub(crate) fn users_for(users: u32, seconds: u64) -> Load {
    Load::Native(NativeLoad::UserSteps {
        levels: vec![users],
        ramp: Duration::ZERO,
        hold: Duration::from_secs(seconds),
        start: Duration::ZERO,
        pacing: None,
    })
}

/// Users that start an iteration each `pacing`, for a time.
pub(crate) fn paced(users: u32, seconds: u64, pacing: Duration) -> Load {
    Load::Native(NativeLoad::UserSteps {
        levels: vec![users],
        ramp: Duration::ZERO,
        hold: Duration::from_secs(seconds),
        start: Duration::ZERO,
        pacing: Some(pacing),
    })
}

/// Arrivals for a time.
pub(crate) fn rate_for(per_second: f64, seconds: u64, poisson: bool, max_users: u32) -> Load {
    Load::Native(NativeLoad::RateSteps {
        levels: vec![loadline_units::Rate::per_second(per_second).unwrap()],
        ramp: Duration::ZERO,
        hold: Duration::from_secs(seconds),
        poisson,
        max_users,
        start: Duration::ZERO,
    })
}

pub(crate) fn text(value: impl ToString) -> Text {
    Text(value.to_string())
}

pub(crate) fn element(name: &str, kind: ElementKind, children: Vec<Element>) -> Element {
    Element {
        name: name.into(),
        kind,
        children,
        location: Location::default(),
    }
}

/// A request of `/name`, labelled `name`.
pub(crate) fn get(name: &str) -> Element {
    let request = HttpRequest {
        domain: Some("server".into()),
        path: Some(text(format!("/{name}"))),
        ..HttpRequest::default()
    };
    element(
        name,
        ElementKind::Sampler(Sampler::Http(Box::new(request))),
        Vec::new(),
    )
}

/// A constant timer.
pub(crate) fn think(millis: u64) -> Element {
    let timer = Timer::constant(Duration::from_millis(millis));
    element("timer", ElementKind::Timer(timer), Vec::new())
}

/// A uniform random timer.
pub(crate) fn think_between(offset_ms: u64, range_ms: u64) -> Element {
    let timer = Timer::Uniform {
        offset_ms: text(offset_ms),
        range_ms: text(range_ms),
    };
    element("timer", ElementKind::Timer(timer), Vec::new())
}

/// A normal random timer.
pub(crate) fn think_around(offset_ms: u64, deviation_ms: u64) -> Element {
    let timer = Timer::Gaussian {
        offset_ms: text(offset_ms),
        deviation_ms: text(deviation_ms),
    };
    element("timer", ElementKind::Timer(timer), Vec::new())
}

/// A Poisson random timer.
pub(crate) fn think_poisson(offset_ms: u64, mean_ms: u64) -> Element {
    let timer = Timer::Poisson {
        offset_ms: text(offset_ms),
        mean_ms: text(mean_ms),
    };
    element("timer", ElementKind::Timer(timer), Vec::new())
}

/// A pause that is no sample.
pub(crate) fn pause(millis: u64) -> Element {
    let timer = Timer::constant(Duration::from_millis(millis));
    element(
        "pause",
        ElementKind::Sampler(Sampler::Pause(timer)),
        Vec::new(),
    )
}

pub(crate) fn controller(name: &str, kind: Controller, children: Vec<Element>) -> Element {
    element(name, ElementKind::Controller(kind), children)
}

pub(crate) fn repeat(count: &str, children: Vec<Element>) -> Element {
    let count = LoopCount::Times(count.into());
    controller(
        "loop",
        Controller::Loop {
            count,
            restarts: true,
        },
        children,
    )
}

pub(crate) fn when(condition: &str, children: Vec<Element>) -> Element {
    let kind = Controller::If {
        condition: IfCondition::Expression(condition.into()),
        evaluate_all: false,
    };
    controller("if", kind, children)
}

pub(crate) fn transaction(
    name: &str,
    parent_sample: bool,
    include_timers: bool,
    children: Vec<Element>,
) -> Element {
    let kind = Controller::Transaction {
        parent_sample,
        include_timers,
    };
    controller(name, kind, children)
}

/// A data set of `data.csv` with `variables`.
pub(crate) fn data(variables: &str, recycle: bool, stop_thread: bool, share: ShareMode) -> Element {
    let csv = CsvDataSet {
        random_order: false,
        file: "data.csv".into(),
        encoding: "".into(),
        variables: variables.into(),
        delimiter: ",".into(),
        ignore_first_line: false,
        quoted: false,
        recycle,
        stop_thread,
        share,
    };
    element("data", ElementKind::Config(Config::Csv(csv)), Vec::new())
}

/// A user-defined variable of list `set`.
pub(crate) fn variable(name: &str, value: &str, set: usize) -> Variable {
    Variable {
        name: name.to_owned(),
        value: value.into(),
        set,
        location: Location::default(),
    }
}
