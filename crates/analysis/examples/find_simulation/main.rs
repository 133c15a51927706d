//! Tries the search for the greatest load on simulated servers whose break is known.
//!
//! `cargo run --release -p loadline-analysis --example find_simulation [SEARCHES]` prints, for each
//! system, how often the interval held the truth, its width, the number of trials and the load time.
//! `... find_simulation truth [NAME]` finds the systems' breaks by long simulation.

#![expect(clippy::print_stdout, reason = "an example's result is what it prints")]
#![expect(
    clippy::disallowed_methods,
    reason = "an example reads its arguments; the crate does not"
)]

mod recorded;
#[allow(dead_code, reason = "the simulation of comparisons uses more of it")]
mod station;
mod survey;
mod systems;
mod world;

use crate::survey::{find_truth, survey};
use crate::systems::{SYSTEMS, System, UNSOUND};

fn main() {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("truth") {
        let only = std::env::args().nth(2);
        let asked = |system: &&System| {
            only.as_deref()
                .is_none_or(|only| system.name.contains(only))
        };
        for system in SYSTEMS.iter().filter(asked) {
            println!("{:22} {:8.1}", system.name, find_truth(system));
        }
        return;
    }
    let searches = argument.and_then(|count| count.parse().ok()).unwrap_or(100);
    let only = std::env::args().nth(2);
    println!(
        "{:22} {:>7} {:>6} {:>6} {:>6} {:>6} {:>5} {:>5} {:>7} {:>6}",
        "system", "truth", "holds", "width", "p95", "bias", "tries", "most", "load s", "total"
    );
    for system in SYSTEMS.iter().chain(&UNSOUND) {
        if only
            .as_deref()
            .is_none_or(|only| system.name.contains(only))
        {
            println!("{}", survey(system, searches, 1));
        }
    }
}
