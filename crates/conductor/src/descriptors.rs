//! Files that a run needs, checked before any traffic.

use loadline_engine::{ConnectionDemand, PreparedRun};
use loadline_plan::{Diagnostic, Location};

/// Files beside one connection a user: logs, plan data, the monitor, libraries.
const OTHER_FILES: u64 = 100;

/// Why the machine cannot hold the users of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// The hard limit of open files is too low.
    #[error("{users} users need {needed} open files, but the limit is {limit}")]
    Files {
        /// Users at most who keep a connection.
        users: u64,
        /// Files needed.
        needed: u64,
        /// The hard limit of this process.
        limit: u64,
        /// Where the thread group is defined that has most of these users.
        location: Location,
    },
}

impl DescriptorError {
    /// The same as a finding about the plan, with what to do about it.
    #[must_use]
    pub fn finding(&self) -> Diagnostic {
        let DescriptorError::Files {
            needed, location, ..
        } = self;
        Diagnostic::error("machine", location.clone(), self.to_string()).with_help(help(*needed))
    }
}

fn help(needed: u64) -> String {
    format!(
        "raise it for this shell with `ulimit -n {needed}` (as root: `ulimit -Hn {needed}`), \
         or use fewer users"
    )
}

/// Raises the soft limit of open files as far as it goes and checks that the users of `prepared` who
/// keep connections fit. Returns the soft limit now.
///
/// # Errors
///
/// When the hard limit is too low.
pub(crate) fn reserve_files(prepared: &PreparedRun) -> Result<u64, DescriptorError> {
    let limit = raised_limit();
    check_files(&prepared.connection_demands(), limit)?;
    Ok(limit)
}

/// Warns of users of `prepared` who fit only as long as not all of them have a request under way, since those
/// of some thread group keep no connection between requests; `None` where all fit, or where those who keep one
/// do not fit, which is refused.
#[must_use]
pub fn files_warning(prepared: &PreparedRun) -> Option<Diagnostic> {
    warning_of(&prepared.connection_demands(), raised_limit())
}

fn raised_limit() -> u64 {
    // A limit that cannot be read is taken as enough: the run will say if it is not.
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX)
}

fn check_files(stages: &[ConnectionDemand], limit: u64) -> Result<(), DescriptorError> {
    let kept = stages.iter().map(|stage| &stage.kept);
    let Some(most) = kept.max_by_key(|kept| kept.users) else {
        return Ok(());
    };
    let needed = most.users + OTHER_FILES;
    if needed > limit {
        Err(DescriptorError::Files {
            users: most.users,
            needed,
            limit,
            location: most.location.clone(),
        })
    } else {
        Ok(())
    }
}

/// What is said of the stage in which the fewest requests may be under way, of those `stages` whose users do not
/// all fit. The limit that it advises is enough for each of them.
fn warning_of(stages: &[ConnectionDemand], limit: u64) -> Option<Diagnostic> {
    check_files(stages, limit).ok()?;
    let needed = |stage: &ConnectionDemand| stage.all.users + OTHER_FILES;
    let scarce = stages.iter().filter(|stage| needed(stage) > limit);
    let scarcest = scarce.max_by_key(|stage| (stage.kept.users, stage.all.users))?;
    let (kept, all) = (scarcest.kept.users, &scarcest.all);
    let beside = match kept {
        0 => String::new(),
        kept => format!(" beside {kept} kept connections"),
    };
    let message = format!(
        "{} users may need up to {} open files, but the limit is {limit}: requests fail when more than {} are under \
         way at once{beside}",
        all.users,
        needed(scarcest),
        limit - OTHER_FILES - kept
    );
    let warning = Diagnostic::warning("machine", all.location.clone(), message);
    Some(warning.with_help(help(stages.iter().map(needed).fold(0, u64::max))))
}

#[cfg(test)]
mod tests {
    use loadline_engine::ConnectedUsers;

    use super::*;

    /// A stage of so many users who keep a connection, and of so many who hold one at all, each with the line
    /// of their thread group.
    fn stage((kept, kept_line): (u64, u32), (all, all_line): (u64, u32)) -> ConnectionDemand {
        let users = |users, line| ConnectedUsers {
            users,
            location: Location {
                line,
                ..Location::default()
            },
        };
        ConnectionDemand {
            kept: users(kept, kept_line),
            all: users(all, all_line),
        }
    }

    /// The same as the only one.
    fn only_stage(kept: u64, all: u64) -> [ConnectionDemand; 1] {
        [stage((kept, 7), (all, 9))]
    }

    #[test]
    fn users_that_do_not_fit_are_refused() {
        assert_eq!(check_files(&only_stage(900, 5000), 1024), Ok(()));
        let stages = [
            stage((5000, 7), (5000, 7)),
            stage((900, 3), (900, 3)),
            stage((0, 0), (6000, 4)),
        ];
        let finding = check_files(&stages, 1024).unwrap_err().finding();
        assert_eq!(
            finding.message,
            "5000 users need 5100 open files, but the limit is 1024"
        );
        assert!(finding.is_error() && finding.location.line == 7);
        assert!(
            finding.help.contains("`ulimit -n 5100`"),
            "{}",
            finding.help
        );
    }

    #[test]
    fn users_who_keep_no_connection_are_warned_of() {
        assert_eq!(warning_of(&only_stage(0, 924), 1024), None);
        let warning = warning_of(&only_stage(0, 5000), 1024).unwrap();
        assert_eq!(
            warning.message,
            "5000 users may need up to 5100 open files, but the limit is 1024: requests fail when \
             more than 924 are under way at once"
        );
        assert!(!warning.is_error() && warning.location.line == 9);
        let beside = warning_of(&only_stage(900, 5000), 1024).unwrap().message;
        assert!(
            beside.ends_with("more than 24 are under way at once beside 900 kept connections"),
            "{beside}"
        );
        // That is refused.
        assert_eq!(warning_of(&only_stage(925, 5000), 1024), None);
    }

    #[test]
    fn connections_of_another_stage_take_no_room() {
        let set_up = stage((800, 3), (800, 3));
        let main = stage((0, 0), (5000, 9));
        let warning = warning_of(&[set_up, main], 1024).unwrap();
        assert!(
            warning.message.starts_with("5000 users")
                && warning
                    .message
                    .ends_with("more than 924 are under way at once"),
            "{}",
            warning.message
        );
        assert_eq!(warning.location.line, 9);
    }

    #[test]
    fn the_stage_with_the_least_room_is_told_with_a_limit_that_is_enough_for_all() {
        let stages = [
            stage((0, 0), (3000, 3)),
            stage((900, 7), (4000, 9)),
            stage((0, 0), (5000, 11)),
        ];
        let warning = warning_of(&stages, 1024).unwrap();
        assert!(
            warning
                .message
                .starts_with("4000 users may need up to 4100 open files")
                && warning.message.contains("more than 24 are"),
            "{}",
            warning.message
        );
        assert_eq!(warning.location.line, 9);
        assert!(
            warning.help.contains("`ulimit -n 5100`"),
            "{}",
            warning.help
        );
        let with_equal_room = [stages[0].clone(), stages[2].clone()];
        let warning = warning_of(&with_equal_room, 1024).unwrap();
        assert_eq!(warning.location.line, 11);
    }
}
