//! The naive profile: real mistakes that real backends make, over one connection behind one lock.
//!
//! - Missing indexes: the tables of users and books have no key (as after an import from elsewhere),
//!   so each look-up by id or e-mail address reads the whole table.
//! - One query per row: a page of posts asks for the author of each post by itself, and each time
//!   reads the whole table of users.
//! - Whole-table pages: pages of users and books read all rows and cut the page out in memory.
//! - Statements are put together as text and prepared anew for each call; writes check first, then
//!   write, then read back what they wrote.
//! - A short queue in front of the one connection (with SQLite): when [`WAITING_MAX`] requests wait,
//!   further ones are turned away with 503.
//!
//! The cost of these mistakes hangs on the number of users and books, not on the number of posts
//! (which have their primary key), so that the backend does not become slower while a test adds
//! posts. Durability is the same as in the tuned profile: the disk of the machine decides nothing.

use crate::collection::{Collection, Kind};
use crate::record::{FieldValue, Record};
use crate::store::sql::{SqlConnection, assignments, placeholders, record_of, stored_columns};
use crate::store::{Command, StoreError};

/// Requests that may wait for the one connection: at about a thousand answers a second, those at
/// the end of the queue wait for almost half a second.
pub(crate) const WAITING_MAX: usize = 450;

/// Carries out one command, with as many statements as come to mind.
pub(crate) async fn execute<C: SqlConnection>(
    connection: &mut C,
    command: Command,
) -> Result<Vec<Record>, StoreError> {
    match command {
        Command::List {
            collection: Collection::Posts,
            offset,
            limit,
        } => list_posts(connection, offset, limit).await,
        Command::List {
            collection,
            offset,
            limit,
        } => list_whole_table(connection, collection, offset, limit).await,
        Command::Get { collection, id } => get(connection, collection, id).await,
        Command::Create { collection, values } => create(connection, collection, values).await,
        Command::Update {
            collection,
            id,
            values,
        } => update(connection, collection, id, values).await,
        Command::Delete { collection, id } => delete(connection, collection, id).await,
    }
}

async fn list_posts<C: SqlConnection>(
    connection: &mut C,
    offset: i64,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let columns = stored_columns(Collection::Posts);
    let sql = format!("SELECT {columns} FROM posts ORDER BY id DESC LIMIT $1 OFFSET $2");
    let parameters = [FieldValue::Integer(limit), FieldValue::Integer(offset)];
    let rows = connection.query(&sql, &parameters).await?;
    let mut posts = Vec::with_capacity(rows.len());
    for row in rows {
        let post = record_of(row)?;
        posts.push(with_author(connection, post).await?);
    }
    Ok(posts)
}

/// Adds the name of its author to a post, with one more query.
async fn with_author<C: SqlConnection>(
    connection: &mut C,
    mut post: Record,
) -> Result<Record, StoreError> {
    let user_id = post
        .integer(Collection::Posts, Kind::UserId)
        .ok_or_else(|| StoreError::Database(format!("post {} has no user", post.id)))?;
    let author = find(connection, Collection::Users, user_id).await?;
    let name = author.and_then(|user| user.values.into_iter().next());
    post.values
        .push(name.unwrap_or(FieldValue::Text(String::new())));
    Ok(post)
}

async fn list_whole_table<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    offset: i64,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let columns = stored_columns(collection);
    let sql = format!(
        "SELECT {columns} FROM {} ORDER BY {}",
        collection.plural(),
        collection.order()
    );
    let all: Vec<Record> = connection
        .query(&sql, &[])
        .await?
        .into_iter()
        .map(record_of)
        .collect::<Result<_, _>>()?;
    let bound = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(all
        .into_iter()
        .skip(bound(offset))
        .take(bound(limit))
        .collect())
}

async fn get<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    id: i64,
) -> Result<Vec<Record>, StoreError> {
    let Some(record) = find(connection, collection, id).await? else {
        return Ok(Vec::new());
    };
    if collection == Collection::Posts {
        return Ok(vec![with_author(connection, record).await?]);
    }
    Ok(vec![record])
}

