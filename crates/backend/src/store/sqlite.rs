//! The store over SQLite: connections owned by threads with names.
//!
//! The naive profile has one thread, `db-0`, whose connection does everything; it is the lock that
//! all requests wait for, and a monitor sees it as one busy thread. The tuned profile has readers
//! `db-read-N` and one writer, `db-write`, that commits all writes that wait as one transaction.
//!
//! Both keep a write-ahead log and never wait for the disk, which therefore decides nothing; a crash
//! of the process (though not of the machine) loses no answered write.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, ffi};
use tokio::sync::oneshot;

use crate::options::Profile;
use crate::record::{FieldValue, Record};
use crate::store::schema::{self, Dialect};
use crate::store::sql::{Row, SqlConnection};
use crate::store::work_queue::WorkQueue;
use crate::store::{Command, PendingRecords, PoolUsage, Store, StoreError};
use crate::store::{naive, seed, tuned};

/// Marks a file as made by this backend ("LLbe"), so that no other is overwritten.
const APPLICATION_ID: i64 = 0x4C4C_6265;
/// Readers of the tuned profile. Pages come from the cache, so more than two cores' worth of
/// readers only add switches between threads.
const READER_COUNT: usize = 2;
/// Jobs that may wait for a connection. Closed users wait for their answers, so more than this many
/// are no load test any more but an accident.
const WAITING_MAX: usize = 16_384;
/// Writes that one transaction takes at most: bounds the time that the first one waits.
const COMMIT_GROUP_MAX: usize = 256;
/// Statements that a tuned connection keeps prepared: three collections with five each, and spare.
const STATEMENT_CACHE_CAPACITY: usize = 32;
/// A lock of the file outlives this only if another program holds it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// See the module header.
#[derive(Debug)]
pub(crate) struct SqliteStore {
    /// Serves reads; in the naive profile everything.
    reads: Arc<WorkQueue<Job>>,
    /// Serves writes; the same queue in the naive profile.
    writes: Arc<WorkQueue<Job>>,
    in_use: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

/// Why a SQLite file could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqliteOpenError {
    /// The user can name another file.
    #[error("the file exists and was not made by this backend")]
    ForeignFile,
    /// The file cannot be opened or written.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// Tables could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gave no thread.
    #[error(transparent)]
    Thread(#[from] io::Error),
}

#[derive(Debug)]
struct Job {
    command: Command,
    reply: oneshot::Sender<Result<Vec<Record>, StoreError>>,
}

impl SqliteStore {
    /// Makes the tables anew in the file at `path`, fills them and starts the threads.
    pub(crate) fn open(path: &Path, profile: Profile) -> Result<SqliteStore, SqliteOpenError> {
        let mut writer = open_connection(path, profile)?;
        claim_file(&writer.connection)?;
        ready(async {
            writer
                .run_script(&schema::script(Dialect::Sqlite, profile))
                .await?;
            writer.run_script("BEGIN").await?;
            seed::fill(&mut writer, profile).await?;
            writer.run_script("COMMIT").await
        })?;

        let in_use = Arc::new(AtomicUsize::new(0));
        let capacity = match profile {
            Profile::Naive => naive::WAITING_MAX,
            Profile::Tuned => WAITING_MAX,
        };
        let reads = Arc::new(WorkQueue::new(capacity));
        let mut threads = Vec::new();
        let writes = match profile {
            Profile::Naive => {
                let (queue, in_use) = (Arc::clone(&reads), Arc::clone(&in_use));
                threads.push(spawn("db-0".to_owned(), move || {
                    serve(writer, &queue, &in_use, |connection, command| {
                        ready(naive::execute(connection, command))
                    });
                })?);
                Arc::clone(&reads)
            }
            Profile::Tuned => {
                for index in 0..READER_COUNT {
                    let reader = open_connection(path, profile)?;
                    let (queue, in_use) = (Arc::clone(&reads), Arc::clone(&in_use));
                    threads.push(spawn(format!("db-read-{index}"), move || {
                        serve(reader, &queue, &in_use, |connection, command| {
                            ready(tuned::execute(connection, command))
                        });
                    })?);
                }
                let writes = Arc::new(WorkQueue::new(capacity));
                let (queue, in_use) = (Arc::clone(&writes), Arc::clone(&in_use));
                threads.push(spawn("db-write".to_owned(), move || {
                    serve_in_groups(writer, &queue, &in_use);
                })?);
                writes
            }
        };
        Ok(SqliteStore {
            reads,
            writes,
            in_use,
            threads,
        })
    }
}

impl Store for SqliteStore {
    fn execute(&self, command: Command) -> PendingRecords<'_> {
        let queue = if command.is_read() {
            &self.reads
        } else {
            &self.writes
        };
        let (reply, answer) = oneshot::channel();
        let queued = queue.push(Job { command, reply });
        Box::pin(async move {
            queued.map_err(|_| StoreError::QueueFull)?;
            answer
                .await
                .unwrap_or_else(|_| Err(StoreError::Database("its thread ended".to_owned())))
        })
    }

