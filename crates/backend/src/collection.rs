//! The three collections and their fields.
//!
//! One table decides what is stored, validated, answered and described in `/openapi.json`, so the
//! description cannot drift from the behaviour.

/// A kind of resource that the backend keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collection {
    Posts,
    Users,
    Books,
}

/// One field of a record, beside its `id`.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// What a field holds and who sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text with a least and a greatest number of characters.
    Text { min: usize, max: usize },
    /// An address with one `@`, unique among users.
    Email,
    /// A whole number within bounds, both included.
    Integer { min: i64, max: i64 },
    /// The id of an existing user.
    UserId,
    /// Seconds since 1970, set by the server when the record is created.
    CreatedAt,
    /// The name of the user in `user_id`; read from there, not stored.
    UserName,
}

impl Kind {
    /// True if clients set it.
    pub(crate) fn is_writable(self) -> bool {
        !matches!(self, Kind::CreatedAt | Kind::UserName)
    }

    /// True if it is a column of the collection's own table.
    pub(crate) fn is_stored(self) -> bool {
        self != Kind::UserName
    }
}

/// Longest e-mail address, in characters (RFC 5321 allows a path of 256 with its brackets).
pub(crate) const EMAIL_MAX: usize = 254;

const POST_FIELDS: &[Field] = &[
    Field {
        name: "title",
        kind: Kind::Text { min: 1, max: 200 },
    },
    Field {
        name: "body",
        kind: Kind::Text {
            min: 0,
            max: 10_000,
        },
    },
    Field {
        name: "user_id",
        kind: Kind::UserId,
    },
    Field {
        name: "created_at",
        kind: Kind::CreatedAt,
    },
    Field {
        name: "user_name",
        kind: Kind::UserName,
    },
];

const USER_FIELDS: &[Field] = &[
    Field {
        name: "name",
        kind: Kind::Text { min: 1, max: 100 },
    },
    Field {
        name: "email",
        kind: Kind::Email,
    },
];

const BOOK_FIELDS: &[Field] = &[
    Field {
        name: "title",
        kind: Kind::Text { min: 1, max: 200 },
    },
    Field {
        name: "author",
        kind: Kind::Text { min: 1, max: 100 },
    },
    Field {
        name: "year",
        kind: Kind::Integer { min: 0, max: 2100 },
    },
];

impl Collection {
    pub(crate) const ALL: [Collection; 3] =
        [Collection::Posts, Collection::Users, Collection::Books];

    /// Name of the table, such as `posts`.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Collection::Posts => "posts",
            Collection::Users => "users",
            Collection::Books => "books",
        }
    }

    /// Path of the whole collection, such as `/posts/`.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Collection::Posts => "/posts/",
            Collection::Users => "/users/",
            Collection::Books => "/books/",
        }
    }

    /// Path of one record as a template, such as `/posts/{id}/`.
    pub(crate) fn record_path(self) -> &'static str {
        match self {
            Collection::Posts => "/posts/{id}/",
            Collection::Users => "/users/{id}/",
            Collection::Books => "/books/{id}/",
        }
    }

    /// Name of one record, such as `post`.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Collection::Posts => "post",
            Collection::Users => "user",
            Collection::Books => "book",
        }
    }

    /// All fields but the id; those that are not stored stand last.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Collection::Posts => POST_FIELDS,
            Collection::Users => USER_FIELDS,
            Collection::Books => BOOK_FIELDS,
        }
    }

    /// Fields that clients set, in order.
    pub(crate) fn writable_fields(self) -> impl Iterator<Item = &'static Field> {
        self.fields()
            .iter()
            .filter(|field| field.kind.is_writable())
    }

    /// Fields with a column, in order.
    pub(crate) fn stored_fields(self) -> impl Iterator<Item = &'static Field> {
        self.fields().iter().filter(|field| field.kind.is_stored())
    }

    /// Order of its pages: posts newest first, the others by id.
    pub(crate) fn order(self) -> &'static str {
        match self {
            Collection::Posts => "id DESC",
            Collection::Users | Collection::Books => "id ASC",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_not_stored_stand_last() {
        // Rows are the id and the stored columns; what is joined comes behind.
        for collection in Collection::ALL {
            let stored: Vec<bool> = collection
                .fields()
                .iter()
                .map(|field| field.kind.is_stored())
                .collect();
            assert!(
                stored.is_sorted_by(|left, right| left >= right),
                "{collection:?}"
            );
        }
    }
}
