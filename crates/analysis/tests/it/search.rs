//! The search for the greatest load on simulated servers: a few seeded searches of the many that
//! `cargo run --release -p loadline-analysis --example find_simulation` makes.

#[path = "../../examples/find_simulation/recorded.rs"]
mod recorded;
#[path = "../../examples/find_simulation/station.rs"]
#[expect(dead_code, reason = "the simulation of comparisons uses more of it")]
mod station;
#[path = "../../examples/find_simulation/survey.rs"]
#[expect(dead_code, reason = "the example shows more of it")]
mod survey;
#[path = "../../examples/find_simulation/systems.rs"]
mod systems;
#[path = "../../examples/find_simulation/world.rs"]
mod world;

use loadline_analysis::{SearchSettings, SearchStatus, Unknown};

use self::survey::{settings, survey};
use self::systems::{SYSTEMS, System, UNSOUND};
use self::world::World;

fn named(name: &str) -> System {
    let all = SYSTEMS.iter().chain(&UNSOUND);
    *all.clone()
        .find(|system| system.name.contains(name))
        .expect("a system of this name")
}

#[test]
fn the_break_of_queues_lies_in_the_interval() {
    for name in ["M/D/4", "queue of 20"] {
        let system = named(name);
        let survey = survey(&system, 1, 11);
        assert_eq!(survey.holding, 1, "{survey}");
        assert!(survey.widths.iter().all(|width| *width < 0.16), "{survey}");
        assert!(survey.trials.iter().all(|trials| *trials <= 13), "{survey}");
    }
}

/// 40, 160, 640 users: the third load is twice what the server carries, and tips it over.
#[test]
fn a_server_that_never_recovers_is_named_so() {
    let system = named("never recovers");
    let settings = SearchSettings {
        from: 40.0,
        ..settings(&system, 3)
    };
    let (found, _) = World::new(system, 3).search(&settings);
    let expected = SearchStatus::Unknown(Unknown::NotRecovered { load: 640.0 });
    assert_eq!(found.status, expected);
}
