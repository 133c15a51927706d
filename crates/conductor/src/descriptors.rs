//! Files that a run needs, checked before any traffic.

use loadline_engine::{ConnectedUsers, Connections, PreparedRun};
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
    check_files(prepared.connected_users(Connections::Kept), limit)?;
    Ok(limit)
}

/// Warns of users of `prepared` who fit only as long as not all of them have a request under way, since those
/// of some thread group keep no connection between requests; `None` where all fit, or not even the others.
#[must_use]
pub fn files_warning(prepared: &PreparedRun) -> Option<Diagnostic> {
    let kept = prepared.connected_users(Connections::Kept).users;
    let all = prepared.connected_users(Connections::UnderWay);
    let message = warning_text(kept, all.users, raised_limit())?;
    let warning = Diagnostic::warning("machine", all.location, message);
    Some(warning.with_help(help(all.users + OTHER_FILES)))
}

fn raised_limit() -> u64 {
    // A limit that cannot be read is taken as enough: the run will say if it is not.
    rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX)
}

fn check_files(kept: ConnectedUsers, limit: u64) -> Result<(), DescriptorError> {
    let needed = kept.users + OTHER_FILES;
    if needed > limit {
        Err(DescriptorError::Files {
            users: kept.users,
            needed,
            limit,
            location: kept.location,
        })
    } else {
        Ok(())
    }
}

/// What is said of `all` users, of whom `kept` keep a connection.
fn warning_text(kept: u64, all: u64, limit: u64) -> Option<String> {
    let needed = all + OTHER_FILES;
    let most = limit.checked_sub(OTHER_FILES + kept)?;
    (needed > limit).then(|| {
        let of_those = match kept {
            0 => String::new(),
            kept => format!(" beside {kept} kept connections"),
        };
        format!(
            "{all} users may need up to {needed} open files, but the limit is {limit}: requests fail when more than \
             {most} are under way at once{of_those}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_that_do_not_fit_are_refused() {
        let kept = |users| ConnectedUsers {
            users,
            location: Location {
                line: 7,
                ..Location::default()
            },
        };
        assert_eq!(check_files(kept(900), 1024), Ok(()));
        let finding = check_files(kept(5000), 1024).unwrap_err().finding();
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
        assert_eq!(warning_text(0, 924, 1024), None);
        assert_eq!(
            warning_text(0, 5000, 1024).unwrap(),
            "5000 users may need up to 5100 open files, but the limit is 1024: requests fail when \
             more than 924 are under way at once"
        );
        let beside = warning_text(900, 5000, 1024).unwrap();
        assert!(
            beside.ends_with("more than 24 are under way at once beside 900 kept connections"),
            "{beside}"
        );
        // That is refused.
        assert_eq!(warning_text(925, 5000, 1024), None);
    }
}
