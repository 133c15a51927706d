//! Run folders that exist, are truncated, of another version or cannot be written.

use crate::program::Place;
use crate::server::Server;

fn run(place: &Place, server: &Server, folder: &str) -> crate::program::Ended {
    place.run(&[
        "run",
        &server.url("/"),
        "-u",
        "2",
        "-d",
        "2s",
        "-q",
        "--out",
        folder,
    ])
}

#[test]
fn an_existing_folder_is_kept() {
    let (place, server) = (Place::new(), Server::answering(200));
    run(&place, &server, "run").expect(0);
    let before = server.count();
    run(&place, &server, "run")
        .expect(1)
        .says("exists already")
        .says("--out");
    assert_eq!(server.count(), before);
}

#[test]
fn a_truncated_folder_is_read_as_far_as_it_goes() {
    let (place, server) = (Place::new(), Server::answering(200));
    run(&place, &server, "run").expect(0);
    let series = place.path("run/series/series.bin");
    let bytes = std::fs::read(&series).unwrap();
    std::fs::write(&series, &bytes[..bytes.len() * 2 / 3]).unwrap();
    place.run(&["report", "run"]).says("cut off");
}

#[test]
fn other_versions_and_other_folders_are_named() {
    let (place, server) = (Place::new(), Server::answering(200));
    run(&place, &server, "run").expect(0);
    let manifest = place.path("run/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("loadline-run/1", "loadline-run/2")).unwrap();
    place
        .run(&["report", "run"])
        .expect(1)
        .says("loadline-run/2");
    place
        .run(&["report", "nowhere"])
        .expect(1)
        .says("no run folder");
}

#[test]
fn a_folder_that_cannot_be_made_is_said_before_traffic() {
    let (place, server) = (Place::new(), Server::answering(200));
    place.write("file", "");
    run(&place, &server, "file/run")
        .expect(1)
        .says("cannot create");
    assert_eq!(server.count(), 0);
}
