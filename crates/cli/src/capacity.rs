//! Is a plan too much for this machine? What it asks for beside what the machine has and what `doctor` has
//! seen it do, told before the run.
//!
//! Not here: too few open files for connections that are kept, with which nothing is run (see the conductor).

use loadline_conductor::{GroupDemand, PreparedRun, files_warning};
use loadline_monitor::{machine_facts, port_range};
use loadline_plan::{Diagnostic, Location};

use crate::self_test::SelfTest;

/// What a machine has for a load.
#[derive(Clone, Copy, Debug, Default)]
struct Machine<'a> {
    /// Ports for connections to one address and port; `None` if it does not say.
    ports: Option<u64>,
    memory_bytes: u64,
    test: Option<&'a SelfTest>,
}

/// Warnings of what `prepared` asks for beyond what this machine has or, by the self-test that was `kept`,
/// does.
pub(crate) fn warnings(prepared: &PreparedRun, kept: Option<&SelfTest>) -> Vec<Diagnostic> {
    let machine = Machine {
        ports: port_range().map(|range| range.count() as u64),
        memory_bytes: machine_facts().memory_bytes,
        test: kept,
    };
    let groups = prepared.group_demands();
    let mut found = warnings_of(
        prepared.max_request_rate(),
        prepared.max_users(),
        &groups,
        &machine,
    );
    found.extend(files_warning(prepared));
    found
}

/// Users with a connection that a machine has room for. Half of the memory is for others: the kernel holds a
/// connection's buffers too.
pub(crate) fn users_in_memory(memory_bytes: u64, user_bytes: u64) -> u64 {
    memory_bytes / 2 / user_bytes.max(1)
}

fn warnings_of(
    rate: f64,
    users: u64,
    groups: &[GroupDemand],
    machine: &Machine<'_>,
) -> Vec<Diagnostic> {
    let greatest = |by: fn(&GroupDemand) -> f64| {
        let group = groups.iter().max_by(|a, b| by(a).total_cmp(&by(b)));
        group.map_or_else(Location::default, |group| group.location.clone())
    };
    let mut found = Vec::new();
    let mut warn = |place: Location, message: String, help: &str| {
        found.push(Diagnostic::warning("machine", place, message).with_help(help));
    };
    if let Some(test) = machine.test {
        let capacity = test.capacity_per_s(f64::from(test.cores));
        if rate > capacity {
            warn(
                greatest(|group| group.requests_per_s),
                format!(
                    "the plan asks for {rate:.0} requests/s; by the self-test of `loadline doctor` this machine sends \
                     about {capacity:.0} with all its {} cores, so the generator may become the limit",
                    test.cores
                ),
                "lower the rate, or load from a larger machine",
            );
        }
    }
    let of_users = || greatest(|group| f64::from(group.users));
    if let Some(ports) = machine.ports.filter(|ports| users > *ports) {
        warn(
            of_users(),
            format!(
                "{users} users may need as many connections, but this machine has {ports} ports for one target"
            ),
            "widen net.ipv4.ip_local_port_range, or use fewer users",
        );
    }
    let room = machine
        .test
        .and_then(|test| test.user_bytes)
        .map(|bytes| users_in_memory(machine.memory_bytes, bytes));
    if let Some(room) = room.filter(|room| users > *room) {
        warn(
            of_users(),
            format!(
                "{users} users take more than half of this machine's memory, which by `loadline doctor` has room for \
                 {room}"
            ),
            "use fewer users, or load from a larger machine",
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: SelfTest = SelfTest {
        per_second: 50_000.0,
        cpu_us: 10.0,
        cores: 2,
        user_bytes: Some(10_000),
    };

    fn group(line: u32, users: u32, requests_per_s: f64) -> GroupDemand {
        GroupDemand {
            location: Location {
                line,
                ..Location::default()
            },
            users,
            requests_per_s,
        }
    }

    /// Line and message of each warning.
    fn told(rate: f64, users: u64, test: Option<&SelfTest>) -> Vec<(u32, String)> {
        let machine = Machine {
            ports: Some(28_232),
            memory_bytes: 1_000_000_000,
            test,
        };
        let groups = [group(3, 10, 150_000.0), group(9, 40_000, 0.0)];
        let found = warnings_of(rate, users, &groups, &machine);
        let told = found.into_iter();
        told.map(|one| (one.location.line, one.message)).collect()
    }

    #[test]
    fn what_fits_is_not_warned_of() {
        assert_eq!(told(140_000.0, 28_232, Some(&TEST)), []);
    }

    #[test]
    fn each_bound_is_named_with_the_line_of_the_group_that_asks_most() {
        let [(line, rate)] = &told(150_000.0, 10, Some(&TEST))[..] else {
            panic!("one warning");
        };
        assert_eq!(*line, 3);
        assert!(
            rate.contains("150000 requests/s") && rate.contains("about 140000"),
            "{rate}"
        );
        let [(line, ports), (_, memory)] = &told(0.0, 60_000, Some(&TEST))[..] else {
            panic!("two warnings");
        };
        assert_eq!(*line, 9);
        assert!(
            ports.contains("60000 users") && ports.contains("28232 ports"),
            "{ports}"
        );
        assert!(memory.contains("room for 50000"), "{memory}");
    }

    #[test]
    fn ports_are_known_without_a_self_test() {
        assert_eq!(told(150_000.0, 60_000, None).len(), 1);
    }
}
