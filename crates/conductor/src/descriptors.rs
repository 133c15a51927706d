//! Files that a run needs, checked before any traffic.

/// Files beside one connection a user: logs, plan data, the monitor, libraries.
const OTHER_FILES: u64 = 100;

/// Why the machine cannot hold the users of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// The hard limit of open files is too low.
    #[error("{users} users need {needed} open files, but the limit is {limit}")]
    Files {
        /// Users at most.
        users: u64,
        /// Files needed.
        needed: u64,
        /// The hard limit of this process.
        limit: u64,
    },
}

impl DescriptorError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            DescriptorError::Files { needed, .. } => format!(
                "raise it for this shell with `ulimit -n {needed}` (as root: `ulimit -Hn {needed}`), \
                 or use fewer users"
            ),
        }
    }
}

/// Raises the soft limit of open files as far as it goes and checks that `users` fit. Returns the
/// soft limit now.
///
/// # Errors
///
/// When the hard limit is too low.
pub(crate) fn reserve_files(users: u64) -> Result<u64, DescriptorError> {
    // A limit that cannot be read is taken as enough: the run will say if it is not.
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    check_files(users, limit)?;
    Ok(limit)
}

fn check_files(users: u64, limit: u64) -> Result<(), DescriptorError> {
    let needed = users + OTHER_FILES;
    if needed > limit {
        Err(DescriptorError::Files {
            users,
            needed,
            limit,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_that_do_not_fit_are_refused() {
        assert_eq!(check_files(900, 1024), Ok(()));
        let error = check_files(5000, 1024).unwrap_err();
        assert_eq!(
            error.to_string(),
            "5000 users need 5100 open files, but the limit is 1024"
        );
    }
}
