//! Thread groups, JMeter's own and those of plugins.

use loadline_plan::{ArrivalUsers, Load, LoopCount, OnSampleError, Stage, ThreadGroup};

use super::Writer;

const VIRTUAL_USERS: &str = "com.blazemeter.jmeter.control.VirtualUserController";

impl Writer {
    pub(super) fn group(&mut self, group: &ThreadGroup) {
        let (class, gui) = class_of(group);
        if group.stage != Stage::Main && !matches!(group.load, Load::Threads { .. }) {
            let what = format!(
                "group `{}` has a load that JMeter has for groups of the load itself only",
                group.name
            );
            self.refuse(&group.location, what);
        }
        if group.after.is_some() {
            let what = format!("group `{}` runs behind another", group.name);
            self.refuse(&group.location, what);
        }
        self.element(class, gui, &group.name, &group.location, |writer| {
            let on_error = match group.on_sample_error {
                OnSampleError::Continue => "continue",
                OnSampleError::StartNextLoop => "startnextloop",
                OnSampleError::StopThread => "stopthread",
                OnSampleError::StopTest => "stoptest",
                OnSampleError::StopTestNow => "stoptestnow",
            };
            writer.xml.string("ThreadGroup.on_sample_error", on_error);
            writer.load(group);
            writer.xml.flag(
                "ThreadGroup.same_user_on_next_iteration",
                group.same_user_on_next_iteration,
            );
        });
    }

    fn load(&mut self, group: &ThreadGroup) {
        match &group.load {
            Load::Threads {
                users,
                ramp_s,
                loops,
                scheduled,
                delayed_start,
            } => {
                self.main_controller(match loops {
                    LoopCount::Forever => "-1",
                    LoopCount::Times(times) => times.as_str(),
                });
                self.texts(&[
                    ("ThreadGroup.num_threads", users),
                    ("ThreadGroup.ramp_time", ramp_s),
                ]);
                self.xml.flag("ThreadGroup.scheduler", scheduled.is_some());
                if let Some(scheduled) = scheduled {
                    self.texts(&[
                        ("ThreadGroup.duration", &scheduled.duration_s),
                        ("ThreadGroup.delay", &scheduled.delay_s),
                    ]);
                }
                self.xml.flag("ThreadGroup.delayedStart", *delayed_start);
            }
            Load::OpenModel {
                schedule,
                random_seed,
            } => {
                let attributes = [
                    ("name", "ThreadGroup.main_controller"),
                    ("elementType", "OpenModelThreadGroupController"),
                ];
                self.xml.empty("elementProp", &attributes);
                self.texts(&[
                    ("OpenModelThreadGroup.schedule", schedule),
                    ("OpenModelThreadGroup.random_seed", random_seed),
                ]);
            }
            Load::Arrivals {
                target,
                ramp_up,
                steps,
                hold,
                users,
                minutes,
            } => {
                self.virtual_users();
                self.texts(&[
                    ("TargetLevel", target),
                    ("RampUp", ramp_up),
                    ("Steps", steps),
                    ("Hold", hold),
                ]);
                self.arrival_users(users, *minutes);
            }
            Load::FreeFormArrivals {
                rows,
                users,
                minutes,
            } => {
                self.virtual_users();
                let rows = rows
                    .iter()
                    .map(|row| [row.start.as_str(), row.end.as_str(), row.duration.as_str()]);
                self.xml.rows("Schedule", rows);
                self.arrival_users(users, *minutes);
            }
            Load::Stepping {
                users,
                initial_delay_s,
                start_count,
                start_burst,
                start_period_s,
                ramp_up_s,
                flight_time_s,
                stop_count,
                stop_period_s,
            } => {
                self.main_controller("-1");
                self.texts(&[
                    ("ThreadGroup.num_threads", users),
                    ("Threads initial delay", initial_delay_s),
                    ("Start users count", start_count),
                    ("Start users count burst", start_burst),
                    ("Start users period", start_period_s),
                    ("Stop users count", stop_count),
                    ("Stop users period", stop_period_s),
                    ("flighttime", flight_time_s),
                    ("rampUp", ramp_up_s),
                ]);
            }
            Load::Ultimate(rows) => {
                self.main_controller("-1");
                let rows = rows.iter().map(|row| {
                    [
                        row.users.as_str(),
                        row.initial_delay_s.as_str(),
                        row.startup_s.as_str(),
                        row.hold_s.as_str(),
                        row.shutdown_s.as_str(),
                    ]
                });
                self.xml.rows("ultimatethreadgroupdata", rows);
            }
            Load::Concurrency {
                target,
                ramp_up,
                steps,
                hold,
                iterations,
                minutes,
            } => {
                self.virtual_users();
                self.texts(&[
                    ("TargetLevel", target),
                    ("RampUp", ramp_up),
                    ("Steps", steps),
                    ("Hold", hold),
                    ("Iterations", iterations),
                ]);
                self.xml.string("LogFilename", "");
                self.unit(*minutes);
            }
            Load::Native(_) => {
                let what = format!(
                    "the load of group `{}` is not in JMeter's terms",
                    group.name
                );
                self.refuse(&group.location, what);
            }
        }
    }

