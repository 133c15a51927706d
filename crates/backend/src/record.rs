//! Records and their JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::collection::{Collection, Kind};
use crate::timestamp::rfc3339;

/// A value of a column or of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldValue {
    Integer(i64),
    Text(String),
    /// Only as a parameter of an update: the field keeps its value.
    Unchanged,
}

/// One row: the id and a value for each field of the collection, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: i64,
    pub(crate) values: Vec<FieldValue>,
}

impl Record {
    /// The value of the first field of `kind`, if it is a whole number.
    pub(crate) fn integer(&self, collection: Collection, kind: Kind) -> Option<i64> {
        let index = collection
            .fields()
            .iter()
            .position(|field| field.kind == kind)?;
        match self.values.get(index) {
            Some(FieldValue::Integer(value)) => Some(*value),
            _ => None,
        }
    }
}

/// A record as clients see it.
pub(crate) struct RecordJson<'a> {
    pub(crate) collection: Collection,
    pub(crate) record: &'a Record,
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.collection.fields();
        let mut map = serializer.serialize_map(Some(fields.len() + 1))?;
        map.serialize_entry("id", &self.record.id)?;
        for (field, value) in fields.iter().zip(&self.record.values) {
            match value {
                FieldValue::Integer(seconds) if field.kind == Kind::CreatedAt => {
                    map.serialize_entry(field.name, &rfc3339(*seconds))?;
                }
                FieldValue::Integer(number) => map.serialize_entry(field.name, number)?,
                FieldValue::Text(text) => map.serialize_entry(field.name, text)?,
                FieldValue::Unchanged => map.serialize_entry(field.name, &())?,
            }
        }
        map.end()
    }
}

/// One page of records as clients see it.
pub(crate) struct PageJson<'a> {
    pub(crate) collection: Collection,
    pub(crate) records: &'a [Record],
    /// Number of this page, from 1 on.
    pub(crate) page: i64,
    pub(crate) page_size: i64,
    /// True if records follow after this page.
    pub(crate) has_next: bool,
}

impl PageJson<'_> {
    fn link(&self, page: i64) -> String {
        format!(
            "{}?page={page}&page_size={}",
            self.collection.path(),
            self.page_size
        )
    }
}

impl Serialize for PageJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items: Vec<RecordJson<'_>> = self
            .records
            .iter()
            .map(|record| RecordJson {
                collection: self.collection,
                record,
            })
            .collect();
        let next = self.has_next.then(|| self.link(self.page + 1));
        let previous = (self.page > 1).then(|| self.link(self.page - 1));
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("items", &items)?;
        map.serialize_entry("page", &self.page)?;
        map.serialize_entry("page_size", &self.page_size)?;
        map.serialize_entry("next", &next)?;
        map.serialize_entry("previous", &previous)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_links_to_its_neighbours() {
        let record = Record {
            id: 7,
            values: vec![
                FieldValue::Text("T".into()),
                FieldValue::Text("A".into()),
                FieldValue::Integer(1999),
            ],
        };
        let page = PageJson {
            collection: Collection::Books,
            records: &[record],
            page: 2,
            page_size: 1,
            has_next: true,
        };
        assert_eq!(
            serde_json::to_string(&page).unwrap(),
            r#"{"items":[{"id":7,"title":"T","author":"A","year":1999}],"page":2,"page_size":1,"#
                .to_owned()
                + r#""next":"/books/?page=3&page_size=1","previous":"/books/?page=1&page_size=1"}"#
        );
    }
}
