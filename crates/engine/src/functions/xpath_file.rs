//! `__XPath(file,expression)`: the nodes that an expression finds in a file, one at each call.
//!
//! All users share the place in the list; behind the last node comes the first one. What cannot be
//! read, or finds no nodes, gives an empty text, as in JMeter, which logs that.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use loadline_plan::program::Call;

use super::{argument, file};
use crate::Scope;
use crate::charset::decoded;
use crate::extract::{Markup, XPathValue};

/// The lists of a run by file and expression, and which node is next.
#[derive(Debug, Default)]
pub(super) struct NodeLists(Mutex<BTreeMap<(String, String), NodeList>>);

#[derive(Debug)]
struct NodeList {
    /// Values; an element without text has none.
    nodes: Vec<Option<String>>,
    next: usize,
}

/// The function.
pub(super) fn next_node(
    call: &Call,
    scope: &mut Scope<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let key = (
        argument(call, 0, scope).into_owned(),
        argument(call, 1, scope).into_owned(),
    );
    let functions = scope.functions;
    let lists = &functions.run().node_lists.0;
    let mut lists = lists.lock().unwrap_or_else(PoisonError::into_inner);
    if !lists.contains_key(&key) {
        let Some(nodes) = load(&key.0, &key.1, scope)? else {
            return Ok(());
        };
        lists.insert(key.clone(), NodeList { nodes, next: 0 });
    }
    let Some(list) = lists.get_mut(&key) else {
        return Ok(());
    };
    if let Some(node) = list.nodes.get(list.next) {
        // Java prints a node without value as `null`.
        out.extend_from_slice(node.as_deref().unwrap_or("null").as_bytes());
        list.next = (list.next + 1) % list.nodes.len();
    }
    Ok(())
}

fn load(
    path: &str,
    expression: &str,
    scope: &Scope<'_>,
) -> Result<Option<Vec<Option<String>>>, String> {
    let Some(bytes) = file::read_allowed(Path::new(path), scope)? else {
        return Ok(None);
    };
    let text = decoded(&bytes, "").unwrap_or_default();
    let Ok(xpath) = scope.functions.patterns.xpath(expression) else {
        return Ok(None);
    };
    Ok(
        match xpath.find(&text, Markup::Xml { namespaces: false }, false) {
            Ok(XPathValue::Nodes(nodes)) => Some(nodes),
            _ => None,
        },
    )
}
