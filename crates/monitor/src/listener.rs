//! Finds the processes that listen on a port, by the inode of their sockets.

use std::collections::BTreeSet;

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::FDTarget;

/// Why no listening process was found.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The socket tables cannot be read.
    #[error("cannot read the socket tables in /proc/net")]
    NoTables(#[source] procfs::ProcError),
    /// Nobody listens on the port.
    #[error("no process on this machine listens on port {port}")]
    Nobody {
        /// The port.
        port: u16,
    },
    /// Somebody listens, but the process belongs to another user.
    #[error("the process that listens on port {port} belongs to another user and cannot be read")]
    Foreign {
        /// The port.
        port: u16,
    },
}

/// Ids of the processes that hold a listening TCP socket on `port`, ascending; never empty. Workers
/// that share one socket are all found.
///
/// # Errors
///
/// See [`ListenerError`].
pub fn listening_processes(port: u16) -> Result<Vec<i32>, ListenerError> {
    let inodes: BTreeSet<u64> = tcp_sockets()
        .map_err(ListenerError::NoTables)?
        .iter()
        .filter(|entry| entry.state == TcpState::Listen && entry.local_address.port() == port)
        .map(|entry| entry.inode)
        .collect();
    if inodes.is_empty() {
        return Err(ListenerError::Nobody { port });
    }
    let mut pids = Vec::new();
    for process in procfs::process::all_processes()
        .map_err(ListenerError::NoTables)?
        .flatten()
    {
        let Ok(files) = process.fd() else { continue };
        let listens = files
            .flatten()
            .any(|file| matches!(file.target, FDTarget::Socket(inode) if inodes.contains(&inode)));
        if listens {
            pids.push(process.pid());
        }
    }
    pids.sort_unstable();
    if pids.is_empty() {
        Err(ListenerError::Foreign { port })
    } else {
        Ok(pids)
    }
}

/// All TCP sockets of this network namespace, both families.
pub(crate) fn tcp_sockets() -> procfs::ProcResult<Vec<TcpNetEntry>> {
    let mut entries = procfs::net::tcp()?;
    // Absent where IPv6 is switched off.
    entries.extend(procfs::net::tcp6().unwrap_or_default());
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_test_itself_is_found_by_its_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(listening_processes(port).unwrap().contains(&own));
    }

    #[test]
    fn a_closed_port_has_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(matches!(
            listening_processes(port),
            Err(ListenerError::Nobody { .. })
        ));
    }
}
