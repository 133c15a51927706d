use std::future::poll_fn;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// Run time by tokio's clock, which the tests pause.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> RunTime {
        RunTime::from_duration(self.0.elapsed())
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// The client's side of a connection.
struct Client {
    stream: DuplexStream,
    state: IoState,
    timer: GapTimer,
    clock: TokioClock,
}

impl Client {
    /// A client and the server's side; `room` bytes fit into the connection each way.
    fn connected(room: usize) -> (Self, DuplexStream) {
        let (stream, server) = duplex(room);
        let client = Self {
            stream,
            state: IoState::new(),
            timer: GapTimer::default(),
            clock: TokioClock(Instant::now()),
        };
        (client, server)
    }

    /// An exchange of which between two polls no more is kept than must be.
    async fn exchange(
        &mut self,
        request: &[u8],
        gap: Option<Duration>,
    ) -> (Exchange, Result<RunTime, ExchangeError>) {
        let (mut progress, mut spare) = (Progress::default(), None);
        let begun = self.clock.now();
        poll_fn(|context| {
            let begin = || Exchange::new(0, Wanted::default(), gap, begun);
            let mut exchange = std::mem::take(&mut progress).exchange(request.len(), begin);
            let result = exchange.poll(
                context,
                &mut self.stream,
                request,
                &self.state,
                &mut self.timer,
                &self.clock,
            );
            match result {
                Poll::Pending => {
                    progress = exchange.progress(&mut spare);
                    Poll::Pending
                }
                Poll::Ready(result) => {
                    let exchange = match exchange {
                        Polled::Anew(exchange) => exchange,
                        Polled::Kept(exchange) => *exchange,
                    };
                    Poll::Ready((exchange, result))
                }
            }
        })
        .await
    }

    /// The same, kept whole.
    async fn whole_exchange(
        &mut self,
        request: &[u8],
        gap: Option<Duration>,
    ) -> (Exchange, Result<RunTime, ExchangeError>) {
        let mut exchange = Exchange::new(0, Wanted::default(), gap, self.clock.now());
        let result = poll_fn(|context| {
            exchange.poll(
                context,
                &mut self.stream,
                request,
                &self.state,
                &mut self.timer,
                &self.clock,
            )
        })
        .await;
        (exchange, result)
    }
}

const SECOND: Option<Duration> = Some(Duration::from_secs(1));

#[tokio::test(start_paused = true)]
async fn gaps_are_bounded_and_not_the_whole() {
    let (mut client, mut server) = Client::connected(1024);
    let serve = async {
        for byte in ANSWER {
            tokio::time::sleep(Duration::from_millis(900)).await;
            server.write_all(&[*byte]).await.unwrap();
        }
    };
    let ((exchange, result), ()) = tokio::join!(client.exchange(REQUEST, SECOND), serve);
    assert_eq!(exchange.first_byte_at, Some(RunTime::from_micros(900_000)));
    let ended = result.unwrap();
    assert_eq!(ended, RunTime::from_micros(900_000 * ANSWER.len() as u64));
}

