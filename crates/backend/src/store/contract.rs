//! What the HTTP side asks of a database, whichever it is.

use std::future::Future;
use std::pin::Pin;

use crate::collection::Collection;
use crate::record::{FieldValue, Record};

/// A database with a profile's way of using it.
pub(crate) trait Store: Send + Sync {
    /// Carries out `command` and returns the records that it read, wrote or removed.
    ///
    /// None means that the record of this id does not exist (or that the page is empty).
    fn execute(&self, command: Command) -> PendingRecords<'_>;

    /// How the connections are used at this moment.
    fn pool_usage(&self) -> PoolUsage;
}

/// The records of a command, once the database has them.
pub(crate) type PendingRecords<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Record>, StoreError>> + Send + 'a>>;

/// One operation on one collection.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    /// At most `limit` records after the first `offset`, in the collection's order.
    List {
        collection: Collection,
        offset: i64,
        limit: i64,
    },
    Get {
        collection: Collection,
        id: i64,
    },
    /// `values` for all stored fields.
    Create {
        collection: Collection,
        values: Vec<FieldValue>,
    },
    /// `values` for all writable fields.
    Update {
        collection: Collection,
        id: i64,
        values: Vec<FieldValue>,
    },
    /// Deleting a user deletes the user's posts.
    Delete {
        collection: Collection,
        id: i64,
    },
}

impl Command {
    /// True if it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        matches!(self, Command::List { .. } | Command::Get { .. })
    }
}

/// Why a command was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The client can choose an existing user.
    #[error("the user does not exist")]
    UnknownUser,
    /// The client can choose another address.
    #[error("the e-mail address is taken")]
    DuplicateEmail,
    /// Too many commands wait; the client can come back later.
    #[error("too many requests wait for the database")]
    QueueFull,
    /// The database failed; only its operator can help.
    #[error("database: {0}")]
    Database(String),
}

/// Connections to the database: how many there are, work, and are waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PoolUsage {
    pub(crate) size: usize,
    pub(crate) in_use: usize,
    pub(crate) waiting: usize,
}
