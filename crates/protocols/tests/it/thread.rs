//! Many users on one engine thread.

use std::rc::Rc;
use std::time::Duration;

use loadline_engine::Sampler;
use loadline_events::ErrorKind;
use loadline_plan::program::{HttpProgram, Part, Slot, Template};
use loadline_protocols::{HttpOptions, HttpSampler};
use tokio::task::LocalSet;

use crate::failures::socket_with_full_backlog;
use crate::server::{Server, answer};
use crate::user::{User, get, get_kept};

#[tokio::test]
async fn users_share_buffers_and_not_each_others_bytes() {
    // Each answer comes in pieces, so that the reads of all users interleave.
    let server = Server::scripted(|mut peer| {
        while let Some(request) = peer.receive() {
            let id = request.line().rsplit('/').next().unwrap().repeat(1000);
            let wire = answer("200 OK", &[], id.as_bytes());
            for piece in wire.chunks(700) {
                peer.send(piece);
                std::thread::yield_now();
            }
        }
    });
    let sampler = Rc::new(HttpSampler::new(HttpOptions::default()).unwrap());
    let mut program = get_kept(&server.url("/"));
    program.path.parts.push(Part::Variable(Slot(0)));
    let program = Rc::new(program);
    let tasks = LocalSet::new();
    for number in 0..40u32 {
        let mut user = User::on_thread_of(Rc::clone(&sampler));
        let program = Rc::clone(&program);
        tasks.spawn_local(async move {
            let id = number.to_string();
            user.variables.set(Slot(0), &id);
            for _ in 0..10 {
                let outcome = user.sample(&program).await;
                assert_eq!(outcome.error, None);
                assert_eq!(outcome.response.body, id.repeat(1000).as_bytes());
            }
        });
    }
    tasks.await;
    assert_eq!(server.connections(), 40);
    assert_eq!(server.received().len(), 400);
    assert_eq!(sampler.open_connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_sample_that_waits_for_its_turn_to_connect_has_not_started() {
    let nobody = socket_with_full_backlog();
    let server = Server::answering(|_| answer("200 OK", &[], b""));
    let sampler = Rc::new(
        HttpSampler::new(HttpOptions {
            connect_gate: 1,
            ..HttpOptions::default()
        })
        .unwrap(),
    );
    let mut first = User::on_thread_of(Rc::clone(&sampler));
    let mut second = User::on_thread_of(sampler);
    let hopeless = HttpProgram {
        connect_timeout_ms: Template::literal("1000"),
        ..get(&format!("http://{}/", nobody.address))
    };
    let good = get(&server.url("/"));
    let (first, second) = tokio::join!(first.sample(&hopeless), second.sample(&good));
    assert_eq!(first.error.unwrap().kind, ErrorKind::Timeout);
    assert_eq!(second.error, None);
    assert!(second.started.since_start() >= Duration::from_secs(1));
    assert!(second.ended - second.started < Duration::from_secs(1));
    // It is told of, since it is not the generator's lag.
    assert_eq!(first.network.wait_us(), 0);
    assert!(
        second.network.wait_us() >= 1_000_000,
        "{:?}",
        second.network
    );
}
