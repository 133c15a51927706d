//! A watched server, by its processes or as a database.

use loadline_events::Reading;
use loadline_units::RunTime;

use crate::listener::ListenerError;
use crate::postgres_watch::PostgresWatch;
use crate::process_watch::ProcessWatch;
use crate::source::Source;

/// Why a server cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// No process listens on the target's port.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// The process is not there.
    #[error("process {pid} does not exist")]
    NoProcess {
        /// Its id.
        pid: u32,
    },
    /// A database does not let itself be read.
    #[error("the database of {place} cannot be read")]
    Database {
        /// Host, port and name.
        place: String,
        /// What it or the network said.
        #[source]
        source: postgres::Error,
    },
}

/// A server that is watched.
#[derive(Debug)]
pub struct ServerWatch(Kind);

#[derive(Debug)]
enum Kind {
    Processes(Box<ProcessWatch>),
    Postgres(Box<PostgresWatch>),
}

impl ServerWatch {
    /// Finds the server behind `source`; its readings carry `index`.
    ///
    /// # Errors
    ///
    /// When no such process exists, or it or the database may not be read.
    pub fn open(source: &Source, index: u16) -> Result<Self, WatchError> {
        Ok(Self(match source {
            Source::Local(place) => {
                Kind::Processes(Box::new(ProcessWatch::of_place(place, index)?))
            }
            Source::Pid(pid) => Kind::Processes(Box::new(ProcessWatch::of_process(*pid, index)?)),
            Source::Postgres(config) => {
                Kind::Postgres(Box::new(PostgresWatch::open(config, index)?))
            }
        }))
    }

    /// What the source turned out to be, such as `process 4711 (backend), listening on port 8000`.
    #[must_use]
    pub fn description(&self) -> &str {
        match &self.0 {
            Kind::Processes(watch) => watch.description(),
            Kind::Postgres(watch) => watch.description(),
        }
    }

    /// What cannot be read here, one line each.
    #[must_use]
    pub fn not_read(&self) -> &[String] {
        match &self.0 {
            Kind::Processes(watch) => watch.not_read(),
            Kind::Postgres(watch) => watch.not_read(),
        }
    }

    /// Reads all resources. The first reading has no rates, since those need a time before.
    pub fn read(&mut self, at: RunTime) -> Reading {
        match &mut self.0 {
            Kind::Processes(watch) => watch.read(at),
            Kind::Postgres(watch) => watch.read(at),
        }
    }
}
