//! Starting, running and stopping a backend.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::serve::Listener;
use tokio::runtime::{self, Runtime};
use tokio::sync::watch;

use crate::fault::Fault;
use crate::fault::injection::Injection;
use crate::http::connection::{Acceptor, CutOff};
use crate::http::metrics::Metrics;
use crate::http::routes::{App, router};
use crate::options::{BackendOptions, Database};
use crate::store::Store;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;

/// Requests in flight have this long to be answered after the shutdown began.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);
/// More threads than this for HTTP only contend: the database is the work.
const HTTP_THREADS_MAX: usize = 4;

/// The reference backend. See [`Backend::start`].
#[derive(Debug)]
pub struct Backend;

/// A backend that serves. Dropping it shuts it down and waits for the end.
#[derive(Debug)]
pub struct RunningBackend {
    address: SocketAddr,
    shutdown: ShutdownHandle,
    thread: Option<JoinHandle<()>>,
}

/// Ends a backend from anywhere.
#[derive(Clone, Debug)]
pub struct ShutdownHandle(Arc<watch::Sender<bool>>);

/// Why a backend did not start.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The address is in use or not of this machine; the user can choose another.
    #[error("listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The database cannot be opened or filled; the user can choose another.
    #[error("prepare the database {database}")]
    Database {
        /// The database, without an address that may hold a password.
        database: String,
        /// What the database says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The system gave no threads or no event queue.
    #[error("start the threads of the backend")]
    Threads(#[source] io::Error),
}

impl Backend {
    /// Listens, makes and fills the tables, and serves on threads of its own.
    ///
    /// Returns once connections are accepted. May be called from any thread, also from within an
    /// asynchronous runtime (which it blocks for the start, some tens of milliseconds).
    ///
    /// # Errors
    ///
    /// [`BackendError::Listen`], [`BackendError::Database`], [`BackendError::Threads`].
    pub fn start(options: BackendOptions) -> Result<RunningBackend, BackendError> {
        let (shutdown, shutdown_began) = watch::channel(false);
        let shutdown = ShutdownHandle(Arc::new(shutdown));
        let (report_start, started) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("backend".to_owned())
            .spawn(move || run(&options, shutdown_began, &report_start))
            .map_err(BackendError::Threads)?;
        let address = started.recv().unwrap_or_else(|_| {
            Err(BackendError::Threads(io::Error::other(
                "the backend's thread ended",
            )))
        })?;
        Ok(RunningBackend {
            address,
            shutdown,
            thread: Some(thread),
        })
    }
}

impl RunningBackend {
    /// The address that it listens on, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Something to end it with, also from other threads.
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        self.shutdown.clone()
    }

    /// Blocks until it has been shut down.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; here it only means that it ended.
            let _ = thread.join();
        }
    }
}

impl Drop for RunningBackend {
    fn drop(&mut self) {
        self.shutdown.shutdown();
        self.join();
    }
}

impl ShutdownHandle {
    /// Accepts no more, answers what is in flight within a second, and ends. Returns at once.
    pub fn shutdown(&self) {
        self.0.send_replace(true);
    }
}

/// The thread that owns the backend from start to end.
fn run(
    options: &BackendOptions,
    shutdown_began: watch::Receiver<bool>,
    report_start: &mpsc::Sender<Result<SocketAddr, BackendError>>,
) {
    let prepared = start_runtime().and_then(|runtime| {
        let (acceptor, app) = runtime.block_on(prepare(options))?;
        Ok((runtime, acceptor, app))
    });
    // The receiver waits for exactly one message, so sending cannot fail.
    match prepared {
        Ok((runtime, (acceptor, address), app)) => {
            let _ = report_start.send(Ok(address));
            runtime.block_on(serve(acceptor, Arc::clone(&app), shutdown_began));
            // Connections end before the store does, and the store before this thread.
            runtime.shutdown_timeout(SHUTDOWN_GRACE);
            drop(app);
        }
        Err(error) => {
            let _ = report_start.send(Err(error));
        }
    }
}

fn start_runtime() -> Result<Runtime, BackendError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let started_count = AtomicUsize::new(0);
    runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(HTTP_THREADS_MAX))
        .thread_name_fn(move || format!("http-{}", started_count.fetch_add(1, Ordering::Relaxed)))
        .enable_all()
        .build()
        .map_err(BackendError::Threads)
}

async fn prepare(
    options: &BackendOptions,
) -> Result<((Acceptor, SocketAddr), Arc<App>), BackendError> {
    let listen_error = |source| BackendError::Listen {
        address: options.listen,
        source,
    };
    let queue = options.faults.iter().find_map(|fault| match *fault {
        Fault::AcceptQueue { length, pause } => Some((length, pause)),
        _ => None,
    });
    let acceptor = Acceptor::bind(options.listen, queue).map_err(listen_error)?;
    let address = acceptor.local_addr().map_err(listen_error)?;
    let database_error =
        |source: Box<dyn std::error::Error + Send + Sync>| BackendError::Database {
            database: options.database.to_string(),
            source,
        };
    let store: Box<dyn Store> = match &options.database {
        Database::Sqlite(path) => Box::new(
            SqliteStore::open(path, options.profile)
                .map_err(|source| database_error(source.into()))?,
        ),
        Database::Postgres(url) => Box::new(
            PostgresStore::open(url, options.profile)
                .await
                .map_err(|source| database_error(source.into()))?,
        ),
    };
    let injection = Injection::new(&options.faults).map_err(BackendError::Threads)?;
    let app = Arc::new(App {
        store,
        injection,
        metrics: Metrics::default(),
    });
    Ok(((acceptor, address), app))
}

/// Serves until the shutdown began and its grace is over or nothing is in flight.
async fn serve(acceptor: Acceptor, app: Arc<App>, shutdown_began: watch::Receiver<bool>) {
    let began = |mut receiver: watch::Receiver<bool>| async move {
        // A lost sender means that nobody can shut it down any more: that is the end too.
        let _ = receiver.wait_for(|began| *began).await;
    };
    let service = router(app).into_make_service_with_connect_info::<CutOff>();
    let serving =
        axum::serve(acceptor, service).with_graceful_shutdown(began(shutdown_began.clone()));
    tokio::select! {
        // It ends without error: failed accepts are retried.
        _ = async { serving.await } => {}
        () = async {
            began(shutdown_began).await;
            tokio::time::sleep(SHUTDOWN_GRACE).await;
        } => {}
    }
}
