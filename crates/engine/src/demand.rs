//! What a plan asks of the machine that makes its load, as far as it is known before the run: requests per
//! second, users and their connections.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use loadline_plan::program::{
    GroupProgram, HttpProgram, NodeId, NodeKind, Number, SamplerKind, SamplerProgram, Template,
    TimerProgram,
};
use loadline_plan::{HttpStreams, Location, Stage, ThroughputBasis};
use loadline_schedule::LoadProfile;

use crate::prepare::{PreparedRun, planned_offsets, user_bound};
use crate::settings::HttpWays;

/// What one thread group of the main stage asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDemand {
    /// Where it is defined.
    pub location: Location,
    /// Users at most.
    pub users: u32,
    /// Requests per second at most, by its arrivals or by its timers that keep a pace; 0 where neither says.
    /// Requests whose number in an iteration is not known count once.
    pub requests_per_s: f64,
}

/// What the users of a thread group hold of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Connections {
    /// None of their own: nothing is requested, or all of it over connections that the users of a thread share.
    None,
    /// One while a request is under way; it is closed behind the answer.
    UnderWay,
    /// One that is kept between requests.
    Kept,
}

/// Users who may hold a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectedUsers {
    /// Most of them at once, if the groups of their stage overlap fully.
    pub users: u64,
    /// Where the thread group is defined that has most of them.
    pub location: Location,
}

/// What the users of one stage ask for of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionDemand {
    /// Users of thread groups that keep connections between requests.
    pub kept: ConnectedUsers,
    /// These and the users of other groups with requests over connections of their own, who hold one while a
    /// request is under way.
    pub all: ConnectedUsers,
}

/// The stages of a run, in their order.
const STAGES: [Stage; 3] = [Stage::SetUp, Stage::Main, Stage::TearDown];

impl PreparedRun {
    /// Most users that can run at once, if groups of a stage overlap fully.
    #[must_use]
    pub fn max_users(&self) -> u64 {
        let users = STAGES.map(|stage| self.users_of(stage, |_| true).users);
        users.into_iter().fold(0, u64::max)
    }

    /// What the users of each stage ask for of connections. Stages do not overlap.
    #[must_use]
    pub fn connection_demands(&self) -> [ConnectionDemand; 3] {
        STAGES.map(|stage| {
            let who_hold =
                |least| self.users_of(stage, |group| connections(group, self.http_ways()) >= least);
            ConnectionDemand {
                kept: who_hold(Connections::Kept),
                all: who_hold(Connections::UnderWay),
            }
        })
    }

    /// The users of those groups of `stage` that count.
    fn users_of(&self, stage: Stage, counts: impl Fn(&GroupProgram) -> bool) -> ConnectedUsers {
        let mut found = ConnectedUsers::default();
        let mut most = 0;
        for (program, group) in self.program.groups.iter().zip(&self.groups) {
            if program.stage != stage || !counts(program) {
                continue;
            }
            let users = u64::from(user_bound(&group.profile));
            found.users += users;
            if users > most {
                most = users;
                found.location = program.location.clone();
            }
        }
        found
    }

    /// What each thread group of the main stage asks for.
    #[must_use]
    pub fn group_demands(&self) -> Vec<GroupDemand> {
        let of_main = |index: &usize| self.program.groups[*index].stage == Stage::Main;
        let groups = (0..self.groups.len()).filter(of_main);
        groups
            .map(|index| {
                let (group, profile) = (&self.program.groups[index], &self.groups[index].profile);
                let arrivals = moments(profile).map(|moment| profile.planned_rate(moment));
                let arrivals = arrivals.fold(0.0, f64::max);
                GroupDemand {
                    location: group.location.clone(),
                    users: user_bound(profile),
                    requests_per_s: arrivals * requests_of_a_pass(group) + self.paces[index],
                }
            })
            .collect()
    }

    /// Greatest planned rate of requests of all groups of the main stage together, per second, as seen at a
    /// thousand evenly spaced moments of each open group's load; 0 where neither arrivals nor timers say.
    #[must_use]
    pub fn max_request_rate(&self) -> f64 {
        let open: Vec<(&LoadProfile, Duration, f64)> = planned_offsets(&self.program, &self.groups)
            .into_iter()
            .enumerate()
            .filter(|(index, _)| self.program.groups[*index].stage == Stage::Main)
            .filter_map(|(index, offset)| {
                let requests = requests_of_a_pass(&self.program.groups[index]);
                Some((&self.groups[index].profile, offset?, requests))
            })
            .filter(|(profile, _, _)| profile.is_open())
            .collect();
        let all_moments = open
            .iter()
            .flat_map(|(profile, offset, _)| moments(profile).map(move |moment| *offset + moment));
        let rate = |moment: Duration| -> f64 {
            open.iter()
                .filter(|(_, offset, _)| *offset <= moment)
                .map(|(profile, offset, requests)| {
                    profile.planned_rate(moment - *offset) * requests
                })
                .sum()
        };
        let paces: f64 = self.paces.iter().sum();
        all_moments.map(rate).fold(0.0, f64::max) + paces
    }
}

