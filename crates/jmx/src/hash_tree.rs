//! The pairs of a `hashTree`: an element, then the tree of its children.

use roxmltree::Node;

/// One entry of a `hashTree`.
pub(crate) enum Entry<'a, 'text> {
    /// An element with the tree of its children.
    Element {
        /// The element.
        node: Node<'a, 'text>,
        /// Its children's tree; absent when the pairing is broken or the element ends the list.
        subtree: Option<Node<'a, 'text>>,
        /// Whether another element follows where the subtree should be: JMeter would take that one
        /// for the subtree and fails to load the file.
        unpaired: bool,
    },
    /// A tree without an element that it could belong to.
    Orphan(Node<'a, 'text>),
}

/// The entries of `tree`, in file order.
pub(crate) fn entries<'a, 'text>(tree: Node<'a, 'text>) -> Vec<Entry<'a, 'text>> {
    let mut entries = Vec::new();
    let mut children = tree.children().filter(Node::is_element).peekable();
    while let Some(node) = children.next() {
        if is_tree(node) {
            entries.push(Entry::Orphan(node));
            continue;
        }
        let subtree = children.next_if(|next| is_tree(*next));
        entries.push(Entry::Element {
            node,
            subtree,
            unpaired: subtree.is_none() && children.peek().is_some(),
        });
    }
    entries
}

/// All elements below `tree`, however deep, in file order.
///
/// It does not recurse, so the depth of a hostile file does not matter.
pub(crate) fn elements_below<'a, 'text>(tree: Node<'a, 'text>) -> Vec<Node<'a, 'text>> {
    let mut found = Vec::new();
    let mut open = vec![tree.children()];
    while let Some(level) = open.last_mut() {
        match level.next() {
            Some(node) if is_tree(node) => open.push(node.children()),
            Some(node) if node.is_element() => found.push(node),
            Some(_) => {}
            None => {
                open.pop();
            }
        }
    }
    found
}

/// Whether `node` is a `hashTree`.
pub(crate) fn is_tree(node: Node<'_, '_>) -> bool {
    node.has_tag_name("hashTree")
}