/// The stored columns of one record.
async fn find<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    id: i64,
) -> Result<Option<Record>, StoreError> {
    let columns = stored_columns(collection);
    let sql = format!(
        "SELECT {columns} FROM {} WHERE id = $1",
        collection.plural()
    );
    let rows = connection.query(&sql, &[FieldValue::Integer(id)]).await?;
    rows.into_iter().next().map(record_of).transpose()
}

async fn create<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    values: Vec<FieldValue>,
) -> Result<Vec<Record>, StoreError> {
    check_constraints(connection, collection, None, &values).await?;
    let table = collection.plural();
    let columns = stored_columns(collection);
    let rows = if collection == Collection::Posts {
        let columns_without_id = columns.trim_start_matches("id, ");
        let numbers = placeholders(1, values.len());
        let sql =
            format!("INSERT INTO {table} ({columns_without_id}) VALUES ({numbers}) RETURNING id");
        connection.query(&sql, &values).await?
    } else {
        // Without a key the next id is a search too.
        let highest = connection
            .query(&format!("SELECT COALESCE(MAX(id), 0) FROM {table}"), &[])
            .await?;
        let Some(FieldValue::Integer(highest)) = highest.first().and_then(|row| row.first()) else {
            return Err(StoreError::Database(format!("{table} has no highest id")));
        };
        let numbers = placeholders(1, values.len() + 1);
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({numbers}) RETURNING id");
        let mut parameters = vec![FieldValue::Integer(highest + 1)];
        parameters.extend(values);
        connection.query(&sql, &parameters).await?
    };
    match rows.first().and_then(|row| row.first()) {
        Some(FieldValue::Integer(id)) => get(connection, collection, *id).await,
        _ => Err(StoreError::Database(format!("{table} gave no id"))),
    }
}

async fn update<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    id: i64,
    mut values: Vec<FieldValue>,
) -> Result<Vec<Record>, StoreError> {
    if find(connection, collection, id).await?.is_none() {
        return Ok(Vec::new());
    }
    check_constraints(connection, collection, Some(id), &values).await?;
    let sql = format!(
        "UPDATE {} SET {} WHERE id = ${}",
        collection.plural(),
        assignments(collection),
        values.len() + 1
    );
    values.push(FieldValue::Integer(id));
    connection.query(&sql, &values).await?;
    get(connection, collection, id).await
}

async fn delete<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    id: i64,
) -> Result<Vec<Record>, StoreError> {
    let removed = get(connection, collection, id).await?;
    if removed.is_empty() {
        return Ok(removed);
    }
    let parameters = [FieldValue::Integer(id)];
    if collection == Collection::Users {
        connection
            .query("DELETE FROM posts WHERE user_id = $1", &parameters)
            .await?;
    }
    let sql = format!("DELETE FROM {} WHERE id = $1", collection.plural());
    connection.query(&sql, &parameters).await?;
    Ok(removed)
}

/// What the tuned profile leaves to the database: does the user exist, is the address free?
///
/// `own_id` is the record that is updated, which may keep its address.
async fn check_constraints<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    own_id: Option<i64>,
    values: &[FieldValue],
) -> Result<(), StoreError> {
    for (field, value) in collection.fields().iter().zip(values) {
        match (field.kind, value) {
            (Kind::UserId, FieldValue::Integer(user_id)) => {
                find(connection, Collection::Users, *user_id)
                    .await?
                    .ok_or(StoreError::UnknownUser)?;
            }
            (Kind::Email, FieldValue::Text(_)) => {
                let sql = "SELECT id FROM users WHERE email = $1";
                let rows = connection.query(sql, std::slice::from_ref(value)).await?;
                let is_other =
                    |row: &Vec<FieldValue>| row.first() != own_id.map(FieldValue::Integer).as_ref();
                if rows.iter().any(is_other) {
                    return Err(StoreError::DuplicateEmail);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
