//! How long small scripts take: what `bench/elements` prints.
//!
//! Each script is compiled once and run many times in one thread, as a user's element would; the shortest of
//! several rounds counts; a name as argument runs that script alone. Memory is what one thousand BeanShell elements remember.

#![allow(clippy::print_stdout, reason = "the program's answer")]
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use loadline_script::{Language, Limits, MemoryHost, State, Value, compile};

/// As the program allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of each script; the shortest counts, since others only add to it.
const ROUNDS: usize = 7;

fn main() {
    let items: Vec<String> = (0..30)
        .map(|n| {
            format!(
                "{{\"id\":{n},\"name\":\"item {n}\",\"price\":{n}.50,\"tags\":[\"a\",\"b\"],\"ok\":true}}"
            )
        })
        .collect();
    let json = format!("{{\"items\":[{}],\"total\":30}}", items.join(","));
    println!("JSON of {} bytes", json.len());
    let cases = [
        (
            "three lines",
            Language::Groovy,
            "def y = vars.get('y') as int\ndef x = y + 1\nvars.put('x', x as String)",
        ),
        (
            "one expression",
            Language::Groovy,
            "vars.put('x', ((vars.get('y') as int) + 1) as String)",
        ),
        (
            "comparison",
            Language::Groovy,
            "vars.get('y') == '41' && (vars.get('y') as int) > 5",
        ),
        ("comparison, JEXL", Language::Jexl3, "vars.get('y') == '41'"),
        (
            "three lines, BeanShell",
            Language::BeanShell,
            "int y = Integer.parseInt(vars.get(\"y\")); int x = y + 1; vars.put(\"x\", String.valueOf(x));",
        ),
        (
            "JsonSlurper",
            Language::Groovy,
            "new groovy.json.JsonSlurper().parseText(vars.get('json')).total",
        ),
        (
            "closures over a list",
            Language::Groovy,
            "(1..100).collect { it * 2 }.findAll { it % 3 == 0 }.sum()",
        ),
        (
            "JavaScript, an expression",
            Language::Rhino,
            "'a,b'.split(',').length > 1",
        ),
        (
            "JavaScript, variables",
            Language::JavaScript,
            "vars.put('x', String(parseInt(vars.get('y')) + 1))",
        ),
        (
            "putObject of a list",
            Language::Groovy,
            "vars.putObject('o', [1, 2, 3])",
        ),
    ];
    let only = std::env::args().nth(1);
    for (name, language, source) in cases {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let script = compile(language, source).unwrap();
        let mut host = MemoryHost::default();
        host.variables.insert(Arc::from("y"), Value::from("41"));
        host.variables
            .insert(Arc::from("json"), Value::from(json.as_str()));
        let limits = Limits::default();
        let runs = match name {
            "JsonSlurper" => 5_000,
            name if name.starts_with("JavaScript") => 500,
            _ => 50_000,
        };
        let shortest = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            for _ in 0..runs {
                let outcome = script.run(&mut host, &mut State::default(), &limits);
                black_box(outcome.result.unwrap());
            }
            start.elapsed().as_nanos() as f64 / f64::from(runs)
        });
        let shortest = shortest.fold(f64::INFINITY, f64::min);
        println!("{name:<24} {shortest:>10.0} ns");
    }
    println!("an empty State           {:>10} bytes", size_of::<State>());
}
