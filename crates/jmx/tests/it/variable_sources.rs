//! What counters, random variables, user parameters, paces and Debug Samplers become in the plan.

use loadline_plan::{
    Config, Counter, DebugSampler, ElementKind, PostProcessor, PreProcessor, RandomVariable,
    Sampler, Standing, SynchronizingTimer, ThroughputBasis, ThroughputTimer, Timer, UserParameters,
};

use crate::plans::{element, flags, read_one, strings};

#[track_caller]
fn check(class: &str, properties: &str, expected: ElementKind) {
    let (kind, row) = read_one(&element(class, "Element", properties, ""));
    assert_eq!(kind, Some(expected));
    assert_eq!(row.standing, Standing::Supported, "{row:?}");
}

#[test]
fn a_counter_keeps_its_texts() {
    let bare = Counter {
        variable: "".into(),
        start: "0".into(),
        end: "".into(),
        increment: "0".into(),
        format: "".into(),
        per_user: false,
        reset_each_iteration: false,
    };
    let kind = |counter| ElementKind::Config(Config::Counter(counter));
    check("CounterConfig", "", kind(bare));
    let properties = strings(&[
        ("CounterConfig.name", "n"),
        ("CounterConfig.start", "1"),
        ("CounterConfig.end", "${end}"),
        ("CounterConfig.incr", "2"),
        ("CounterConfig.format", "000"),
    ]) + &flags(&[
        ("CounterConfig.per_user", true),
        ("CounterConfig.reset_on_tg_iteration", true),
    ]);
    let full = Counter {
        variable: "n".into(),
        start: "1".into(),
        end: "${end}".into(),
        increment: "2".into(),
        format: "000".into(),
        per_user: true,
        reset_each_iteration: true,
    };
    check("CounterConfig", &properties, kind(full));
}

#[test]
fn a_random_variable_keeps_its_texts() {
    let properties = strings(&[
        ("variableName", "r"),
        ("minimumValue", "1"),
        ("maximumValue", "${most}"),
        ("outputFormat", "00"),
        ("randomSeed", "42"),
    ]) + &flags(&[("perThread", true)]);
    let random = RandomVariable {
        variable: "r".into(),
        minimum: "1".into(),
        maximum: "${most}".into(),
        format: "00".into(),
        seed: "42".into(),
        per_user: true,
    };
    let kind = ElementKind::Config(Config::Random(random));
    check("RandomVariableConfig", &properties, kind);
}

#[test]
fn user_parameters_have_a_column_for_each_user() {
    let list = |name: &str, values: &[&str]| {
        let items: String = values
            .iter()
            .map(|value| format!("<stringProp name=\"0\">{value}</stringProp>"))
            .collect();
        format!("<collectionProp name=\"{name}\">{items}</collectionProp>")
    };
    let columns = list("1", &["ann", "x"]) + &list("2", &["bob"]);
    let properties = list("UserParameters.names", &["name", "mail"])
        + &format!(
            "<collectionProp name=\"UserParameters.thread_values\">{columns}</collectionProp>"
        )
        + &flags(&[("UserParameters.per_iteration", true)]);
    let parameters = UserParameters {
        names: vec!["name".into(), "mail".into()],
        columns: vec![vec!["ann".into(), "x".into()], vec!["bob".into()]],
        per_iteration: true,
    };
    let kind = ElementKind::PreProcessor(PreProcessor::UserParameters(parameters));
    check("UserParameters", &properties, kind);
}

#[test]
fn a_throughput_timer_has_one_of_five_modes() {
    for (mode, basis) in [
        ("0", ThroughputBasis::User),
        ("1", ThroughputBasis::AllUsers),
        ("2", ThroughputBasis::Group),
        ("3", ThroughputBasis::AllUsersShared),
        ("4", ThroughputBasis::GroupShared),
        ("this thread only", ThroughputBasis::User),
        (
            "all active threads (shared)",
            ThroughputBasis::AllUsersShared,
        ),
    ] {
        let properties = format!(
            "<doubleProp><name>throughput</name><value>120.0</value></doubleProp>\
             <stringProp name=\"calcMode\">{mode}</stringProp>"
        );
        let timer = Timer::Throughput(ThroughputTimer {
            per_minute: "120.0".into(),
            basis,
        });
        check(
            "ConstantThroughputTimer",
            &properties,
            ElementKind::Timer(timer),
        );
    }
}

#[test]
fn a_synchronizing_timer_waits_for_all_and_without_end_unless_it_says_otherwise() {
    let timer = |size: &str, timeout: &str| {
        ElementKind::Timer(Timer::Synchronizing(SynchronizingTimer {
            group_size: size.into(),
            timeout_ms: timeout.into(),
        }))
    };
    check("SyncTimer", "", timer("0", "0"));
    let properties = strings(&[("groupSize", "5"), ("timeoutInMs", "${wait}")]);
    check("SyncTimer", &properties, timer("5", "${wait}"));
}

#[test]
fn a_debug_sampler_lists_what_it_is_told_to() {
    let lists = DebugSampler {
        variables: true,
        properties: false,
    };
    let properties = flags(&[("displayJMeterVariables", true)]);
    check(
        "DebugSampler",
        &properties,
        ElementKind::Sampler(Sampler::Debug(lists)),
    );
    let processor = PostProcessor::Debug(lists);
    check(
        "DebugPostProcessor",
        &properties,
        ElementKind::PostProcessor(processor),
    );
}
