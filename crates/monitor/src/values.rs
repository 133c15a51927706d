//! What one reading holds, as it is put together.

use loadline_events::Signal;

/// Signals as they are read, in any order.
#[derive(Default)]
pub(crate) struct Values(Vec<(Signal, f64)>);

impl Values {
    pub(crate) fn put(&mut self, signal: Signal, value: f64) {
        self.0.push((signal, value));
    }

    pub(crate) fn put_some(&mut self, signal: Signal, value: Option<f64>) {
        if let Some(value) = value {
            self.put(signal, value);
        }
    }

    /// In the order of [`Signal`].
    pub(crate) fn sorted(mut self) -> Vec<(Signal, f64)> {
        self.0.sort_by_key(|(signal, _)| *signal);
        self.0
    }
}