    fn pool_usage(&self) -> PoolUsage {
        let mut waiting = self.reads.len();
        if !Arc::ptr_eq(&self.reads, &self.writes) {
            waiting += self.writes.len();
        }
        PoolUsage {
            size: self.threads.len(),
            in_use: self.in_use.load(Ordering::Relaxed),
            waiting,
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.reads.close();
        self.writes.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has already failed its jobs; there is nothing to add.
            let _ = thread.join();
        }
    }
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name).spawn(body)
}

/// Serves jobs one by one until the queue is closed.
fn serve(
    mut connection: SqliteConnection,
    queue: &WorkQueue<Job>,
    in_use: &AtomicUsize,
    execute: impl Fn(&mut SqliteConnection, Command) -> Result<Vec<Record>, StoreError>,
) {
    let mut batch = Vec::with_capacity(1);
    while queue.take(1, &mut batch) {
        for Job { command, reply } in batch.drain(..) {
            in_use.fetch_add(1, Ordering::Relaxed);
            let result = execute(&mut connection, command);
            in_use.fetch_sub(1, Ordering::Relaxed);
            // The client may have gone; its work was done like anyone's.
            let _ = reply.send(result);
        }
    }
}

/// Serves all writes that wait as one transaction, until the queue is closed.
///
/// A write that breaks a constraint undoes itself alone. Answers leave after the commit.
fn serve_in_groups(mut connection: SqliteConnection, queue: &WorkQueue<Job>, in_use: &AtomicUsize) {
    let mut batch = Vec::new();
    let mut results = Vec::new();
    while queue.take(COMMIT_GROUP_MAX, &mut batch) {
        in_use.fetch_add(1, Ordering::Relaxed);
        let begun = ready(connection.query("BEGIN IMMEDIATE", &[]));
        for Job { command, reply } in batch.drain(..) {
            let result = match &begun {
                Ok(_) => ready(tuned::execute(&mut connection, command)),
                Err(error) => Err(error.clone()),
            };
            results.push((result, reply));
        }
        let committed = begun.and_then(|_| ready(connection.query("COMMIT", &[])));
        if committed.is_err() {
            // Without an open transaction this fails, which is as good.
            let _ = ready(connection.query("ROLLBACK", &[]));
        }
        in_use.fetch_sub(1, Ordering::Relaxed);
        for (result, reply) in results.drain(..) {
            let _ = reply.send(match &committed {
                Ok(_) => result,
                Err(error) => Err(error.clone()),
            });
        }
    }
}

/// The value of a future over a SQLite connection, which never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a SQLite connection answers within the call"),
    }
}

/// A connection that prepares each statement once (tuned) or each time (naive).
#[derive(Debug)]
struct SqliteConnection {
    connection: Connection,
    keeps_statements: bool,
}

fn open_connection(path: &Path, profile: Profile) -> rusqlite::Result<SqliteConnection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_CAPACITY);
    connection.execute_batch(&schema::session_script(Dialect::Sqlite, profile))?;
    Ok(SqliteConnection {
        connection,
        keeps_statements: profile == Profile::Tuned,
    })
}

/// Takes an empty file or one made by this backend; refuses any other before touching it.
fn claim_file(connection: &Connection) -> Result<(), SqliteOpenError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let is_empty = number("SELECT COUNT(*) FROM sqlite_schema")? == 0;
    if !is_empty && number("PRAGMA application_id")? != APPLICATION_ID {
        return Err(SqliteOpenError::ForeignFile);
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

impl SqlConnection for SqliteConnection {
    async fn query(
        &mut self,
        sql: &str,
        parameters: &[FieldValue],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = if self.keeps_statements {
            let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
            collect_rows(&mut statement, parameters)
        } else {
            let mut statement = self.connection.prepare(sql).map_err(store_error)?;
            collect_rows(&mut statement, parameters)
        };
        rows.map_err(store_error)
    }

    async fn run_script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(store_error)
    }
}

fn collect_rows(
    statement: &mut rusqlite::Statement<'_>,
    parameters: &[FieldValue],
) -> rusqlite::Result<Vec<Row>> {
    let column_count = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut collected = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(column_count + 1);
        for index in 0..column_count {
            values.push(match row.get_ref(index)? {
                ValueRef::Integer(number) => FieldValue::Integer(number),
                ValueRef::Text(bytes) => {
                    FieldValue::Text(String::from_utf8_lossy(bytes).into_owned())
                }
                // No column holds anything else but an author's name whose user is gone.
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => {
                    FieldValue::Text(String::new())
                }
            });
        }
        collected.push(values);
    }
    Ok(collected)
}

impl ToSql for FieldValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            FieldValue::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            FieldValue::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            FieldValue::Unchanged => ToSqlOutput::Owned(Value::Null),
        })
    }
}

fn store_error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error().map(|error| error.extended_code) {
        // The schema has one reference and one uniqueness beside the keys.
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => StoreError::UnknownUser,
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE) => StoreError::DuplicateEmail,
        _ => StoreError::Database(error.to_string()),
    }
}
