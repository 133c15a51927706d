//! A token bucket: a rate with a bounded burst.

use std::time::{Duration, Instant};

/// Tokens that come in at a rate and are kept up to a capacity.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    /// Tokens per second.
    rate: f64,
    capacity: f64,
    tokens: f64,
    updated_at: Instant,
}

impl TokenBucket {
    /// A full bucket that holds the tokens of a tenth of a second, at least one.
    ///
    /// A short burst keeps the number of requests that pass close to the rate, even in short tests.
    pub(crate) fn new(rate: f64, now: Instant) -> TokenBucket {
        let capacity = (rate / 10.0).max(1.0);
        TokenBucket {
            rate,
            capacity,
            tokens: capacity,
            updated_at: now,
        }
    }

    /// Takes one token, or says how long until there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.updated_at).as_secs_f64();
        self.updated_at = self.updated_at.max(now);
        self.tokens = (self.tokens + elapsed * self.rate).min(self.capacity);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            let wait = (1.0 - self.tokens) / self.rate;
            Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_over_time() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(100.0, start);
        let passed = (0..10_000)
            .filter(|millisecond| {
                bucket
                    .take(start + Duration::from_millis(*millisecond))
                    .is_ok()
            })
            .count();
        // Ten seconds at 100/s, and the burst of ten at the start.
        assert!((1008..=1010).contains(&passed), "{passed}");
    }

    #[test]
    fn an_empty_bucket_says_when_to_come_back() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(2.0, start);
        assert_eq!(bucket.take(start), Ok(()));
        assert_eq!(bucket.take(start), Err(Duration::from_millis(500)));
        assert_eq!(bucket.take(start + Duration::from_millis(500)), Ok(()));
    }
}