/// What users of `group` hold, by the settings of the plan; `ways` are those where it does not say.
///
/// Not known here: what scripts and texts with references change (a script may set `KeepAlive`, a variable be the
/// value of a header `Connection`), and how many connections a user has. One is assumed for each, though
/// branches of a Parallel Controller, resources of a page that are fetched at the same time and servers other
/// than the first take connections of their own.
fn connections(group: &GroupProgram, ways: &HttpWays) -> Connections {
    // HTTP/2 has no header `Connection`.
    let closes = |request: &HttpProgram| {
        !request.keep_alive || (request.always_closes() && ways.http2(request).is_none())
    };
    let shares = |request: &HttpProgram| ways.http2(request) == Some(HttpStreams::Many);
    let of_sampler = |sampler: &SamplerProgram| match &sampler.kind {
        SamplerKind::Http(request) if shares(request) => Connections::None,
        SamplerKind::Http(request) if closes(request) => Connections::UnderWay,
        SamplerKind::Http(_) => Connections::Kept,
        _ => Connections::None,
    };
    let all = group.samplers.iter().map(of_sampler);
    all.max().unwrap_or(Connections::None)
}

/// Moments of an open load, at which its rate is looked at; none of a closed one.
fn moments(profile: &LoadProfile) -> impl Iterator<Item = Duration> + use<> {
    const MOMENTS: u32 = 1_000;
    let length = profile.duration().unwrap_or_default();
    let count = if profile.is_open() { MOMENTS + 1 } else { 0 };
    (0..count).map(move |moment| length * moment / MOMENTS)
}

/// Requests that each iteration of `group` sends whatever it reads, at least one.
fn requests_of_a_pass(group: &GroupProgram) -> f64 {
    fn below(group: &GroupProgram, node: NodeId) -> u32 {
        let node = &group.nodes[node.0 as usize];
        match &node.kind {
            NodeKind::Group
            | NodeKind::Simple
            | NodeKind::Transaction(_)
            | NodeKind::RandomOrder
            | NodeKind::CriticalSection(_) => {
                node.children.iter().map(|child| below(group, *child)).sum()
            }
            NodeKind::Sampler(sampler) => {
                let sampler = &group.samplers[sampler.0 as usize];
                u32::from(matches!(sampler.kind, SamplerKind::Http(_)))
            }
            _ => 0,
        }
    }
    f64::from(below(group, NodeId(0)).max(1))
}

/// Samples per second that the timers of each of `groups` ask for, whose profiles are `profiles`; 0 for open
/// groups and where no timer keeps a pace. Timers that are one for several groups count in the first. `text`
/// gives texts that are known before the run, `shaping` the greatest rate of a Throughput Shaping Timer.
pub(crate) fn paces(
    groups: &[GroupProgram],
    profiles: &[&LoadProfile],
    text: &mut dyn FnMut(&Template) -> Option<String>,
    shaping: &dyn Fn(&loadline_plan::program::ShapingProgram) -> f64,
) -> Vec<f64> {
    let mut number = |number: &Number| match number {
        Number::Fixed(value) => *value,
        Number::Text(template) => {
            let text = text(template);
            text.and_then(|text| text.trim().parse().ok())
                .unwrap_or(0.0)
        }
    };
    let mut shared = BTreeSet::new();
    let mut of_group = |(group, profile): (&GroupProgram, &&LoadProfile)| {
        let mut rates = BTreeMap::new();
        for timer in group.samplers.iter().flat_map(|sampler| &sampler.timers) {
            let (id, rate) = match timer {
                TimerProgram::Throughput(timer) => {
                    let rate = number(&timer.per_minute) / 60.0;
                    match timer.basis {
                        ThroughputBasis::User => (timer.id, rate * f64::from(user_bound(profile))),
                        ThroughputBasis::AllUsers | ThroughputBasis::AllUsersShared => {
                            if !rates.contains_key(&timer.id) && !shared.insert(timer.id) {
                                continue;
                            }
                            (timer.id, rate)
                        }
                        ThroughputBasis::Group | ThroughputBasis::GroupShared => (timer.id, rate),
                    }
                }
                TimerProgram::Precise(timer) => {
                    let period_s = number(&timer.period_s);
                    (timer.id, number(&timer.throughput) / period_s)
                }
                TimerProgram::Shaping(timer) => (timer.id, shaping(timer)),
                _ => continue,
            };
            if rate.is_finite() && rate > 0.0 {
                rates.insert(id, rate);
            }
        }
        // A sampler with several waits for each.
        if profile.is_open() {
            0.0
        } else {
            rates.into_values().fold(0.0, f64::max)
        }
    };
    groups.iter().zip(profiles).map(&mut of_group).collect()
}
