//! Queues through which the users of a run hand texts to each other, on all engine threads.
//!
//! Source: `FifoMap` of the plugin jmeter-plugins-fifo 0.2, whose queues have no bound. They are empty
//! when a run starts.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// All queues of a run, by name.
#[derive(Debug, Default)]
pub(crate) struct Fifos(Mutex<HashMap<Box<str>, Arc<Fifo>>>);

impl Fifos {
    /// The queue `name`, which is made when it is first named.
    pub(crate) fn named(&self, name: &str) -> Arc<Fifo> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(name) {
            return Arc::clone(queue);
        }
        let queue = Arc::new(Fifo::default());
        queues.insert(name.into(), Arc::clone(&queue));
        queue
    }
}

/// One queue.
#[derive(Debug, Default)]
pub(crate) struct Fifo {
    texts: Mutex<VecDeque<String>>,
    /// Tells one of those who wait that a text came.
    came: Notify,
}

impl Fifo {
    pub(crate) fn put(&self, text: String) {
        self.lock().push_back(text);
        self.came.notify_one();
    }

    /// Gives back a text that was taken out and not used: it is the first again.
    pub(crate) fn give_back(&self, text: String) {
        self.lock().push_front(text);
        self.came.notify_one();
    }

    /// The first text, which stays.
    pub(crate) fn first(&self) -> Option<String> {
        self.lock().front().cloned()
    }

    /// Takes the first text out, if there is one.
    pub(crate) fn take(&self) -> Option<String> {
        self.lock().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Takes the first text out when there is one. Dropped while it waits, it takes none.
    pub(crate) async fn pop(&self) -> String {
        loop {
            let mut came = pin!(self.came.notified());
            // From here on no text comes unheard.
            came.as_mut().enable();
            if let Some(text) = self.take() {
                return text;
            }
            came.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn texts_come_out_in_the_order_in_which_they_went_in() {
        let fifos = Fifos::default();
        fifos.named("q").put("a".to_owned());
        fifos.named("q").put("b".to_owned());
        let queue = fifos.named("q");
        assert_eq!((queue.len(), queue.first()), (2, Some("a".to_owned())));
        let first = queue.take().unwrap();
        queue.give_back(first);
        assert_eq!(queue.take().as_deref(), Some("a"));
        assert_eq!(queue.take().as_deref(), Some("b"));
        assert_eq!(queue.take(), None);
        assert_eq!(fifos.named("other").len(), 0);
    }

    #[test]
    fn who_waits_first_gets_the_first_text_and_who_gives_up_takes_none() {
        let queue = Fifo::default();
        let mut context = Context::from_waker(Waker::noop());
        let (mut one, mut two, mut three) = (
            Box::pin(queue.pop()),
            Box::pin(queue.pop()),
            Box::pin(queue.pop()),
        );
        assert!(one.as_mut().poll(&mut context).is_pending());
        assert!(two.as_mut().poll(&mut context).is_pending());
        assert!(three.as_mut().poll(&mut context).is_pending());
        drop(one);
        queue.put("a".to_owned());
        // The one that was told gives up before it looks.
        drop(two);
        let text = three.as_mut().poll(&mut context);
        assert_eq!(text, Poll::Ready("a".to_owned()));
    }
}
