//! What a virtual user costs: memory while it waits, allocations while it works.

use std::time::Duration;

use loadline_plan::program::{HttpProgram, Part, Slot, Template};
use loadline_protocols::HttpSession;

use crate::server::{Server, answer};
use crate::user::{User, get};

#[tokio::test]
async fn a_waiting_user_is_small() {
    let mut user = User::new();
    let program = get("http://127.0.0.1/");
    let sample = user.sample(&program);
    let size = std::mem::size_of_val(&sample);
    assert!(size <= 1536, "the future of a sample takes {size} bytes");
    assert!(std::mem::size_of::<HttpSession>() <= 64);
}

/// Allocations of 100 samples of `program` once the connection is open and buffers have grown.
fn allocations_of(program: &HttpProgram) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut user = User::new();
        user.variables.set(Slot(0), "42");
        for _ in 0..10 {
            assert_eq!(user.sample(program).await.error, None);
        }
        let mut samples = Box::pin(async {
            for _ in 0..100 {
                user.sample(program).await;
            }
        });
        let mut count = 0;
        std::future::poll_fn(|context| {
            let mut result = std::task::Poll::Pending;
            let info = allocation_counter::measure(|| result = samples.as_mut().poll(context));
            count += info.count_total;
            result
        })
        .await;
        count
    })
}

#[test]
fn a_sample_of_a_plain_plan_allocates_nothing() {
    let server = Server::answering(|_| answer("200 OK", &["Content-Type: x/y"], b"hello"));
    let constant = HttpProgram {
        follow_redirects: true,
        response_timeout_ms: Template::literal("60000"),
        headers: vec![(Template::literal("Accept"), Template::literal("*/*"))],
        ..get(&server.url("/posts/"))
    };
    assert_eq!(allocations_of(&constant), 0);
    let mut varying = constant.clone();
    varying.path.parts.push(Part::Variable(Slot(0)));
    assert_eq!(allocations_of(&varying), 0);
    let mut posting = crate::user::post(&server.url("/"), "{}");
    posting.arguments[0]
        .value
        .parts
        .push(Part::Variable(Slot(0)));
    assert_eq!(allocations_of(&posting), 0);
    // An answer whose body comes later.
    let server = Server::scripted(|mut peer| {
        while peer.receive().is_some() {
            let answer = answer("200 OK", &[], b"hello");
            let (beginning, rest) = answer.split_at(answer.len() - 5);
            peer.send(beginning);
            std::thread::sleep(Duration::from_millis(1));
            peer.send(rest);
        }
    });
    assert_eq!(allocations_of(&get(&server.url("/"))), 0);
}
