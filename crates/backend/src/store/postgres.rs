//! The store over PostgreSQL: a pool of connections, of one in the naive profile.
//!
//! All tables live in a schema of their own, made anew at each start; two backends on one database
//! would take it from each other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement};

use crate::options::Profile;
use crate::record::{FieldValue, Record};
use crate::store::schema::{self, Dialect};
use crate::store::sql::{Row, SqlConnection};
use crate::store::{Command, PendingRecords, PoolUsage, Store, StoreError};
use crate::store::{naive, seed, tuned};

/// Connections of the tuned profile: a few per core of a small server, below its default limit of
/// 100 for all clients.
const TUNED_POOL_SIZE: usize = 8;
/// Requests that wait for a connection at most; see the queue of the SQLite store.
const WAITING_MAX: usize = 16_384;

/// See the module header.
pub(crate) struct PostgresStore {
    url: String,
    profile: Profile,
    size: usize,
    /// One permit per connection, handed out first come, first served.
    permits: Semaphore,
    /// Connections nobody uses. A missing one is opened again by the next who needs it.
    idle: Mutex<Vec<PostgresConnection>>,
    /// Requests with a permit or waiting for one.
    pending: AtomicUsize,
}

impl PostgresStore {
    /// Makes the schema anew, fills it and opens the connections.
    pub(crate) async fn open(url: &str, profile: Profile) -> Result<PostgresStore, StoreError> {
        let size = match profile {
            Profile::Naive => 1,
            Profile::Tuned => TUNED_POOL_SIZE,
        };
        let mut first = PostgresConnection::open(url, profile).await?;
        first
            .run_script(&schema::script(Dialect::Postgres, profile))
            .await?;
        seed::fill(&mut first, profile).await?;
        first
            .run_script("ANALYZE users; ANALYZE posts; ANALYZE books;")
            .await?;
        let mut idle = vec![first];
        while idle.len() < size {
            idle.push(PostgresConnection::open(url, profile).await?);
        }
        Ok(PostgresStore {
            url: url.to_owned(),
            profile,
            size,
            permits: Semaphore::new(size),
            idle: Mutex::new(idle),
            pending: AtomicUsize::new(0),
        })
    }
}

impl PostgresStore {
    async fn execute_pooled(&self, command: Command) -> Result<Vec<Record>, StoreError> {
        let _pending = Pending::enter(&self.pending)?;
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| StoreError::Database("the pool is closed".to_owned()))?;
        let pooled = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut connection = match pooled {
            Some(connection) if !connection.client.is_closed() => connection,
            _ => PostgresConnection::open(&self.url, self.profile).await?,
        };
        let result = match self.profile {
            Profile::Naive => naive::execute(&mut connection, command).await,
            Profile::Tuned => tuned::execute(&mut connection, command).await,
        };
        // A request that is dropped above takes its connection along; the next opens another.
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        result
    }
}

impl Store for PostgresStore {
    fn execute(&self, command: Command) -> PendingRecords<'_> {
        Box::pin(self.execute_pooled(command))
    }

    fn pool_usage(&self) -> PoolUsage {
        let in_use = self.size - self.permits.available_permits();
        let waiting = self.pending.load(Ordering::Relaxed).saturating_sub(in_use);
        PoolUsage {
            size: self.size,
            in_use,
            waiting,
        }
    }
}

/// Counts a request from its arrival at the pool to its end.
struct Pending<'a>(&'a AtomicUsize);

impl<'a> Pending<'a> {
    fn enter(count: &'a AtomicUsize) -> Result<Pending<'a>, StoreError> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let pending = Pending(count);
        if before < WAITING_MAX {
            Ok(pending)
        } else {
            Err(StoreError::QueueFull)
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that prepares each statement once (tuned) or each time (naive).
struct PostgresConnection {
    client: Client,
    kept_statements: Option<HashMap<String, Statement>>,
}

impl PostgresConnection {
    async fn open(url: &str, profile: Profile) -> Result<PostgresConnection, StoreError> {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .map_err(store_error)?;
        // It ends with its client, or tells the client why it ended.
        tokio::spawn(connection);
        client
            .batch_execute(&schema::session_script(Dialect::Postgres, profile))
            .await
            .map_err(store_error)?;
        let kept_statements = (profile == Profile::Tuned).then(HashMap::new);
        Ok(PostgresConnection {
            client,
            kept_statements,
        })
    }

    async fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.kept_statements.as_ref().and_then(|kept| kept.get(sql)) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await.map_err(store_error)?;
        if let Some(kept) = &mut self.kept_statements {
            // The profile has a fixed set of statements, so this cannot grow without end.
            kept.insert(sql.to_owned(), statement.clone());
        }
        Ok(statement)
    }
}

impl SqlConnection for PostgresConnection {
    async fn query(
        &mut self,
        sql: &str,
        parameters: &[FieldValue],
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql).await?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters
            .iter()
            .zip(statement.params())
            .map(|(value, column_type)| parameter(value, column_type))
            .collect();
        let rows = self
            .client
            .query(&statement, &parameters)
            .await
            .map_err(store_error)?;
        rows.iter().map(row_values).collect()
    }

    async fn run_script(&mut self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).await.map_err(store_error)
    }
}

fn row_values(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(row.len() + 1);
    for (index, column) in row.columns().iter().enumerate() {
        values.push(if *column.type_() == Type::INT8 {
            FieldValue::Integer(row.try_get(index).map_err(store_error)?)
        } else {
            // Only an author's name can be null, when the user is gone.
            let text: Option<String> = row.try_get(index).map_err(store_error)?;
            FieldValue::Text(text.unwrap_or_default())
        });
    }
    Ok(values)
}

/// The parameter for a column; an unchanged field is a null of the column's type.
fn parameter<'a>(value: &'a FieldValue, column_type: &Type) -> &'a (dyn ToSql + Sync) {
    match value {
        FieldValue::Integer(number) => number,
        FieldValue::Text(text) => text,
        FieldValue::Unchanged if *column_type == Type::INT8 => &None::<i64>,
        FieldValue::Unchanged => &None::<&str>,
    }
}

fn store_error(error: tokio_postgres::Error) -> StoreError {
    match error.code() {
        // The schema has one reference and one uniqueness beside the keys.
        Some(code) if *code == SqlState::FOREIGN_KEY_VIOLATION => StoreError::UnknownUser,
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => StoreError::DuplicateEmail,
        // The message of the library names only the kind; the cause has what the server said.
        _ => StoreError::Database(match std::error::Error::source(&error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        }),
    }
}
