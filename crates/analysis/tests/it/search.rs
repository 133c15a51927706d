//! The search for the greatest load on simulated servers: a few seeded searches of the many that
//! `cargo run --release -p loadline-analysis --example find_simulation` makes.

#[path = "../../examples/find_simulation/station.rs"]
mod station;
#[path = "../../examples/find_simulation/survey.rs"]
#[expect(dead_code, reason = "the example shows more of it")]
mod survey;
#[path = "../../examples/find_simulation/systems.rs"]
mod systems;
#[path = "../../examples/find_simulation/world.rs"]
#[expect(dead_code, reason = "the example finds the truth with it")]
mod world;

use loadline_analysis::{SearchStatus, Unknown};

use self::survey::{settings, survey};
use self::systems::{SYSTEMS, System, UNSOUND};
use self::world::World;

fn named(name: &str) -> System {
    let all = SYSTEMS.iter().chain(&UNSOUND);
    *all.clone()
        .find(|system| system.name.contains(name))
        .unwrap()
}

#[test]
fn the_break_of_queues_lies_in_the_interval() {
    for name in ["M/D/4", "queue of 20", "8 cores, shared"] {
        let system = named(name);
        let survey = survey(&system, 3, 11);
        assert_eq!(survey.holding, 3, "{survey}");
        assert!(survey.widths.iter().all(|width| *width < 0.16), "{survey}");
        assert!(survey.trials.iter().all(|trials| *trials <= 13), "{survey}");
    }
}

#[test]
fn a_server_that_never_recovers_is_named_so() {
    let system = named("never recovers");
    let (found, _) = World::new(system, 3).search(&settings(&system, 3));
    let named = matches!(
        found.status,
        SearchStatus::Unknown(Unknown::NotRecovered { .. })
    );
    assert!(named, "{:?}", found.status);
}

#[test]
fn the_same_trials_give_the_same_search() {
    let system = named("M/D/4");
    let settings = settings(&system, 5);
    let search = || World::new(system, 5).search(&settings);
    assert_eq!(search(), search());
}
