//! `/proc/net/netstat`, of which only the listening queues are of interest here.

/// Overflows and drops of all listening sockets since the machine started, from the text of
/// `/proc/net/netstat`; `None` if the rows are not there.
pub(crate) fn listen_overflows(text: &str) -> Option<u64> {
    let mut rows = text.lines().filter(|line| line.starts_with("TcpExt:"));
    let (names, values) = (rows.next()?, rows.next()?);
    let mut fields = names.split_whitespace().zip(values.split_whitespace());
    // Every overflow is also a drop, so drops alone count each lost connection once.
    fields
        .find(|(name, _)| *name == "ListenDrops")?
        .1
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_are_found_by_name() {
        let text = "TcpExt: A ListenOverflows ListenDrops B\nTcpExt: 1 2 3 4\nIpExt: X\nIpExt: 9\n";
        assert_eq!(listen_overflows(text), Some(3));
        assert_eq!(listen_overflows("IpExt: X\nIpExt: 9\n"), None);
        assert_eq!(listen_overflows(""), None);
    }
}
