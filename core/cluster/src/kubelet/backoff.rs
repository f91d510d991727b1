//! Exponential waits per container, as `k8s.io/client-go/util/flowcontrol` counts them: 10 s doubling to
//! five minutes, forgotten after ten quiet minutes.

/// First wait, milliseconds.
pub const FIRST: u64 = 10_000;
/// Longest wait.
pub const MAX: u64 = 300_000;

/// See the module's head. All moments are simulated milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    /// The present wait; 0 before the first failure.
    pub wait: u64,
    /// When it was last raised.
    pub updated: u64,
}

impl Backoff {
    /// The moment until which one has to wait after `since`; none when free to go on.
    #[must_use]
    pub fn until(&self, since: u64, now: u64) -> Option<u64> {
        let expired = since.saturating_sub(self.updated) > 2 * MAX;
        let until = since + self.wait;
        (self.wait > 0 && !expired && now < until).then_some(until)
    }
    /// Raises the wait, or starts anew after a quiet time.
    pub fn next(&mut self, now: u64) {
        let expired = now.saturating_sub(self.updated) > 2 * MAX;
        self.wait = if self.wait == 0 || expired { FIRST } else { (self.wait * 2).min(MAX) };
        self.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_forgotten() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.until(1_000, 1_000), None);
        backoff.next(1_000);
        assert_eq!(backoff.until(3_000, 4_000), Some(13_000));
        assert_eq!(backoff.until(3_000, 13_000), None);
        for _ in 0..8 {
            backoff.next(13_000);
        }
        assert_eq!(backoff.wait, MAX);
        // It ran for more than ten minutes before it failed.
        assert_eq!(backoff.until(700_000, 700_001), None);
        backoff.next(700_000);
        assert_eq!(backoff.wait, FIRST);
    }
}
