//! Ways through trees of controllers, written as words.

use std::collections::VecDeque;

use loadline_plan::Location;
use loadline_plan::program::{ShareProgram, Template};

use super::*;

/// A tree of nodes in words: samplers are letters by their number.
enum Tree {
    Sampler,
    Simple(Vec<Tree>),
    Loop(u32, bool, Vec<Tree>),
    Forever(Vec<Tree>),
    Once(Vec<Tree>),
    If(bool, Vec<Tree>),
    Transaction(Vec<Tree>),
    While(Vec<Tree>),
    Switch(&'static str, Vec<Tree>),
    /// Whether whole controllers run, and whether users begin apart.
    Interleave(bool, bool, Vec<Tree>),
    Random(Vec<Tree>),
    RandomOrder(Vec<Tree>),
    Total(&'static str, Vec<Tree>),
    Percent(&'static str, Vec<Tree>),
    Section(Vec<Tree>),
}
use Tree::*;

struct Group {
    nodes: Vec<Node>,
    samplers: u32,
    transactions: u32,
}

impl Group {
    fn new(children: Vec<Tree>) -> Self {
        let mut group = Group {
            nodes: Vec::new(),
            samplers: 0,
            transactions: 0,
        };
        group.add(NodeKind::Group, children);
        group
    }

    fn add(&mut self, kind: NodeKind, children: Vec<Tree>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap());
        self.nodes.push(Node {
            kind,
            children: Vec::new(),
            sources: Vec::new(),
            index_variable: None,
            location: Location::default(),
        });
        for child in children {
            let child = self.add_tree(child);
            self.nodes[id.0 as usize].children.push(child);
        }
        id
    }

    fn add_tree(&mut self, tree: Tree) -> NodeId {
        match tree {
            Sampler => {
                self.samplers += 1;
                self.add(NodeKind::Sampler(SamplerId(self.samplers - 1)), Vec::new())
            }
            Simple(children) => self.add(NodeKind::Simple, children),
            Once(children) => self.add(NodeKind::OnceOnly, children),
            Loop(count, restarts, children) => {
                let count = PassCount::Times(Template::literal(&count.to_string()));
                self.add(NodeKind::Loop { count, restarts }, children)
            }
            Forever(children) => {
                let count = PassCount::Forever;
                self.add(
                    NodeKind::Loop {
                        count,
                        restarts: true,
                    },
                    children,
                )
            }
            If(evaluate_all, children) => {
                let condition = Condition::Expression(Template::default());
                self.add(
                    NodeKind::If {
                        condition,
                        evaluate_all,
                    },
                    children,
                )
            }
            Transaction(children) => {
                self.transactions += 1;
                let id = TransactionId(self.transactions - 1);
                self.add(NodeKind::Transaction(id), children)
            }
            While(children) => {
                let condition = Condition::Expression(Template::default());
                self.add(NodeKind::While(condition), children)
            }
            Switch(selection, children) => {
                let names = (0..children.len()).map(|index| {
                    let name = ["first", "DEFAULT", "third"][index.min(2)];
                    Template::literal(name)
                });
                let kind = NodeKind::Switch {
                    selection: Template::literal(selection),
                    names: names.collect(),
                };
                self.add(kind, children)
            }
            Interleave(whole_controllers, across_users, children) => {
                let interleave = loadline_plan::Interleave {
                    random: false,
                    whole_controllers,
                    across_users,
                };
                self.add(NodeKind::Interleave(interleave), children)
            }
            Random(children) => {
                let interleave = loadline_plan::Interleave {
                    random: true,
                    whole_controllers: false,
                    across_users: false,
                };
                self.add(NodeKind::Interleave(interleave), children)
            }
            RandomOrder(children) => self.add(NodeKind::RandomOrder, children),
            Total(most, children) => {
                let kind = NodeKind::Throughput {
                    limit: ShareProgram::Total(Template::literal(most)),
                    shared: None,
                };
                self.add(kind, children)
            }
            Percent(percent, children) => {
                let kind = NodeKind::Throughput {
                    limit: ShareProgram::Percent(Template::literal(percent)),
                    shared: Some(SharedCountId(0)),
                };
                self.add(kind, children)
            }
            Section(children) => self.add(
                NodeKind::CriticalSection(Template::literal("lock")),
                children,
            ),
        }
    }
}

/// Answers conditions from a list; true when it is empty.
#[derive(Default)]
struct Script(VecDeque<bool>, String, AtomicU64);

impl Decisions for Script {
    fn pass_count(&mut self, count: &PassCount) -> Option<u64> {
        match count {
            PassCount::Forever => None,
            PassCount::Times(text) => text.as_literal().and_then(|text| text.parse().ok()),
        }
    }

    fn holds(&mut self, _condition: &Condition) -> bool {
        self.0.pop_front().unwrap_or(true)
    }

    fn ends(&mut self, _condition: &Condition, _is_pass_over: bool) -> bool {
        !self.0.pop_front().unwrap_or(false)
    }

    fn text(&mut self, text: &Template) -> &str {
        self.1 = text.as_literal().unwrap_or_default().to_owned();
        &self.1
    }

    fn has_item(&mut self, _family: &ForEachProgram, _number: i64) -> bool {
        false
    }

    fn take_item(&mut self, _family: &ForEachProgram, _number: i64) {}

    fn set_index(&mut self, _slot: Slot, _index: u64) {}

    /// Always the last one.
    fn draw(&mut self, bound: usize) -> usize {
        bound - 1
    }

    fn now(&mut self) -> RunTime {
        RunTime::ZERO
    }

    fn user_index(&mut self) -> usize {
        1
    }

    fn shared_count(&self, _id: SharedCountId) -> &AtomicU64 {
        &self.2
    }
}

fn letter(index: u32) -> char {
    char::from(b'a' + u8::try_from(index).unwrap())
}

fn show(step: Step) -> String {
    match step {
        Step::Sampler(id) => letter(id.0).to_string(),
        Step::TransactionStarted(_) => "(".to_owned(),
        Step::TransactionEnded(_) | Step::TransactionCutShort(_) => ")".to_owned(),
        Step::EmptyPass => "-".to_owned(),
        Step::PassStarted { index, .. } => format!("[{index}]"),
        Step::SectionEntered(_) => "<".to_owned(),
        Step::SectionLeft(_) => ">".to_owned(),
        Step::IterationEnded => ".".to_owned(),
    }
}

/// Walks iterations; `expected` shows samplers as letters, transactions in parentheses, empty
/// passes as `-` and ends of iterations as full stops.
#[track_caller]
fn check(children: Vec<Tree>, conditions: &[bool], iterations: u32, expected: &str) {
    let group = Group::new(children);
    let mut walk = Walk::new(&group.nodes);
    let mut script = Script(
        conditions.iter().copied().collect(),
        String::new(),
        AtomicU64::new(0),
    );
    let mut shown = String::new();
    for _ in 0..iterations {
        walk.start_iteration();
        loop {
            let step = walk.next(&group.nodes, &mut script);
            shown += &show(step);
            if step == Step::IterationEnded {
                break;
            }
        }
    }
    assert_eq!(shown, expected);
}

#[test]
fn children_run_in_order() {
    check(
        vec![Sampler, Simple(vec![Sampler, Sampler]), Sampler],
        &[],
        2,
        "abcd.abcd.",
    );
}

#[test]
fn loops_restart_in_each_pass_of_the_parent_unless_they_are_done() {
    check(
        vec![Loop(2, true, vec![Sampler]), Sampler],
        &[],
        2,
        "aab.aab.",
    );
    check(
        vec![Loop(2, false, vec![Sampler]), Sampler],
        &[],
        2,
        "aab.b.",
    );
    check(vec![Loop(0, true, vec![Sampler]), Sampler], &[], 2, "b.b.");
    check(
        vec![Loop(2, true, vec![Loop(2, false, vec![Sampler]), Sampler])],
        &[],
        2,
        "aabb.bb.",
    );
}

#[test]
fn once_only_runs_in_the_first_pass_of_its_parent() {
    check(vec![Once(vec![Sampler]), Sampler], &[], 3, "ab.b.b.");
    // A loop starts anew in each iteration, and its first pass with it.
    check(
        vec![Loop(2, true, vec![Once(vec![Sampler]), Sampler])],
        &[],
        2,
        "abb.abb.",
    );
    check(
        vec![Simple(vec![Once(vec![Sampler]), Sampler])],
        &[],
        2,
        "ab.b.",
    );
}

#[test]
fn a_condition_is_evaluated_on_entry_or_before_each_child() {
    check(
        vec![If(false, vec![Sampler, Sampler]), Sampler],
        &[true, false],
        2,
        "abc.c.",
    );
    check(
        vec![If(true, vec![Sampler, Sampler]), Sampler],
        &[true, false],
        1,
        "ac.",
    );
}

#[test]
fn transactions_enclose_their_children() {
    check(
        vec![
            Transaction(vec![Sampler, Transaction(vec![Sampler])]),
            Sampler,
        ],
        &[],
        2,
        "(a(b))c.(a(b))c.",
    );
}

#[test]
fn empty_passes_are_told() {
    check(
        vec![Loop(3, true, vec![If(false, vec![Sampler])])],
        &[false, false, true],
        1,
        "--a.",
    );
    check(vec![If(false, vec![Sampler])], &[false], 1, "-.");
}

#[test]
fn an_abandoned_iteration_starts_afresh() {
    let group = Group::new(vec![Forever(vec![Sampler, Sampler]), Sampler]);
    let mut walk = Walk::new(&group.nodes);
    let mut script = Script::default();
    let mut shown = String::new();
    walk.start_iteration();
    for _ in 0..3 {
        shown += &show(walk.next(&group.nodes, &mut script));
    }
    walk.abandon_iteration(&group.nodes);
    walk.start_iteration();
    shown += &show(walk.next(&group.nodes, &mut script));
    assert_eq!(shown, "abaa");
}

#[test]
fn passes_with_an_index_variable_are_announced() {
    let mut group = Group::new(vec![Loop(2, true, vec![Sampler])]);
    group.nodes[1].index_variable = Some(loadline_plan::program::Slot(0));
    let mut walk = Walk::new(&group.nodes);
    walk.start_iteration();
    let mut shown = String::new();
    for _ in 0..5 {
        shown += &show(walk.next(&group.nodes, &mut Script::default()));
    }
    assert_eq!(shown, "[0]a[1]a.");
}

#[test]
fn while_looks_on_entry_and_twice_between_passes() {
    check(
        vec![While(vec![Sampler]), Sampler],
        &[true, true, true, true, false, false],
        2,
        "aab.b.",
    );
}

#[test]
fn switch_runs_one_child_by_position_or_name() {
    let children = || vec![Sampler, Simple(vec![Sampler, Sampler]), Sampler];
    let run = |selection, expected| check(vec![Switch(selection, children())], &[], 1, expected);
    run("0", "a.");
    run("", "a.");
    run(" 1 ", "bc.");
    run("2", "d.");
    run("3", "a.");
    run("third", "d.");
    run("other", "bc.");
    check(vec![Switch("other", vec![Sampler])], &[], 1, "-.");
}

#[test]
fn a_done_child_of_switch_leaves_its_place_to_the_next() {
    check(
        vec![Switch("0", vec![Loop(2, false, vec![Sampler]), Sampler])],
        &[],
        2,
        "aab.b.",
    );
}

#[test]
fn interleave_runs_one_child_in_each_pass() {
    for whole in [false, true] {
        check(
            vec![Interleave(whole, false, vec![Sampler, Sampler, Sampler])],
            &[],
            4,
            "a.b.c.a.",
        );
    }
    check(
        vec![Interleave(true, true, vec![Sampler, Sampler, Sampler])],
        &[],
        2,
        "b.c.",
    );
}

#[test]
fn interleave_runs_controllers_sample_by_sample_or_whole() {
    let children = || vec![Sampler, Simple(vec![Sampler, Sampler])];
    check(
        vec![Interleave(false, false, children())],
        &[],
        6,
        "a.b.a.c.a.b.",
    );
    check(
        vec![Interleave(true, false, children())],
        &[],
        4,
        "a.bc.a.bc.",
    );
}

#[test]
fn interleave_passes_over_children_without_a_sampler() {
    check(
        vec![Interleave(
            true,
            false,
            vec![If(false, vec![Sampler]), Sampler],
        )],
        &[false, false],
        3,
        "b.b.a.",
    );
}

#[test]
fn interleave_of_single_samplers_asks_a_controller_until_it_gives_one() {
    let tree = || {
        let children = vec![If(false, vec![Sampler]), Sampler];
        vec![Interleave(false, false, children)]
    };
    // The first time in vain may be the end of what it had.
    check(tree(), &[false], 1, "a.");
    check(tree(), &[false; 4], 1, "---a.");
    // In plans that are not JMeter's the user does not end meanwhile.
    let passes = "-".repeat(1_999);
    check(tree(), &[false; 2_001], 1, &format!("{passes}b."));
}

#[test]
fn a_transaction_left_by_its_turn_goes_on_later() {
    check(
        vec![Interleave(
            false,
            false,
            vec![Transaction(vec![Sampler, Sampler]), Sampler],
        )],
        &[],
        5,
        "(a.c.b.c.)(a.",
    );
}

#[test]
fn random_draws_a_child() {
    check(vec![Random(vec![Sampler, Sampler])], &[], 2, "b.b.");
}

#[test]
fn random_order_runs_each_child_once() {
    check(
        vec![RandomOrder(vec![Sampler, Sampler, Sampler])],
        &[],
        2,
        "abc.abc.",
    );
}

#[test]
fn throughput_by_number_and_by_percent() {
    check(
        vec![Total("2", vec![Sampler, Sampler]), Sampler],
        &[],
        4,
        "abc.abc.c.c.",
    );
    check(vec![Total("x", vec![Sampler]), Sampler], &[], 2, "ab.b.");
    check(vec![Total("0", vec![Sampler]), Sampler], &[], 2, "b.b.");
    check(
        vec![Percent("50", vec![Sampler]), Sampler],
        &[],
        4,
        "b.ab.b.ab.",
    );
    check(vec![Percent("x", vec![Sampler]), Sampler], &[], 2, "ab.ab.");
}

#[test]
fn critical_sections_enclose_their_children() {
    check(vec![Section(vec![Sampler]), Sampler], &[], 1, "<a>b.");
}

#[test]
fn a_loop_is_gone_on_with_or_broken_from_inside() {
    let tree = vec![
        Loop(3, true, vec![Transaction(vec![Sampler, Sampler])]),
        Sampler,
    ];
    let group = Group::new(tree);
    let mut walk = Walk::new(&group.nodes);
    let mut script = Script::default();
    let mut shown = String::new();
    walk.start_iteration();
    for _ in 0..2 {
        shown += &show(walk.next(&group.nodes, &mut script));
    }
    assert!(walk.next_pass(&group.nodes, &mut script));
    for _ in 0..3 {
        shown += &show(walk.next(&group.nodes, &mut script));
    }
    assert!(walk.break_loop(&group.nodes, &mut script));
    for _ in 0..3 {
        shown += &show(walk.next(&group.nodes, &mut script));
    }
    assert_eq!(shown, "(a)(a)c.");
    assert!(!walk.break_loop(&group.nodes, &mut script));
}

/// Samplers alone are walked in a way of their own; the one through controllers is the rule.
#[test]
fn samplers_in_line_come_as_on_the_way_through_controllers() {
    for (count, has_index) in [(1, false), (1, true), (3, false), (3, true)] {
        let mut group = Group::new((0..count).map(|_| Sampler).collect());
        group.nodes[0].index_variable = has_index.then_some(Slot(0));
        let nodes = &group.nodes;
        let (mut short, mut long) = (Walk::new(nodes), Walk::new(nodes));
        assert!(short.is_straight);
        long.is_straight = false;
        let mut script = Script::default();
        for turn in 0..40 {
            for walk in [&mut short, &mut long] {
                walk.start_iteration();
            }
            // Some iterations are left in their middle, in each of the ways.
            let left_after = if turn % 3 == 0 { turn % 5 } else { 100 };
            for steps in 0.. {
                let step = short.next(nodes, &mut script);
                assert_eq!(
                    step,
                    long.next(nodes, &mut script),
                    "{count} {turn} {steps}"
                );
                if step == Step::IterationEnded {
                    break;
                }
                if steps == left_after {
                    for walk in [&mut short, &mut long] {
                        assert!(!walk.next_pass(nodes, &mut script));
                        assert!(!walk.break_loop(nodes, &mut script));
                        walk.abandon_iteration(nodes);
                    }
                }
            }
            assert_eq!(format!("{:?}", short.states), format!("{:?}", long.states));
            assert_eq!((short.is_over(), short.passes_in_vain()), (false, 0));
        }
    }
}

#[test]
fn a_group_with_a_controller_is_not_straight() {
    for children in [
        vec![Sampler, Simple(vec![])],
        vec![Simple(vec![Sampler])],
        vec![],
    ] {
        assert!(!Walk::new(&Group::new(children).nodes).is_straight);
    }
}
