//! Errors are counted one by one, as the server counts them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use loadline_analysis::{Reason, binomial_at_least};
use loadline_backend::{Backend, BackendOptions, Database, Profile};
use loadline_events::ErrorKind;

use crate::measured::{alone, measure};

/// Requests of the backend that were answered with `status`, as it says itself.
fn counted_by(backend: SocketAddr, status: u16) -> u64 {
    let mut stream = TcpStream::connect(backend).unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {backend}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let mark = format!("route=\"/posts/\",status=\"{status}\"}} ");
    text.lines()
        .filter(|line| line.starts_with("http_requests_total"))
        .find_map(|line| line.split_once(&mark))
        .map_or(0, |(_, count)| count.trim().parse().unwrap())
}

#[test]
fn a_known_share_of_errors_is_found() {
    let _alone = alone();
    let work = tempfile::tempdir().unwrap();
    let backend = Backend::start(BackendOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: Database::Sqlite(work.path().join("backend.sqlite")),
        profile: Profile::Tuned,
        faults: vec!["errors=5%".parse().unwrap()],
    })
    .unwrap();
    let measured = measure(
        backend.address(),
        "{rate: 300/s, for: 5s}",
        "[{get: /posts/}]",
    );

    let totals = &measured.analysis.totals;
    let failed = measured.requests().filter(|sample| sample.is_error());
    let failed = failed.count() as u64;
    assert_eq!(totals.samples, 1500);
    assert_eq!(counted_by(backend.address(), 500), failed);
    assert_eq!(counted_by(backend.address(), 200), 1500 - failed);
    assert_eq!(totals.errors, failed);
    assert_eq!(
        totals.error_rate.as_ref().unwrap().value,
        failed as f64 / 1500.0
    );
    // The exact interval (Clopper and Pearson) holds the share that the backend was told.
    let at_least = binomial_at_least(failed, 1500, 0.05);
    let at_most = 1.0 - binomial_at_least(failed + 1, 1500, 0.05);
    assert!(
        at_least > 0.025 && at_most > 0.025,
        "{failed} errors of 1500"
    );

    let [class] = &measured.analysis.errors[..] else {
        panic!("{:?}", measured.analysis.errors);
    };
    assert_eq!(
        (class.kind, class.status, class.count),
        (ErrorKind::Status, 500, failed)
    );
    // A few seconds are no ground for an interval, and none is claimed.
    let step = measured.analysis.steps[0]
        .stats
        .error_rate
        .as_ref()
        .unwrap();
    assert_eq!((step.low, step.high), (None, None));
    assert!(
        matches!(step.reason, Some(Reason::TooShort { .. })),
        "{step:?}"
    );
}
