//! Finds the processes that listen at a port or a Unix socket, by the inodes of their sockets.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use procfs::net::{TcpNetEntry, TcpState, UnixState};
use procfs::process::{FDTarget, Process};

/// Where a server on this machine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A TCP port.
    Port(u16),
    /// The file of a Unix socket; a relative path is one of this process.
    UnixSocket(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Port(port) => write!(f, "port {port}"),
            Place::UnixSocket(file) => write!(f, "the Unix socket {}", file.display()),
        }
    }
}

/// Why no listening process was found.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The socket tables cannot be read.
    #[error("cannot read the socket tables in /proc/net")]
    NoTables(#[source] procfs::ProcError),
    /// Nobody listens there.
    #[error("no process on this machine listens on {place}")]
    Nobody {
        /// Where.
        place: Place,
    },
    /// Somebody listens, but the process belongs to another user.
    #[error("the process that listens on {place} belongs to another user and cannot be read")]
    Foreign {
        /// Where.
        place: Place,
    },
}

/// Ids of the processes that hold a socket listening at `place`, ascending; never empty. Workers
/// that share one socket are all found.
///
/// # Errors
///
/// See [`ListenerError`].
pub fn listening_processes(place: &Place) -> Result<Vec<i32>, ListenerError> {
    let sockets = listening_sockets(place).map_err(ListenerError::NoTables)?;
    let mut pids = Vec::new();
    let mut all_were_read = true;
    for process in procfs::process::all_processes()
        .map_err(ListenerError::NoTables)?
        .flatten()
    {
        let Ok(files) = process.fd() else {
            all_were_read = false;
            continue;
        };
        let mut own = files.flatten().filter_map(|file| match file.target {
            FDTarget::Socket(inode) => sockets.get(&inode),
            _ => None,
        });
        if own.any(|bound| is_at(place, bound, &process)) {
            pids.push(process.pid());
        }
    }
    pids.sort_unstable();
    let place = place.clone();
    if !pids.is_empty() {
        Ok(pids)
    } else if sockets.is_empty() || (all_were_read && matches!(place, Place::UnixSocket(_))) {
        // What was found were sockets of the same name in other folders.
        Err(ListenerError::Nobody { place })
    } else {
        Err(ListenerError::Foreign { place })
    }
}

/// Inodes of the sockets that may listen at `place`, with the paths that Unix sockets are bound to.
fn listening_sockets(place: &Place) -> procfs::ProcResult<BTreeMap<u64, PathBuf>> {
    Ok(match place {
        Place::Port(port) => tcp_sockets()?
            .iter()
            .filter(|entry| entry.state == TcpState::Listen && entry.local_address.port() == *port)
            .map(|entry| (entry.inode, PathBuf::new()))
            .collect(),
        Place::UnixSocket(file) => {
            let file = &whole(file);
            // Of the connections that a server has accepted each is bound to the path as well.
            procfs::net::unix()?
                .into_iter()
                .filter(|entry| entry.state == UnixState::UNCONNECTED)
                .filter_map(|entry| Some((entry.inode, entry.path?)))
                .filter(|(_, bound)| may_be(file, bound))
                .collect()
        }
    })
}

/// The path without links and detours, if there is such a file.
fn whole(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// Whether a socket bound to `bound` may be the one at `file`, which is whole. A path that a server has
/// bound relative to its own folder is only told for sure with the process.
fn may_be(file: &Path, bound: &Path) -> bool {
    match bound.is_absolute() {
        true => bound == file || whole(bound) == file,
        false => bound.file_name() == file.file_name(),
    }
}

/// Whether a socket of `process` that is bound to the path `bound` is the one at `place`.
fn is_at(place: &Place, bound: &Path, process: &Process) -> bool {
    let Place::UnixSocket(file) = place else {
        return true;
    };
    match bound.is_absolute() {
        true => true,
        false => {
            let folder = PathBuf::from(format!("/proc/{}/cwd", process.pid()));
            whole(&folder.join(bound)) == whole(file)
        }
    }
}

/// Connections to the Unix socket `file` that its server has taken in, and those that wait for it.
///
/// # Errors
///
/// When the table of Unix sockets cannot be read.
pub(crate) fn unix_connections(file: &Path) -> procfs::ProcResult<(usize, usize)> {
    let file = whole(file);
    let sockets = procfs::net::unix()?;
    // Only the server's ends have the path. One that nobody has accepted is still connecting.
    let count = |state: UnixState| {
        let ours = sockets.iter().filter(|entry| {
            let bound = entry.path.as_deref();
            entry.state == state && bound.is_some_and(|bound| may_be(&file, bound))
        });
        ours.count()
    };
    Ok((count(UnixState::CONNECTED), count(UnixState::CONNECTING)))
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
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn the_test_itself_is_found_by_its_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(
            listening_processes(&Place::Port(port))
                .unwrap()
                .contains(&own)
        );
    }

    #[test]
    fn a_closed_port_has_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(matches!(
            listening_processes(&Place::Port(port)),
            Err(ListenerError::Nobody { .. })
        ));
    }

    #[test]
    fn the_test_itself_is_found_by_its_unix_socket() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("server.sock");
        let place = Place::UnixSocket(file.clone());
        let nobody = listening_processes(&place);
        assert!(matches!(nobody, Err(ListenerError::Nobody { .. })));
        let listener = UnixListener::bind(&file).unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(listening_processes(&place).unwrap(), [own]);
        // By another way to the same file.
        let folder_too = folder.path().join(".").join("server.sock");
        let found = listening_processes(&Place::UnixSocket(folder_too));
        assert_eq!(found.unwrap(), [own]);
        // A file of the same name elsewhere is another socket.
        let other = folder.path().join("other");
        std::fs::create_dir(&other).unwrap();
        let elsewhere = Place::UnixSocket(other.join("server.sock"));
        let nobody = listening_processes(&elsewhere);
        assert!(
            !nobody.is_ok_and(|pids| pids.contains(&own)),
            "a socket elsewhere"
        );

        let _first = UnixStream::connect(&file).unwrap();
        let _second = UnixStream::connect(&file).unwrap();
        assert_eq!(unix_connections(&file).unwrap(), (0, 2));
        let (_accepted, _) = listener.accept().unwrap();
        assert_eq!(unix_connections(&file).unwrap(), (1, 1));
    }
}
