//! What the users of all engine threads know of each other: how many run, what they count together,
//! the paces they share and where they meet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use loadline_plan::program::{SetterId, TimerId};
use loadline_schedule::Segment;

use crate::PreparedRun;
use crate::auto_stop::AutoStops;
use crate::meeting::Meeting;
use crate::pace::SharedSchedule;
use crate::precise_events::PreciseEvents;
use crate::prepare::user_bound;
use crate::setter::SharedSetter;
use crate::shaping::Shaping;

/// Shared by all engine threads of a run.
#[derive(Debug)]
pub(crate) struct Coordination {
    /// Users of all groups.
    pub(crate) all: Running,
    /// Users of each group.
    pub(crate) groups: Vec<Running>,
    setters: Vec<SharedSetter>,
    meetings: Vec<Meeting>,
    shaping: BTreeMap<TimerId, Shaping>,
    pub(crate) auto_stops: Arc<AutoStops>,
    /// The part of the load that this process makes.
    pub(crate) segment: Segment,
    /// Processes that share the run's load, this one included.
    pub(crate) processes: u32,
}

/// Some users who run.
#[derive(Debug, Default)]
pub(crate) struct Running {
    count: AtomicU32,
    /// Most users that the load ever runs at once in this process.
    pub(crate) most: u64,
    /// The pace they share.
    pub(crate) schedule: SharedSchedule,
    /// When samples under their Precise Throughput Timers are due.
    pub(crate) events: PreciseEvents,
    /// Whether a timer has ended them.
    is_over: AtomicBool,
}

impl Running {
    pub(crate) fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Ends the users: they begin no further sample.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

impl Coordination {
    pub(crate) fn new(prepared: &PreparedRun, segment: Segment) -> Self {
        let program = &prepared.program;
        let groups: Vec<Running> = (prepared.groups.iter())
            .map(|group| Running {
                most: segment.share_of(user_bound(&group.profile).into()),
                ..Running::default()
            })
            .collect();
        Self {
            all: Running {
                most: groups.iter().map(|group| group.most).sum(),
                ..Running::default()
            },
            groups,
            setters: program.setters.iter().map(SharedSetter::new).collect(),
            meetings: (0..program.timer_count)
                .map(|_| Meeting::default())
                .collect(),
            shaping: (prepared.shaping.iter())
                .map(|(id, profile)| (*id, Shaping::new(profile.clone())))
                .collect(),
            auto_stops: Arc::new(AutoStops::new(&prepared.auto_stops)),
            segment,
            processes: segment.count(),
        }
    }

    /// A user of the group at `group` begins.
    pub(crate) fn user_started(&self, group: usize) {
        self.all.count.fetch_add(1, Ordering::Relaxed);
        self.groups[group].count.fetch_add(1, Ordering::Relaxed);
    }

    /// A user of the group at `group` has ended.
    pub(crate) fn user_ended(&self, group: usize) {
        self.all.count.fetch_sub(1, Ordering::Relaxed);
        self.groups[group].count.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn setter(&self, id: SetterId) -> &SharedSetter {
        &self.setters[id.0 as usize]
    }

    /// The Throughput Shaping Timer `id`.
    pub(crate) fn shaping(&self, id: TimerId) -> Option<&Shaping> {
        self.shaping.get(&id)
    }

    pub(crate) fn meeting(&self, id: TimerId) -> &Meeting {
        &self.meetings[id.0 as usize]
    }
}