/// What comes of four exchanges with a server that takes its time, and the last time says nothing; `room` bytes fit
/// into the connection.
async fn answers(room: usize, kept_whole: bool) -> Vec<String> {
    let (mut client, mut server) = Client::connected(room);
    let serve = async {
        let mut request = [0u8; REQUEST.len()];
        for (wait_ms, length) in [(900, ANSWER.len()), (0, 20), (1_200, 5)] {
            server.read_exact(&mut request).await.unwrap();
            if wait_ms > 0 {
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            }
            let (beginning, rest) = ANSWER.split_at(length);
            server.write_all(beginning).await.unwrap();
            tokio::time::sleep(Duration::from_millis(900)).await;
            server.write_all(rest).await.unwrap();
        }
        std::future::pending::<()>().await;
    };
    let ask = async {
        let mut told = Vec::new();
        for gap in [SECOND, SECOND, None, SECOND] {
            let (exchange, result) = match kept_whole {
                true => client.whole_exchange(REQUEST, gap).await,
                false => client.exchange(REQUEST, gap).await,
            };
            told.push(format!("{exchange:?} {result:?}"));
        }
        told
    };
    tokio::select! {
        told = ask => told,
        () = serve => unreachable!("it never ends"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_while_a_user_waits_changes_nothing() {
    for room in [4, 1024] {
        let (kept, whole) = (answers(room, false).await, answers(room, true).await);
        assert_eq!(kept, whole);
        assert!(kept[3].ends_with("Err(Timeout)"), "{}", kept[3]);
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_request_that_is_out_nothing_else_is_kept() {
    let begun = RunTime::ZERO;
    let begin = || Exchange::new(0, Wanted::default(), SECOND, begun);
    for (room, is_out) in [(4, false), (1024, true)] {
        let (mut client, _server) = Client::connected(room);
        let mut exchange = Progress::default().exchange(REQUEST.len(), begin);
        let mut context = Context::from_waker(Waker::noop());
        let clock = &client.clock;
        let polled = exchange.poll(
            &mut context,
            &mut client.stream,
            REQUEST,
            &client.state,
            &mut client.timer,
            clock,
        );
        assert!(polled.is_pending());
        let progress = exchange.progress(&mut None);
        assert_eq!(matches!(progress, Progress::Sent), is_out, "{progress:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_at_the_bound() {
    let (mut client, mut server) = Client::connected(1024);
    let serve = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.write_all(&ANSWER[..10]).await.unwrap();
        std::future::pending::<()>().await;
    };
    let result = tokio::select! {
        (_, result) = client.exchange(REQUEST, SECOND) => result,
        () = serve => unreachable!("it never ends"),
    };
    assert!(matches!(result, Err(ExchangeError::Timeout)));
    let waited = client.clock.now();
    assert!(waited >= RunTime::from_micros(1_500_000), "{waited}");
    assert!(waited <= RunTime::from_micros(1_510_000), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_timer_of_an_earlier_request_does_not_end_a_later_one() {
    let (mut client, mut server) = Client::connected(1024);
    let serve = async {
        let mut request = [0u8; REQUEST.len()];
        while server.read_exact(&mut request).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(600)).await;
            server.write_all(ANSWER).await.unwrap();
        }
    };
    let requests = async {
        for pause in [0, 300, 700, 5000] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let (_, result) = client.exchange(REQUEST, SECOND).await;
            result.unwrap();
        }
        drop(client);
    };
    tokio::join!(requests, serve);
}

#[tokio::test]
async fn a_request_larger_than_the_connection_is_written_in_parts() {
    let (mut client, mut server) = Client::connected(100);
    let request = vec![b'x'; 10_000];
    let serve = async {
        let mut received = vec![0u8; 10_000];
        server.read_exact(&mut received).await.unwrap();
        server.write_all(ANSWER).await.unwrap();
        received
    };
    let ((exchange, result), received) = tokio::join!(client.exchange(&request, None), serve);
    result.unwrap();
    assert_eq!(received, request);
    assert_eq!(exchange.written, 10_000);
    assert!(exchange.reader.is_reusable());
    assert!(exchange.sent_at.is_some(), "it had to wait for room");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_counts() {
    let (mut client, mut server) = Client::connected(100);
    server.write_all(ANSWER).await.unwrap();
    let request = vec![b'x'; 10_000];
    let (exchange, result) = client.exchange(&request, None).await;
    result.unwrap();
    assert_eq!(exchange.written, 100);
    assert!(!exchange.is_complete());
}

#[tokio::test]
async fn a_connection_that_ends_tells_whether_it_was_answered() {
    let (mut client, server) = Client::connected(100);
    drop(server);
    let (_, result) = client.exchange(REQUEST, None).await;
    assert!(
        matches!(result, Err(ExchangeError::Unanswered(_))),
        "{result:?}"
    );
    for cut in 1..ANSWER.len() {
        let (mut client, mut server) = Client::connected(100);
        server.write_all(&ANSWER[..cut]).await.unwrap();
        drop(server);
        let (_, result) = client.exchange(REQUEST, None).await;
        assert!(
            matches!(result, Err(ExchangeError::CutShort(_))),
            "cut at {cut}: {result:?}"
        );
    }
}

const CONTINUED: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
const HEAD: &[u8] = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";

/// An exchange whose body waits to be asked for, and what the server said and received: the head, then what
/// came within ten seconds of `said`.
async fn held(said: &[u8], then: Option<&[u8]>) -> (Exchange, Vec<u8>, RunTime) {
    let (exchange, result, body, at) = held_by(true, said, then).await;
    result.unwrap();
    (exchange, body, at)
}

/// The same, with what came of the exchange, where other interim answers are skipped or not.
async fn held_by(
    skips_interim: bool,
    said: &[u8],
    then: Option<&[u8]>,
) -> (Exchange, Result<RunTime, ExchangeError>, Vec<u8>, RunTime) {
    let (mut client, mut server) = Client::connected(1024);
    let clock = Instant::now();
    let request = [HEAD, b"body"].concat();
    let serve = async {
        let mut head = vec![0u8; HEAD.len()];
        server.read_exact(&mut head).await.unwrap();
        assert_eq!(head, HEAD);
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.write_all(said).await.unwrap();
        let mut body = vec![0u8; 4];
        let read = tokio::time::timeout(Duration::from_secs(10), server.read_exact(&mut body));
        let came = read.await.is_ok_and(|read| read.is_ok());
        let at = RunTime::from_duration(clock.elapsed());
        if let Some(then) = then {
            server.write_all(then).await.unwrap();
        }
        (if came { body } else { Vec::new() }, at)
    };
    let asked = async {
        let mut exchange = Exchange::new(0, Wanted::default(), SECOND, client.clock.now());
        exchange.hold_body(HEAD.len(), skips_interim);
        let result = poll_fn(|context| {
            let (stream, timer) = (&mut client.stream, &mut client.timer);
            exchange.poll(
                context,
                stream,
                &request,
                &client.state,
                timer,
                &client.clock,
            )
        });
        let result = result.await;
        (exchange, result)
    };
    let ((exchange, result), (body, at)) = tokio::join!(asked, serve);
    (exchange, result, body, at)
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_asked_for_follows_at_once() {
    let (exchange, body, at) = held(CONTINUED, Some(ANSWER)).await;
    assert_eq!(body, b"body");
    assert!(at < RunTime::from_micros(1_100_000), "{at}");
    assert_eq!(
        (exchange.reader.status(), exchange.is_complete()),
        (200, true)
    );
    // The answer's first byte, not that of the interim one.
    assert!(exchange.first_byte_at >= Some(at));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_asks_for_follows_after_three_seconds() {
    let (exchange, body, at) = held(b"", Some(ANSWER)).await;
    assert_eq!(body, b"body");
    let waited = RunTime::from_micros(3_000_000)..RunTime::from_micros(3_100_000);
    assert!(waited.contains(&at), "{at}");
    assert!(exchange.is_complete());
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_the_place_of_the_body() {
    let refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";
    let (exchange, body, _) = held(refusal, None).await;
    assert_eq!(body, b"");
    assert_eq!(exchange.written, HEAD.len());
    // As with HttpClient, the connection goes on.
    assert_eq!(
        (exchange.reader.status(), exchange.is_complete()),
        (417, true)
    );
}

#[tokio::test(start_paused = true)]
async fn other_interim_answers_are_skipped_or_refused_as_by_http_client() {
    let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let both = [hints, CONTINUED].concat();
    let (exchange, body, _) = held(&both, Some(ANSWER)).await;
    assert_eq!(
        (body.as_slice(), exchange.reader.status()),
        (&b"body"[..], 200)
    );

    let (_, result, body, _) = held_by(false, &both, None).await;
    assert_eq!(body, b"");
    let Err(ExchangeError::Protocol(error)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        error.to_string(),
        "Unexpected response: HTTP/1.1 103 Early Hints"
    );

    // Once it has been asked for, they are skipped there as well.
    let both = [CONTINUED, hints].concat();
    let (exchange, result, body, _) = held_by(false, &both, Some(ANSWER)).await;
    result.unwrap();
    assert_eq!(
        (body.as_slice(), exchange.reader.status()),
        (&b"body"[..], 200)
    );
}
