//! The order in which JMeter tells the request headers of Java's own client: that of a Java
//! `HashMap`, which the client fills from its last header to its first.
//!
//! Not here: the order in which they are sent (see `head`).

/// The header `lines`, each ended by `\n`, in that order; the user's name and password come last.
pub(crate) fn as_told(lines: &[u8]) -> Vec<u8> {
    let mut named: Vec<(&[u8], Vec<&[u8]>)> = Vec::new();
    let mut last: Vec<&[u8]> = Vec::new();
    let all: Vec<&[u8]> = lines.split_inclusive(|&byte| byte == b'\n').collect();
    for line in all.into_iter().rev() {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(b"authorization") {
            last.insert(0, line);
        } else if let Some((_, values)) = named.iter_mut().find(|(known, _)| *known == name) {
            values.push(line);
        } else {
            named.push((name, vec![line]));
        }
    }
    // A table of 16 places doubles when more than three quarters of them are taken.
    let mut places = 16;
    while named.len() * 4 > places * 3 {
        places *= 2;
    }
    named.sort_by_key(|(name, _)| place(name, places));
    let lines = named.into_iter().flat_map(|(_, values)| values);
    lines.chain(last).flatten().copied().collect()
}

/// Where a name stands in a table of so many places, a power of two.
fn place(name: &[u8], places: usize) -> usize {
    // `String.hashCode`, its high half mixed in as `HashMap` does.
    let hash = name.iter().fold(0u32, |hash, &byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    (hash ^ (hash >> 16)) as usize & (places - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_javas_table() {
        // As JMeter 5.6.3 writes it into a results file.
        let sent = b"Connection: c\nUser-Agent: u\nAccept: a\nX-A: 1\nX-A: 2\nHost: h\n";
        let told = b"Accept: a\nUser-Agent: u\nConnection: c\nHost: h\nX-A: 2\nX-A: 1\n";
        assert_eq!(as_told(sent), told);
    }

    #[test]
    fn names_and_passwords_come_last() {
        let told = as_told(b"Authorization: x\nConnection: c\n");
        assert_eq!(told, b"Connection: c\nAuthorization: x\n");
    }
}
