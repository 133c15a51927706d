//! A generator that is itself the limit says so.

use crate::program::Place;
use crate::server::Server;

#[test]
fn a_load_that_no_machine_can_send_is_invalid() {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    let arguments = [
        "run",
        &url,
        "-r",
        "10000000/s",
        "-d",
        "1s",
        "-q",
        "--json",
        "--max-users",
        "20",
        // One thread, so that a machine of many cores cannot send it either.
        "--threads",
        "1",
        "--limit",
        "throughput > 4000000/s",
    ];
    let summary = place.run(&arguments).expect(97).json();
    assert_eq!(summary["verdict"], "invalid");
    assert_eq!(summary["generator"]["valid"], false);
}
