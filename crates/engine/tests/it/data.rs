//! CSV data sets in a run: when they read, for whom, and what the end of a file does.

use loadline_plan::{Config, Controller, Element, ElementKind, ShareMode};

use crate::plan::*;
use crate::world::*;

/// Runs with a file `data.csv` of these lines.
fn run(content: &str, test: loadline_plan::Plan) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), content).unwrap();
    World::new(test).folder(folder.path()).run()
}

const LINES: &str = "1\n2\n3\n4\n";

#[test]
fn a_line_is_read_in_each_iteration_not_for_each_sample() {
    let body = vec![
        data("id", true, false, ShareMode::All),
        get("${id}"),
        get("${id}"),
    ];
    let ran = run(LINES, plan(vec![group(threads(1, 0, 2), body)]));
    assert_eq!(ran.paths_of(0), "1 1 2 2");
}

#[test]
fn a_line_is_read_in_each_pass_of_the_nearest_controller() {
    let inner = vec![data("id", true, false, ShareMode::All), get("${id}")];
    let body = vec![repeat("2", inner), get("end-${id}")];
    let ran = run(LINES, plan(vec![group(threads(1, 0, 2), body)]));
    assert_eq!(ran.paths_of(0), "1 2 end-2 3 4 end-4");
    let inner = vec![
        data("id", true, false, ShareMode::All),
        get("${id}"),
        get("${id}"),
    ];
    let body = vec![controller("simple", Controller::Simple, inner)];
    let ran = run(LINES, plan(vec![group(threads(1, 0, 2), body)]));
    assert_eq!(ran.paths_of(0), "1 1 2 2");
}

#[test]
fn users_share_lines_as_the_plan_says() {
    let body = |share| vec![data("id", true, false, share), get("${id}")];
    let test = |share: ShareMode| {
        plan(vec![
            group(threads(2, 0, 1), body(share.clone())),
            group(threads(1, 0, 1), body(share)),
        ])
    };
    let paths = |share| {
        let ran = run(LINES, test(share));
        [0, 1, 2].map(|user| ran.paths_of(user)).join(" ")
    };
    assert_eq!(paths(ShareMode::All), "1 2 3");
    assert_eq!(paths(ShareMode::Group), "1 2 1");
    assert_eq!(paths(ShareMode::Thread), "1 1 1");
}

#[test]
fn a_user_stops_at_the_end_of_the_file_or_reads_on() {
    let body = |stop| vec![data("id", false, stop, ShareMode::All), get("${id}")];
    let ran = run("1\n2\n", plan(vec![group(threads(1, 0, 4), body(true))]));
    assert_eq!(ran.paths_of(0), "1 2");
    let ran = run("1\n2\n", plan(vec![group(threads(1, 0, 3), body(false))]));
    assert_eq!(ran.paths_of(0), "1 2 <EOF>");
}

#[test]
fn the_last_data_set_in_the_file_reads_first_and_the_plans_before_the_groups() {
    // All three share one position, so the order of reading shows in the values.
    let body = vec![
        data("a", true, false, ShareMode::All),
        data("b", true, false, ShareMode::All),
        get("${a}${b}${c}"),
    ];
    let mut test = plan(vec![group(threads(1, 0, 1), body)]);
    test.children = vec![data("c", true, false, ShareMode::All)];
    assert_eq!(run(LINES, test).paths_of(0), "321");
}

#[test]
fn a_missing_file_ends_its_users_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let body = vec![data("id", true, false, ShareMode::All), get("${id}")];
    let world = World::new(plan(vec![group(threads(2, 0, 1), body)])).folder(folder.path());
    let prepared = world.prepared();
    let [file] = prepared.data_files() else {
        panic!("one data file")
    };
    assert_eq!(file.path, folder.path().join("data.csv"));
    let ran = world.run();
    assert_eq!(ran.seen, []);
    let (fault, count) = ran.report.faults.first_key_value().unwrap();
    assert!(fault.contains("cannot read data file"), "{fault}");
    assert_eq!(*count, 2);
}

/// A data set whose lines come in a random order.
fn random(recycle: bool, share: ShareMode) -> Element {
    let mut element = data("id", recycle, true, share);
    if let ElementKind::Config(Config::Csv(csv)) = &mut element.kind {
        csv.random_order = true;
    }
    element
}

#[test]
fn lines_in_a_random_order_come_once_each_in_a_round() {
    let body = vec![random(true, ShareMode::Element), get("${id}")];
    let run = |seed| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data.csv"), LINES).unwrap();
        let test = plan(vec![group(threads(1, 0, 40), body.clone())]);
        let ran = World::new(test).folder(folder.path()).seed(seed).run();
        ran.paths_of(0)
    };
    let lines = run(1);
    let lines: Vec<&str> = lines.split(' ').collect();
    assert_eq!(lines.len(), 40);
    for round in lines.chunks(4) {
        let mut round = round.to_vec();
        round.sort_unstable();
        assert_eq!(round, ["1", "2", "3", "4"]);
    }
    assert!(
        lines.chunks(4).any(|round| round != &lines[..4]),
        "{lines:?}"
    );
    assert_eq!(run(1).split(' ').collect::<Vec<_>>(), lines);
    assert_ne!(run(2).split(' ').collect::<Vec<_>>(), lines);
}

#[test]
fn a_random_list_that_is_not_rewound_ends_its_users() {
    let body = vec![random(false, ShareMode::Element), get("${id}")];
    let test = plan(vec![group(threads(2, 0, 10), body)]);
    assert_eq!(run(LINES, test).seen.len(), 4);
}
