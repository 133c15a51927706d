//! What to do about a cause: at most three proposals, the most direct first.

use crate::attribution::Table;
use crate::result::Cause;
use crate::wording::significant;

/// Proposals for `cause`.
pub(crate) fn advice(cause: Cause, table: &Table) -> Vec<String> {
    let cores = table.high(|point| point.cores).unwrap_or(1.0);
    let texts: Vec<String> = match cause {
        Cause::None => {
            vec!["Raise the load until a limit shows: add steps (`--steps`).".to_owned()]
        }
        Cause::Generator => strings(&[
            "Run Loadline on another machine, or on more cores.",
            "Lower the load: figures above what Loadline can send are not the server's.",
        ]),
        Cause::SharedHost if table.others_fill_host().is_some() => strings(&[
            "Stop other programs, or use a machine of its own for the test.",
            "Watch those that serve the requests, such as a database, as servers of their own \
             (`--server`).",
            "Until then, no figure tells what the server alone can do.",
        ]),
        Cause::SharedHost => strings(&[
            "Run Loadline on another machine: server and generator compete for the same CPU.",
            "Until then, read the throughput as that of both programs together.",
        ]),
        Cause::Cpu => strings(&[
            "Profile the server under this load and make its hottest path cheaper.",
            "Cache or page what is computed for every request.",
            "Give it more cores, or run more of its instances.",
        ]),
        Cause::CpuQuota => strings(&[
            "Raise the CPU quota of its control group (container limit).",
            "Make a request cheaper: profile the server under this load.",
        ]),
        Cause::SingleThread => {
            let mut texts = Vec::new();
            if cores >= 2.0 {
                texts.push(format!(
                    "Spread requests over several threads or processes: {} cores are allowed, one \
                     is used.",
                    significant(cores)
                ));
            }
            texts.push(
                "Look for one lock, connection or event loop that every request passes.".to_owned(),
            );
            texts.push("Make the work on that thread cheaper: profile it.".to_owned());
            texts
        }
        Cause::WorkerPool => strings(&[
            "Raise the number of workers or connections in the pool that requests wait for.",
            "Shorten the time a request holds its place: slow queries, calls to other services.",
            "Let the server report requests in progress and waiting, to prove it.",
        ]),
        Cause::Lock => strings(&[
            "Find the lock that requests wait for (a profiler of waiting threads shows it) and hold \
             it for less.",
            "Split the shared data, or read it without the lock.",
            "Limit how many requests run at once: fewer would be faster.",
        ]),
        Cause::Memory => strings(&[
            "Give the server more memory, or lower what each request or connection keeps.",
            "Bound its caches.",
        ]),
        Cause::MemoryLeak => {
            let mut texts = strings(&[
                "Look for what is kept after a request: compare two heap snapshots at constant load.",
                "Run for longer at one load: a cache stops growing, a leak does not.",
            ]);
            // Seen at a single load, it is more likely to be such a cache.
            if table.points.len() == 1 {
                texts.reverse();
            }
            texts
        }
        Cause::Disk => strings(&[
            "Save disk requests: an index, fewer flushes, batches of writes.",
            "Keep what is read often in memory.",
            "Use a faster disk.",
        ]),
        Cause::Network => strings(&[
            "Check the link between generator and server for loss.",
            "Send less: compress answers, page them.",
        ]),
        Cause::AcceptQueue => strings(&[
            "Raise the listen backlog of the server and the system's bound on it \
             (`net.core.somaxconn`).",
            "Keep connections alive: each new one passes the queue.",
            "Accept connections on a thread that does nothing else.",
        ]),
        Cause::Descriptors => strings(&[
            "Raise the limit of open files of the server (`ulimit -n`, `LimitNOFILE`).",
            "Close idle connections earlier.",
        ]),
        Cause::RateLimiter => strings(&[
            "Raise or lift the rate limit for the test's clients.",
            "If the limit is meant, the server's own capacity is above it and was not tested.",
        ]),
        Cause::ServerErrors => strings(&[
            "Read the server's log at the time of the first failure.",
            "Compare the first message of the errors with its configuration.",
        ]),
        Cause::Resets => strings(&[
            "Look in the server's log, and in that of a proxy before it, for why it closes \
             connections.",
            "Compare its time-outs of idle and keep-alive connections with the clients'.",
        ]),
        Cause::Crash => strings(&[
            "Read the last lines of the server's log, and the system's log for a kill for lack of \
             memory.",
            "Let it be restarted when it ends, and find the request that ends it.",
        ]),
        Cause::Pauses => strings(&[
            "Compare the times of the pauses with the log of the garbage collector, of check-points \
             and of batch jobs.",
            "Make them shorter or rarer: less memory allotted per request, smaller batches.",
        ]),
        Cause::Dependency => strings(&[
            "Trace one slow request: what does it wait for (a database, another service, a timer)?",
            "Watch that service as a server of its own (`--server`).",
            "Ask it for less: cache its answers, ask in parallel, set a time-out.",
        ]),
        Cause::DatabaseConnections => strings(&[
            "Lower the pool of connections of each instance, so that all together stay below the database's limit.",
            "Put a pooler between them (PgBouncer), or raise `max_connections`.",
            "Hold a connection for less: not while another service is asked.",
        ]),
        Cause::DatabaseLocks => strings(&[
            "Find who blocks whom: `pg_blocking_pids(pid)` over `pg_stat_activity` under this load.",
            "Make the transactions that hold the lock shorter, and touch rows in the same order.",
            "Do not update one row (a counter) in every request.",
        ]),
        Cause::DatabaseStatements => strings(&[
            "Find the slowest statements (`pg_stat_statements`) and look at their plans (`EXPLAIN (ANALYZE, BUFFERS)`).",
            "Add the missing index, ask for fewer rows, or ask once instead of once for each row.",
            "Cache what seldom changes.",
        ]),
        Cause::Unknown => strings(&[
            "Watch the server (`--server local`), and what it depends on.",
            "Profile the server under this load.",
        ]),
    };
    texts.into_iter().take(3).collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
