//! The data that a backend starts with: the same each time, in both profiles and databases.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::collection::Collection;
use crate::options::Profile;
use crate::record::FieldValue;
use crate::store::StoreError;
use crate::store::sql::{SqlConnection, placeholders, stored_columns};

/// Users, with the ids 1 to this.
///
/// Reading them all takes the naive profile about 0.12 ms on a core of 2024, and one list, one new
/// post and one user in turn do it about 25 times: some 0.9 ms of its lock per request.
pub(crate) const USER_COUNT: i64 = 6500;
/// Posts, with the ids 1 to this.
pub(crate) const POST_COUNT: i64 = 5000;
/// Books, with the ids 1 to this.
pub(crate) const BOOK_COUNT: i64 = 500;

/// Any number does, as long as it never changes.
const SEED: u64 = 0x10AD_11E5;
/// Rows per statement: few enough for the 65,535 parameters of PostgreSQL.
const ROWS_PER_INSERT: usize = 500;
/// 2024-01-01T00:00:00Z: the first post. Later ones follow within minutes.
const FIRST_POST_AT: i64 = 1_704_067_200;

/// Fills empty tables.
pub(crate) async fn fill<C: SqlConnection>(
    connection: &mut C,
    profile: Profile,
) -> Result<(), StoreError> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let users: Vec<_> = (1..=USER_COUNT).map(|id| user(&mut random, id)).collect();
    insert(connection, Collection::Users, profile, users).await?;
    let mut created_at = FIRST_POST_AT;
    let posts: Vec<_> = (1..=POST_COUNT)
        .map(|_| {
            created_at += random.random_range(20..400);
            post(&mut random, created_at)
        })
        .collect();
    insert(connection, Collection::Posts, profile, posts).await?;
    let books: Vec<_> = (1..=BOOK_COUNT).map(|_| book(&mut random)).collect();
    insert(connection, Collection::Books, profile, books).await
}

/// Inserts rows of the stored fields; ids count from 1 on.
async fn insert<C: SqlConnection>(
    connection: &mut C,
    collection: Collection,
    profile: Profile,
    rows: Vec<Vec<FieldValue>>,
) -> Result<(), StoreError> {
    // Tables with a key number their rows themselves, so that they go on from the last one.
    let has_key = profile == Profile::Tuned || collection == Collection::Posts;
    let columns = stored_columns(collection);
    let columns = if has_key {
        columns.trim_start_matches("id, ")
    } else {
        &columns
    };
    let mut next_id = 1;
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut parameters = Vec::new();
        let mut tuples = Vec::new();
        for row in chunk {
            let first = parameters.len() + 1;
            if !has_key {
                parameters.push(FieldValue::Integer(next_id));
            }
            parameters.extend_from_slice(row);
            tuples.push(format!("({})", placeholders(first, parameters.len())));
            next_id += 1;
        }
        let sql = format!(
            "INSERT INTO {} ({columns}) VALUES {}",
            collection.plural(),
            tuples.join(", ")
        );
        connection.query(&sql, &parameters).await?;
    }
    Ok(())
}

fn user(random: &mut ChaCha8Rng, id: i64) -> Vec<FieldValue> {
    let (first, last) = (pick(random, FIRST_NAMES), pick(random, LAST_NAMES));
    let email = format!(
        "{}.{}.{id}@example.org",
        first.to_lowercase(),
        last.to_lowercase()
    );
    vec![
        FieldValue::Text(format!("{first} {last}")),
        FieldValue::Text(email),
    ]
}

fn post(random: &mut ChaCha8Rng, created_at: i64) -> Vec<FieldValue> {
    let title_words = random.random_range(3..8);
    let body_words = random.random_range(15..40);
    vec![
        FieldValue::Text(sentence(random, title_words)),
        FieldValue::Text(sentence(random, body_words)),
        FieldValue::Integer(random.random_range(1..=USER_COUNT)),
        FieldValue::Integer(created_at),
    ]
}

fn book(random: &mut ChaCha8Rng) -> Vec<FieldValue> {
    let title_words = random.random_range(2..6);
    let title = sentence(random, title_words);
    let author = format!("{} {}", pick(random, FIRST_NAMES), pick(random, LAST_NAMES));
    let year = random.random_range(1850..=2024);
    vec![
        FieldValue::Text(title),
        FieldValue::Text(author),
        FieldValue::Integer(year),
    ]
}

/// `word_count` words, the first with a capital letter.
fn sentence(random: &mut ChaCha8Rng, word_count: usize) -> String {
    let mut text = String::new();
    for index in 0..word_count {
        let word = pick(random, WORDS);
        if index == 0 {
            let (head, tail) = word.split_at(1);
            text.push_str(&head.to_uppercase());
            text.push_str(tail);
        } else {
            text.push(' ');
            text.push_str(word);
        }
    }
    text
}

fn pick(random: &mut ChaCha8Rng, words: &[&'static str]) -> &'static str {
    words
        .choose(random)
        .copied()
        .expect("the word lists are not empty")
}

const FIRST_NAMES: &[&str] = &[
    "Ada", "Alan", "Amira", "Barbara", "Chen", "Dalia", "Edsger", "Emil", "Farid", "Grace", "Hana",
    "Ines", "Ivan", "Joan", "Kofi", "Leila", "Linus", "Mei", "Niklaus", "Olga", "Priya", "Radia",
    "Sofia", "Tariq",
];

const LAST_NAMES: &[&str] = &[
    "Adeyemi", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito",
    "Jansen", "Kowalski", "Larsen", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi",
    "Silva", "Tanaka", "Usman", "Vogel", "Weber", "Young",
];

const WORDS: &[&str] = &[
    "answer", "arrives", "autumn", "bridge", "calm", "carries", "clear", "cloud", "counts",
    "distant", "early", "every", "falls", "field", "follows", "garden", "gentle", "harbour",
    "holds", "island", "keeps", "lantern", "letter", "light", "line", "market", "measure",
    "morning", "mountain", "narrow", "opens", "paper", "patient", "quiet", "rain", "reaches",
    "river", "road", "season", "signal", "silver", "slow", "station", "stone", "story", "summer",
    "table", "through", "tide", "train", "under", "valley", "waits", "walks", "water", "window",
    "winter", "without", "wooden", "yellow",
];
