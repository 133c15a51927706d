//! `loadline doctor`: what this machine can do as a load generator.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use anyhow::Context;
use loadline_monitor::{machine_facts, port_range};

use crate::backend_process::BackendProcess;
use crate::capacity;
use crate::exit::Exit;
use crate::interrupt::{announce, count_interrupts};
use crate::self_test::{self, SelfTest};
use crate::terminal::print;
use crate::user_memory;

/// Rounds of the round trip over loopback.
const ROUNDS: u32 = 2_000;
/// Waits for the timer.
const WAITS: u32 = 50;

pub(crate) fn run() -> anyhow::Result<Exit> {
    let mut out = String::new();
    let mut fine = true;
    let facts = machine_facts();
    let _ = writeln!(
        out,
        "Machine     {} · {} cores · {}",
        facts.host, facts.cores, facts.cpu
    );
    let gigabytes = facts.memory_bytes as f64 / 1e9;
    let _ = writeln!(out, "Memory      {gigabytes:.1} GB");
    let (soft, hard) = rlimit::Resource::NOFILE
        .get()
        .context("read the limit of open files")?;
    // Each user keeps one connection; the rest is for logs, plans and the watched server.
    let mut users = hard.saturating_sub(200);
    let _ = writeln!(out, "Open files  {soft} now, raised to {hard} for a run");
    if hard < 10_000 {
        fine = false;
        let _ = writeln!(
            out,
            "            raise it: ulimit -Hn 1048576, or LimitNOFILE= in a unit file"
        );
    }
    if let Some((low, high)) = port_range().map(RangeInclusive::into_inner) {
        let count = u32::from(high - low) + 1;
        users = users.min(u64::from(count));
        let _ = writeln!(
            out,
            "Ports       {low}–{high}: {count} connections to one address and port"
        );
    }
    let wait = Instant::now();
    for _ in 0..WAITS {
        std::thread::sleep(Duration::from_millis(1));
    }
    let late = wait.elapsed().as_secs_f64() / f64::from(WAITS) * 1e6 - 1000.0;
    let _ = writeln!(
        out,
        "Timer       a wait of 1 ms ends {late:.0} µs late in the mean"
    );
    if late > 1_000.0 {
        fine = false;
        let _ = writeln!(
            out,
            "            that is much: the machine is busy or its cores are shared"
        );
    }
    let round_trip = loopback_round_trip().context("talk to this machine over loopback")?;
    let _ = writeln!(
        out,
        "Loopback    {:.1} µs for a request and its answer, median of {ROUNDS}",
        round_trip.as_secs_f64() * 1e6
    );
    let interrupts = count_interrupts(announce)?;
    // Here and, because it is a child, in the backend.
    let files = rlimit::increase_nofile_limit(hard).unwrap_or(soft);
    let work = tempfile::Builder::new()
        .prefix("loadline-doctor-")
        .tempdir()
        .context("create a temporary folder")?;
    let backend = BackendProcess::start("tuned", 0, work.path())?;
    let mut user_bytes = None;
    match user_memory::measure(&backend, work.path(), files, &interrupts) {
        Ok(memory) => {
            users = users.min(capacity::users_in_memory(facts.memory_bytes, memory.bytes));
            user_bytes = Some(memory.bytes);
            let _ = writeln!(
                out,
                "Users       {:.1} KiB of memory for each with a connection, mean of {}",
                memory.bytes as f64 / 1024.0,
                memory.users
            );
        }
        Err(error) => {
            let _ = writeln!(out, "Users       their memory was not measured: {error:#}");
        }
    }
    let measured = self_test::run(&backend, work.path(), &interrupts)
        .context("load this machine over loopback")?;
    let test = SelfTest {
        user_bytes,
        ..measured
    };
    say_capacity(&mut out, &test, users);
    match self_test::keep(&test) {
        Ok(file) => {
            let _ = writeln!(
                out,
                "            kept in {}: a run that asks for more is warned",
                file.display()
            );
        }
        Err(error) => {
            let _ = writeln!(out, "            not kept for later runs: {error:#}");
        }
    }
    let _ = writeln!(
        out,
        "{}",
        if fine {
            "Fit to generate load."
        } else {
            "Usable, with the limits above."
        }
    );
    print(&out)?;
    Ok(Exit::Ok)
}

/// What a plan may ask for here.
fn say_capacity(out: &mut String, test: &SelfTest, users: u64) {
    let _ = writeln!(
        out,
        "Self-test   {} users for {} s: {:.0} requests/s beside their server, {:.1} µs of CPU for each",
        self_test::USERS,
        self_test::LENGTH.as_secs(),
        test.per_second,
        test.cpu_us
    );
    let _ = writeln!(
        out,
        "A plan may  {:.0} requests/s on each core that the server leaves free, {:.0} on all {}, at {:.0} % of their \
         time",
        test.capacity_per_s(1.0),
        test.capacity_per_s(f64::from(test.cores)),
        test.cores,
        100.0 * self_test::FREE_SHARE
    );
    let _ = writeln!(
        out,
        "ask for     {users} users with a connection each to one target"
    );
}

/// Median time of one byte there and back between two threads.
fn loopback_round_trip() -> std::io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let echo = std::thread::spawn(move || {
        let mut byte = [0];
        while matches!(server.read(&mut byte), Ok(1)) {
            if server.write_all(&byte).is_err() {
                return;
            }
        }
    });
    let mut times = Vec::new();
    let mut byte = [1];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        client.write_all(&byte)?;
        client.read_exact(&mut byte)?;
        times.push(start.elapsed());
    }
    drop(client);
    let _ = echo.join();
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
