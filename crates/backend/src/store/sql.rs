//! One SQL connection, and the statements that both profiles start from.
//!
//! SQLite and PostgreSQL differ only behind [`SqlConnection`]; what a profile does is written once
//! for both. Parameters are `$1`, `$2`... in the order of their first appearance, which both
//! databases number alike.

use std::future::Future;

use crate::collection::Collection;
use crate::record::{FieldValue, Record};
use crate::store::StoreError;

/// A connection that runs one statement at a time.
pub(crate) trait SqlConnection: Send {
    /// Runs one statement to its end and returns its rows.
    fn query(
        &mut self,
        sql: &str,
        parameters: &[FieldValue],
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// Runs several statements without parameters or rows.
    fn run_script(&mut self, sql: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The values of one row, in the order of its columns.
pub(crate) type Row = Vec<FieldValue>;

/// A record from a row that starts with the id.
pub(crate) fn record_of(mut row: Row) -> Result<Record, StoreError> {
    let values = row.split_off(row.len().min(1));
    match row.pop() {
        Some(FieldValue::Integer(id)) => Ok(Record { id, values }),
        _ => Err(StoreError::Database(
            "a row does not start with its id".to_owned(),
        )),
    }
}

/// `id, title, ...`: the id and the stored columns.
pub(crate) fn stored_columns(collection: Collection) -> String {
    let mut columns = "id".to_owned();
    for field in collection.stored_fields() {
        columns.push_str(", ");
        columns.push_str(field.name);
    }
    columns
}

/// `title = COALESCE($1, title), ...` for the writable columns: an absent value changes nothing.
pub(crate) fn assignments(collection: Collection) -> String {
    collection
        .writable_fields()
        .enumerate()
        .map(|(index, field)| format!("{0} = COALESCE(${1}, {0})", field.name, index + 1))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `$first, ..., $last`.
pub(crate) fn placeholders(first: usize, last: usize) -> String {
    (first..=last)
        .map(|number| format!("${number}"))
        .collect::<Vec<_>>()
        .join(", ")
}
