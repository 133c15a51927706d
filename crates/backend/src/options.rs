//! What a backend is started with.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::fault::Fault;

/// What to serve, where, and with which mistakes and faults.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendOptions {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the data is kept.
    pub database: Database,
    /// Which mistakes the backend makes.
    pub profile: Profile,
    /// What goes wrong beside them; empty for a healthy backend.
    pub faults: Vec<Fault>,
}

/// Where the data is kept. The tables are made anew at each start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, created if it is missing. Written `sqlite:PATH`.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as a `postgres://` address. Only the schema `loadline_backend` is
    /// touched, and it is made anew.
    Postgres(String),
}

/// As read by `FromStr`, but without the address of PostgreSQL, which may hold a password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Database::Postgres(_) => f.write_str("postgres"),
        }
    }
}

impl FromStr for Database {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if !path.is_empty() {
                return Ok(Database::Sqlite(PathBuf::from(path)));
            }
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Database::Postgres(text.to_owned()));
        }
        Err(OptionError(format!(
            "database `{text}` is neither sqlite:PATH nor postgres://..."
        )))
    }
}

/// Which mistakes the backend makes. Both profiles give the same answers.
///
/// The difference is real work, never a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Missing indexes, one query per row, whole-table reads, one connection behind one lock.
    Naive,
    /// Indexes, one prepared query per request, a pool of connections, writes committed in groups.
    Tuned,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Profile::Naive => "naive",
            Profile::Tuned => "tuned",
        })
    }
}

impl FromStr for Profile {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "naive" => Ok(Profile::Naive),
            "tuned" => Ok(Profile::Tuned),
            _ => Err(OptionError(format!(
                "profile `{text}` is neither naive nor tuned"
            ))),
        }
    }
}

/// An option's text that does not say what it has to; the user can correct it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OptionError(pub(crate) String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_told_apart_by_their_scheme() {
        assert_eq!(
            "sqlite:a/b.db".parse(),
            Ok(Database::Sqlite(PathBuf::from("a/b.db")))
        );
        let url = "postgres://u@h/d";
        assert_eq!(url.parse(), Ok(Database::Postgres(url.to_owned())));
        for wrong in ["", "sqlite:", "mysql://h/d", "a/b.db"] {
            assert!(wrong.parse::<Database>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_not_displayed() {
        let database: Database = "postgres://user:secret@host/name".parse().unwrap();
        assert_eq!(database.to_string(), "postgres");
        assert_eq!(
            Database::Sqlite(PathBuf::from("a.db")).to_string(),
            "sqlite:a.db"
        );
    }

    #[test]
    fn an_unknown_profile_names_the_known_ones() {
        assert_eq!("tuned".parse(), Ok(Profile::Tuned));
        let error = "fast".parse::<Profile>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "profile `fast` is neither naive nor tuned"
        );
    }
}