    fn main_controller(&mut self, loops: &str) {
        let attributes = [
            ("name", "ThreadGroup.main_controller"),
            ("elementType", "LoopController"),
            ("guiclass", "LoopControlPanel"),
            ("testclass", "LoopController"),
            ("testname", "Loop Controller"),
            ("enabled", "true"),
        ];
        self.xml.open("elementProp", &attributes);
        self.xml.string("LoopController.loops", loops);
        // The window of JMeter clears it; set, counts would be without end.
        self.xml.flag("LoopController.continue_forever", false);
        self.xml.close("elementProp");
    }

    fn virtual_users(&mut self) {
        let attributes = [
            ("name", "ThreadGroup.main_controller"),
            ("elementType", VIRTUAL_USERS),
        ];
        self.xml.empty("elementProp", &attributes);
    }

    fn arrival_users(&mut self, users: &ArrivalUsers, minutes: bool) {
        self.texts(&[
            ("ConcurrencyLimit", &users.limit),
            ("Iterations", &users.iterations),
        ]);
        self.xml.string("LogFilename", "");
        self.unit(minutes);
    }

    fn unit(&mut self, minutes: bool) {
        self.xml.string("Unit", if minutes { "M" } else { "S" });
    }
}

/// Class and GUI class of a thread group.
fn class_of(group: &ThreadGroup) -> (&'static str, &'static str) {
    match (&group.load, group.stage) {
        (Load::OpenModel { .. }, _) => (
            "OpenModelThreadGroup",
            "org.apache.jmeter.threads.openmodel.gui.OpenModelThreadGroupGui",
        ),
        (Load::Arrivals { .. }, _) => (
            "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup",
            "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroupGui",
        ),
        (Load::FreeFormArrivals { .. }, _) => (
            "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup",
            "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroupGui",
        ),
        (Load::Stepping { .. }, _) => (
            "kg.apc.jmeter.threads.SteppingThreadGroup",
            "kg.apc.jmeter.threads.SteppingThreadGroupGui",
        ),
        (Load::Ultimate(_), _) => (
            "kg.apc.jmeter.threads.UltimateThreadGroup",
            "kg.apc.jmeter.threads.UltimateThreadGroupGui",
        ),
        (Load::Concurrency { .. }, _) => (
            "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup",
            "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroupGui",
        ),
        (_, Stage::SetUp) => ("SetupThreadGroup", "SetupThreadGroupGui"),
        (_, Stage::TearDown) => ("PostThreadGroup", "PostThreadGroupGui"),
        (_, Stage::Main) => ("ThreadGroup", "ThreadGroupGui"),
    }
}
