//! The tuned profile: each command is one statement, served from an index.
//!
//! The author's name comes with the post in the same statement, references and uniqueness are
//! constraints of the database, and the texts of the statements never change, so a connection
//! prepares each once. Pages of posts walk the primary key; the scalar subquery (rather than a
//! join) keeps the planner from walking users first.

use std::sync::LazyLock;

use crate::collection::Collection;
use crate::record::{FieldValue, Record};
use crate::store::sql::{SqlConnection, assignments, placeholders, record_of, stored_columns};
use crate::store::{Command, StoreError};

/// Carries out one command with one statement.
pub(crate) async fn execute<C: SqlConnection>(
    connection: &mut C,
    command: Command,
) -> Result<Vec<Record>, StoreError> {
    let (sql, parameters) = match command {
        Command::List {
            collection,
            offset,
            limit,
        } => (
            &statements(collection).list,
            vec![FieldValue::Integer(limit), FieldValue::Integer(offset)],
        ),
        Command::Get { collection, id } => {
            (&statements(collection).get, vec![FieldValue::Integer(id)])
        }
        Command::Create { collection, values } => (&statements(collection).create, values),
        Command::Update {
            collection,
            id,
            mut values,
        } => {
            values.push(FieldValue::Integer(id));
            (&statements(collection).update, values)
        }
        Command::Delete { collection, id } => (
            &statements(collection).delete,
            vec![FieldValue::Integer(id)],
        ),
    };
    connection
        .query(sql, &parameters)
        .await?
        .into_iter()
        .map(record_of)
        .collect()
}

struct Statements {
    list: String,
    get: String,
    create: String,
    update: String,
    delete: String,
}

fn statements(collection: Collection) -> &'static Statements {
    static POSTS: LazyLock<Statements> = LazyLock::new(|| Statements::of(Collection::Posts));
    static USERS: LazyLock<Statements> = LazyLock::new(|| Statements::of(Collection::Users));
    static BOOKS: LazyLock<Statements> = LazyLock::new(|| Statements::of(Collection::Books));
    match collection {
        Collection::Posts => &POSTS,
        Collection::Users => &USERS,
        Collection::Books => &BOOKS,
    }
}

impl Statements {
    fn of(collection: Collection) -> Statements {
        let table = collection.plural();
        let stored = stored_columns(collection);
        let columns = match collection {
            Collection::Posts => {
                format!("{stored}, (SELECT name FROM users WHERE users.id = posts.user_id)")
            }
            Collection::Users | Collection::Books => stored.clone(),
        };
        let stored_without_id = stored.trim_start_matches("id, ");
        let values = placeholders(1, collection.stored_fields().count());
        let id_number = collection.writable_fields().count() + 1;
        Statements {
            list: format!(
                "SELECT {columns} FROM {table} ORDER BY {} LIMIT $1 OFFSET $2",
                collection.order()
            ),
            get: format!("SELECT {columns} FROM {table} WHERE id = $1"),
            create: format!(
                "INSERT INTO {table} ({stored_without_id}) VALUES ({values}) RETURNING {columns}"
            ),
            update: format!(
                "UPDATE {table} SET {} WHERE id = ${id_number} RETURNING {columns}",
                assignments(collection)
            ),
            delete: format!("DELETE FROM {table} WHERE id = $1 RETURNING {columns}"),
        }
    }
}
