//! `loadline find`: what it refuses, a whole search against a server that never breaks, and going on.

use crate::program::{Place, summary};
use crate::server::Server;

#[track_caller]
fn refused(arguments: &[&str], part: &str) {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    let mut all = vec!["find", url.as_str(), "-q"];
    all.extend(arguments);
    place.run(&all).expect(2).says(part);
    assert_eq!(server.count(), 0, "nothing is sent");
    assert!(!place.path("loadline-runs").exists(), "no folder is made");
}

const LIMIT: [&str; 2] = ["--limit", "p95 < 5s"];

#[test]
fn what_cannot_be_searched_is_refused() {
    refused(&[], "sets no limit");
    refused(
        &[LIMIT[0], LIMIT[1], "--max", "100", "--min", "5/s"],
        "different kinds",
    );
    refused(
        &[LIMIT[0], LIMIT[1], "--max", "10", "--min", "20"],
        "--min must not be greater",
    );
    refused(
        &[LIMIT[0], LIMIT[1], "--max", "0"],
        "neither a number of users nor a rate",
    );
    refused(&[LIMIT[0], LIMIT[1], "--hold", "1s"], "--hold must be");
    refused(
        &[LIMIT[0], LIMIT[1], "--group", "nobody"],
        "no thread group `nobody`",
    );
}

#[test]
fn a_folder_without_a_search_cannot_go_on() {
    let place = Place::new();
    place
        .run(&["find", "--resume", "nowhere"])
        .expect(1)
        .says("search.json");
}

/// The time allowed leaves no room for a trial.
#[test]
fn a_search_without_time_says_so_and_can_be_shown_again() {
    let (place, server) = (Place::new(), Server::answering(200));
    let url = server.url("/");
    let ended = place.run(&[
        "find", &url, "--limit", "p95 < 5s", "--max", "20/s", "--budget", "1s", "--out", "search",
        "--json",
    ]);
    let answer = ended.expect(0).json();
    assert_eq!(answer["format"], "loadline-search-summary/1");
    assert_eq!(answer["stopped_by"], "budget");
    assert_eq!(answer["status"], "unknown");
    assert_eq!(answer, summary(&place.path("search")));
    let page = std::fs::read(place.path("search/report.html")).unwrap();
    place
        .run(&["report", "search"])
        .expect(0)
        .says("the time allowed was used");
    assert_eq!(
        page,
        std::fs::read(place.path("search/report.html")).unwrap()
    );
    // Going on does not change the answer.
    let again = place
        .run(&["find", "--resume", "search", "--json", "-q"])
        .expect(0)
        .json();
    assert_eq!(again["status"], answer["status"]);
    place
        .run(&[
            "find", &url, "--limit", "p95 < 1s", "--max", "20/s", "--resume", "search", "-q",
        ])
        .expect(2)
        .says("the limits are not those");
}
