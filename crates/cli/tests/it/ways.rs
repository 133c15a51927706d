//! Other ways to a server than HTTP/1.1 over TCP, from end to end.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use crate::program::{Place, summary};

/// Answers each request on a connection of HTTP/1.1.
fn answer_http1(mut stream: impl Read + Write) {
    let mut request = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|count| count > 0) {
        request.push(byte[0]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }
}

/// Answers each request on a connection of HTTP/2, which takes `most` at a time, with an empty 200.
fn answer_http2(mut stream: impl Read + Write, most: u32) -> std::io::Result<()> {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const ACKNOWLEDGED: u8 = 1;
    const MOST_STREAMS: u8 = 3;
    stream.read_exact(&mut [0; 24])?;
    let mut settings = vec![0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, MOST_STREAMS];
    settings.extend_from_slice(&most.to_be_bytes());
    stream.write_all(&settings)?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize])?;
        match (head[3], head[4]) {
            (SETTINGS, 0) => stream.write_all(&[0, 0, 0, SETTINGS, ACKNOWLEDGED, 0, 0, 0, 0])?,
            (HEADERS, _) => {
                // End of head and stream; `:status: 200` by its number.
                let mut frame = vec![0, 0, 1, HEADERS, 5];
                frame.extend_from_slice(&head[5..]);
                frame.push(0x88);
                stream.write_all(&frame)?;
            }
            _ => {}
        }
    }
}

fn http2_server(most_streams: u32) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_nodelay(true);
            std::thread::spawn(move || answer_http2(stream, most_streams));
        }
    });
    port
}

#[test]
fn a_unix_socket_is_loaded_by_plan_and_by_property() {
    let place = Place::new();
    let file = place.path("app.sock");
    let listener = UnixListener::bind(&file).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(|| answer_http1(stream));
        }
    });
    let property = format!("loadline.unix_socket={}", file.display());
    // A name that nobody looks up.
    let url = "http://app.invalid/posts/";
    let arguments = [
        "run", url, "-n", "20", "-q", "--out", "quick", "-J", &property,
    ];
    place.run(&arguments).expect(0);
    let totals = &summary(&place.path("quick"))["totals"];
    assert_eq!(
        (&totals["samples"], &totals["errors"]),
        (&20.into(), &0.into())
    );
    let plan = format!(
        "loadline: 1\ntarget: http://app.invalid\nhttp: {{unix_socket: {}}}\ngroups:\n  - name: A\n    \
         load: {{users: 2, iterations: 10}}\n    do: [{{get: /posts/}}]\n",
        file.display()
    );
    place.write("plan.yaml", &plan);
    place
        .run(&["run", "plan.yaml", "-q", "--out", "yaml"])
        .expect(0);
    let totals = &summary(&place.path("yaml"))["totals"];
    assert_eq!(
        (&totals["samples"], &totals["errors"]),
        (&10.into(), &0.into())
    );
}

#[test]
fn a_unix_socket_that_nobody_listens_on_is_said_before_anything_else() {
    let place = Place::new();
    let arguments = [
        "run",
        "http://localhost/",
        "-n",
        "1",
        "-J",
        "loadline.unix_socket=none.sock",
    ];
    let ended = place.run(&arguments).expect(1);
    ended.says("nothing answers at the Unix socket none.sock");
    assert!(!place.path("loadline-runs").exists());
}

#[test]
fn waits_for_a_stream_of_a_shared_connection_are_told_by_step() {
    let place = Place::new();
    let url = format!("http://127.0.0.1:{}/", http2_server(2));
    for (streams, waits) in [("one", false), ("many", true)] {
        let property = format!("loadline.http_streams={streams}");
        let arguments = [
            "run",
            &url,
            "-u",
            "8",
            "-n",
            "2000",
            "-q",
            "--threads",
            "1",
            "-J",
            "loadline.http_version=2",
            "-J",
            &property,
            "--out",
            streams,
        ];
        place.run(&arguments).expect(0);
        let summary = summary(&place.path(streams));
        let wait = &summary["steps"][0]["wait_time_us"];
        // Six of eight users wait at any time, not only those that wait for the connection at first.
        let median = wait["p50"]["value"].as_f64();
        assert_eq!(median.is_some_and(|us| us > 0.0), waits, "{wait}");
        assert_eq!(wait["max"]["value"].is_number(), waits, "{wait}");
        let page = std::fs::read_to_string(place.path(streams).join("report.html")).unwrap();
        assert_eq!(page.contains(">Wait<"), waits);
    }
}

#[test]
fn http2_is_spoken_by_plan_and_by_property() {
    let place = Place::new();
    let port = http2_server(100);
    let url = format!("http://127.0.0.1:{port}/");
    let version = "loadline.http_version=2";
    for (streams, connections) in [("one", 4), ("many", 1)] {
        let streams = format!("loadline.http_streams={streams}");
        let arguments = [
            "run",
            &url,
            "-u",
            "4",
            "-n",
            "400",
            "-q",
            "--threads",
            "1",
            "-J",
            version,
            "-J",
            &streams,
            "--out",
            &streams,
        ];
        place.run(&arguments).expect(0);
        let summary = summary(&place.path(&streams));
        let totals = &summary["totals"];
        assert_eq!(
            (&totals["samples"], &totals["errors"]),
            (&400.into(), &0.into())
        );
        let steps = summary["steps"].as_array().unwrap();
        let opened = steps
            .iter()
            .filter_map(|step| step["connections_opened"].as_u64());
        assert_eq!(opened.sum::<u64>(), connections, "{steps:?}");
    }
    let plan = format!(
        "loadline: 1\ntarget: {url}\nhttp: {{version: 2}}\ngroups:\n  - name: A\n    \
         load: {{users: 2, iterations_each: 5}}\n    do: [{{get: /posts/, check: {{status: 200}}}}]\n"
    );
    place.write("plan.yaml", &plan);
    place
        .run(&["run", "plan.yaml", "-q", "--out", "yaml"])
        .expect(0);
    let totals = &summary(&place.path("yaml"))["totals"];
    assert_eq!(
        (&totals["samples"], &totals["errors"]),
        (&10.into(), &0.into())
    );
    let exported = place
        .run(&["export", "jmx", "plan.yaml", "-o", "plan.jmx"])
        .expect(0);
    exported.says("note[only-in-loadline]: JMeter sends HTTP/1.1 and knows no Unix sockets");
    place
        .run(&["run", "plan.jmx", "-q", "--out", "jmx"])
        .expect(0);
    let totals = &summary(&place.path("jmx"))["totals"];
    assert_eq!(
        (&totals["samples"], &totals["errors"]),
        (&10.into(), &0.into())
    );
}
