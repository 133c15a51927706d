//! Connections of HTTP/2 that the users of an engine thread share: one to each server, with as many
//! requests at a time as the server takes. Who finds none free waits, in the order of coming.

use std::cell::{Cell, RefCell};
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use loadline_engine::SampleError;
use loadline_units::RunTime;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::super::connection::{Destination, Line, OpenCount};
use super::super::failure as plain_failure;
use super::super::wire::WireRequest;
use super::connection::Http2Connection;
use super::failure;
use super::frame_meter::FrameMeter;

/// Servers to which connections are kept; beyond it, all are forgotten, and close once they are idle.
const PLACE_COUNT: usize = 256;

/// Streams of a connection at the same time, at most.
const MOST_STREAMS: usize = 1 << 20;

/// The shared connections of an engine thread.
#[derive(Default)]
pub(crate) struct SharedConnections {
    places: RefCell<Vec<(Destination, Rc<Place>)>>,
}

/// The connection to one server. Who opens it holds the lock, and the others wait for that.
#[derive(Default)]
pub(super) struct Place {
    pub(super) slot: Mutex<Slot>,
}

#[derive(Default)]
pub(super) struct Slot {
    pub(super) connection: Option<Rc<SharedConnection>>,
    /// When opening one failed last, and why: those who waited for it share the failure.
    pub(super) failed: Option<(RunTime, Box<SampleError>)>,
}

/// A connection that is driven by a task of its own.
pub(super) struct SharedConnection {
    line: Line,
    sender: SendRequest<Bytes>,
    pub(super) meter: Rc<RefCell<FrameMeter>>,
    free: Arc<Semaphore>,
    limit: Rc<RefCell<StreamLimit>>,
    /// Requests that are under way.
    active: Cell<u32>,
    is_over: Rc<Cell<bool>>,
    _open: OpenCount,
}

/// Leave to send one request over a shared connection.
pub(super) struct Leave {
    pub(super) connection: Rc<SharedConnection>,
    /// Whether nothing else was under way.
    pub(super) was_idle: bool,
    permit: Option<OwnedSemaphorePermit>,
}

/// How many streams a server takes, which it may change.
#[derive(Debug, Default)]
struct StreamLimit {
    given: usize,
    /// Leaves in use that are not to be given again.
    debt: usize,
}

impl StreamLimit {
    /// The server takes `limit` streams now.
    fn settle(&mut self, limit: usize, free: &Semaphore) {
        if limit > self.given {
            let more = limit - self.given;
            let paid = self.debt.min(more);
            self.debt -= paid;
            free.add_permits(more - paid);
        } else if limit < self.given {
            let less = self.given - limit;
            self.debt += less - free.forget_permits(less);
        }
        self.given = limit;
    }
}

impl SharedConnections {
    /// Where the connection for `request` is kept.
    pub(super) fn place(&self, request: &WireRequest) -> Rc<Place> {
        let mut places = self.places.borrow_mut();
        if let Some((_, place)) = places
            .iter()
            .find(|(destination, _)| destination.serves(request))
        {
            return Rc::clone(place);
        }
        if places.len() >= PLACE_COUNT {
            places.clear();
        }
        let place = Rc::<Place>::default();
        places.push((Destination::of(request), Rc::clone(&place)));
        place
    }
}

impl SharedConnection {
    /// Gives `connection` to all users. It ends when nobody holds it any more.
    pub(super) fn new(connection: Http2Connection) -> Rc<Self> {
        let Http2Connection {
            line,
            sender,
            mut driver,
            meter,
            timer: _,
            open,
        } = connection;
        let free = Arc::new(Semaphore::new(0));
        let limit = Rc::new(RefCell::new(StreamLimit::default()));
        let is_over = Rc::new(Cell::new(false));
        let shared = Rc::new(Self {
            line,
            sender,
            meter,
            free: Arc::clone(&free),
            limit: Rc::clone(&limit),
            active: Cell::new(0),
            is_over: Rc::clone(&is_over),
            _open: open,
        });
        // It ends by itself once the last sender is gone, and with the thread's tasks at the latest.
        tokio::task::spawn_local(async move {
            // How the connection ended is told to its streams.
            let _ = poll_fn(|context| {
                let result = Pin::new(&mut driver).poll(context);
                let most = driver.max_concurrent_send_streams().min(MOST_STREAMS);
                limit.borrow_mut().settle(most, &free);
                result
            })
            .await;
            is_over.set(true);
            free.close();
        });
        shared
    }

    /// Whether requests may begin on it at the instant `now`.
    pub(super) fn is_good(&self, now: RunTime) -> bool {
        !self.is_over.get() && self.line.is_fresh(now)
    }

    /// Nothing may begin on it any more.
    pub(super) fn give_up(&self) {
        self.is_over.set(true);
    }

    /// Why there is no stream for `request`, now that the connection has ended.
    pub(super) fn no_stream(&self, request: &WireRequest) -> SampleError {
        match self.meter.borrow().hears_http1() {
            true => failure::hears_http1(request),
            false => plain_failure::no_response(&request.host, request.port),
        }
    }

    /// What requests are sent with.
    pub(super) fn sender(&self) -> SendRequest<Bytes> {
        self.sender.clone()
    }

    /// Whether [`SharedConnection::leave`] need not wait.
    pub(super) fn has_free_stream(&self) -> bool {
        self.free.available_permits() > 0
    }

    /// Waits for a free stream; `None` if the connection ended before that.
    pub(super) async fn leave(self: &Rc<Self>) -> Option<Leave> {
        let permit = Arc::clone(&self.free).acquire_owned().await.ok()?;
        if self.is_over.get() {
            return None;
        }
        let active = self.active.get();
        self.active.set(active + 1);
        Some(Leave {
            connection: Rc::clone(self),
            was_idle: active == 0,
            permit: Some(permit),
        })
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection.active.set(connection.active.get() - 1);
        let mut limit = connection.limit.borrow_mut();
        if limit.debt > 0 {
            limit.debt -= 1;
            if let Some(permit) = self.permit.take() {
                permit.forget();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_follow_what_the_server_takes() {
        let free = Semaphore::new(0);
        let mut limit = StreamLimit::default();
        limit.settle(3, &free);
        assert_eq!(free.available_permits(), 3);
        let used = free.try_acquire_many(2).unwrap();
        limit.settle(1, &free);
        assert_eq!((free.available_permits(), limit.debt), (0, 1));
        limit.settle(2, &free);
        assert_eq!((free.available_permits(), limit.debt), (0, 0));
        drop(used);
        assert_eq!(free.available_permits(), 2);
        limit.settle(MOST_STREAMS, &free);
        assert_eq!(free.available_permits(), MOST_STREAMS);
    }
}
