//! A PostgreSQL server watched through its own statistics: sessions, locks, running statements.
//!
//! One statement a second over a session of its own, of 10 or later. Not here: what statements say
//! (their texts are not read), and TLS to the database.

use std::time::Duration;

use loadline_events::{Reading, Signal};
use loadline_units::RunTime;
use postgres::config::Host;
use postgres::{Client, Config, NoTls, Row};

use crate::values::Values;
use crate::watch::WatchError;

/// Longest time for a connection or an answer: the next reading is due then.
const PATIENCE: Duration = Duration::from_millis(900);

/// Sessions of clients by what they do, but for our own, and the transactions of this database.
/// `wait_event_type` and `backend_type` are those of the monitoring statistics of PostgreSQL 10 to 18.
const STATEMENT: &str = "
    SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS sessions,
           count(*) FILTER (WHERE state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock') AS active,
           count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting,
           coalesce(extract(epoch FROM max(clock_timestamp() - query_start) FILTER (WHERE state = 'active')), 0)::float8
               AS oldest_s,
           current_setting('max_connections')::int8
               - current_setting('superuser_reserved_connections')::int8 AS allowed,
           (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()) AS ended
    FROM pg_stat_activity
    WHERE pid <> pg_backend_pid()";

/// Whether the sessions of other users may be looked at.
const SEES_ALL: &str = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')";

/// A database that is watched.
pub(crate) struct PostgresWatch {
    index: u16,
    config: Config,
    /// `None` while it cannot be reached.
    client: Option<Client>,
    description: String,
    not_read: Vec<String>,
    /// When it was last read, and the transactions that had ended by then.
    before: Option<(RunTime, i64)>,
}

impl std::fmt::Debug for PostgresWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresWatch")
            .field("index", &self.index)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

impl PostgresWatch {
    /// Connects to the database of `config`; readings carry `index`. A password that is not in
    /// `config` is taken from `PGPASSWORD`.
    ///
    /// # Errors
    ///
    /// When it cannot be reached or its statistics cannot be read.
    pub(crate) fn open(config: &Config, index: u16) -> Result<Self, WatchError> {
        let mut config = config.clone();
        config
            .connect_timeout(PATIENCE)
            .application_name("loadline");
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        let place = place(&config);
        let failed = |source| WatchError::Database {
            place: place.clone(),
            source,
        };
        let mut client = connect(&config).map_err(failed)?;
        client.query_one(STATEMENT, &[]).map_err(failed)?;
        let sees_all: bool = client
            .query_one(SEES_ALL, &[])
            .and_then(|row| row.try_get(0))
            .map_err(failed)?;
        let not_read = if sees_all {
            Vec::new()
        } else {
            vec![
                "statements and locks of other users of the database (grant pg_monitor)".to_owned(),
            ]
        };
        Ok(Self {
            index,
            client: Some(client),
            description: format!("PostgreSQL, database {place}"),
            config,
            not_read,
            before: None,
        })
    }

    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn not_read(&self) -> &[String] {
        &self.not_read
    }

    /// Reads the statistics; a database that does not answer in time is not alive.
    pub(crate) fn read(&mut self, at: RunTime) -> Reading {
        if self.client.is_none() {
            self.client = connect(&self.config).ok();
        }
        let row = self
            .client
            .as_mut()
            .and_then(|client| client.query_one(STATEMENT, &[]).ok());
        if row.is_none() {
            self.client = None;
        }
        let alive = row.is_some();
        let mut values = Values::default();
        if let Some(row) = row {
            self.put(&row, at, &mut values);
        }
        Reading {
            server: self.index,
            at,
            alive: Some(alive),
            values: values.sorted(),
        }
    }

    fn put(&mut self, row: &Row, at: RunTime, values: &mut Values) {
        let count = |name: &str| row.try_get::<_, i64>(name).ok();
        for (signal, name) in [
            (Signal::DbConnections, "sessions"),
            (Signal::DbActive, "active"),
            (Signal::DbLockWaits, "waiting"),
            (Signal::DbConnectionsLimit, "allowed"),
        ] {
            values.put_some(signal, count(name).map(|count| count as f64));
        }
        values.put_some(Signal::DbOldestStatement, row.try_get("oldest_s").ok());
        let Some(ended) = count("ended") else { return };
        if let Some((earlier, before)) = self.before.filter(|before| at > before.0) {
            let seconds = at.saturating_since(earlier).as_secs_f64();
            let rate = ended.saturating_sub(before).max(0) as f64 / seconds;
            values.put(Signal::DbTransactions, rate);
        }
        self.before = Some((at, ended));
    }
}

fn connect(config: &Config) -> Result<Client, postgres::Error> {
    let mut client = config.connect(NoTls)?;
    let patience = PATIENCE.as_millis();
    client.batch_execute(&format!("SET statement_timeout = {patience}"))?;
    Ok(client)
}

/// Where the database is, without user and password: `127.0.0.1:5432/shop`.
fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let name = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    format!("{host}:{port}/{name}")
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// The address of a database to try this on (`.ci/with-postgres` starts one).
    fn config() -> Option<Config> {
        let text = std::env::var("LOADLINE_TEST_POSTGRES").ok()?;
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_place_names_no_user_and_no_password() {
        let config: Config = "postgres://ann:secret@127.0.0.1:5433/shop".parse().unwrap();
        assert_eq!(place(&config), "127.0.0.1:5433/shop");
    }

    #[test]
    fn a_database_that_is_not_there_is_an_error_without_its_password() {
        let config: Config = "postgres://ann:secret@127.0.0.1:1/shop".parse().unwrap();
        let error = PostgresWatch::open(&config, 0).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("127.0.0.1:1/shop"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn a_session_that_waits_for_a_lock_is_seen() {
        let Some(config) = config() else {
            println!("skipped: no PostgreSQL (LOADLINE_TEST_POSTGRES)");
            return;
        };
        let mut watch = PostgresWatch::open(&config, 2).unwrap();
        let (mut holder, mut waiter) = (connect(&config).unwrap(), connect(&config).unwrap());
        let key = i64::from(std::process::id());
        holder
            .execute("SELECT pg_advisory_lock($1)", &[&key])
            .unwrap();
        waiter.batch_execute("SET statement_timeout = 0").unwrap();
        let waiting = thread::spawn(move || {
            waiter
                .execute("SELECT pg_advisory_lock($1)", &[&key])
                .unwrap();
        });
        // Ends when the database shows it; the reading itself takes time, so nothing sleeps here.
        let mut at = RunTime::ZERO;
        let reading = (0..10_000)
            .map(|_| {
                at = at + Duration::from_millis(1);
                watch.read(at)
            })
            .find(|reading| reading.value(Signal::DbLockWaits) >= Some(1.0))
            .expect("the waiting session is never shown");
        assert_eq!((reading.server, reading.alive), (2, Some(true)));
        assert!(reading.value(Signal::DbConnections).unwrap() >= 2.0);
        assert!(reading.value(Signal::DbConnectionsLimit).unwrap() >= 10.0);
        assert!(reading.value(Signal::DbOldestStatement).unwrap() >= 0.0);
        holder
            .execute("SELECT pg_advisory_unlock($1)", &[&key])
            .unwrap();
        waiting.join().unwrap();
    }
}
