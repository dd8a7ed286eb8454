//! How long the modules of an engine took to compile, to load and to be called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The time spent in an engine so far, by all its sessions. What happens within another activity counts for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineTimes {
    /// Making machine code.
    pub compiling: Duration,
    /// Instantiating modules and running their start code.
    pub loading: Duration,
    /// Calls from octets to octets.
    pub calling: Duration,
}

/// What time is spent on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Activity {
    Compiling,
    Loading,
    Calling,
}

/// Nanoseconds by activity.
#[derive(Debug, Default)]
pub(crate) struct Clock([AtomicU64; 3]);

impl Clock {
    /// Measures until the result is dropped.
    pub(crate) fn start(self: &Arc<Self>, activity: Activity) -> Measurement {
        Measurement { clock: Arc::clone(self), activity, start: Instant::now() }
    }

    pub(crate) fn times(&self) -> EngineTimes {
        let read = |activity: Activity| Duration::from_nanos(self.0[activity as usize].load(Ordering::Relaxed));
        EngineTimes {
            compiling: read(Activity::Compiling),
            loading: read(Activity::Loading),
            calling: read(Activity::Calling),
        }
    }
}

/// A measurement under way.
pub(crate) struct Measurement {
    clock: Arc<Clock>,
    activity: Activity,
    start: Instant,
}

impl Drop for Measurement {
    fn drop(&mut self) {
        let nanoseconds = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.clock.0[self.activity as usize].fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_activity_has_a_sum_of_its_own() {
        let clock = Arc::new(Clock::default());
        drop(clock.start(Activity::Loading));
        let before = clock.times().loading;
        let measurement = clock.start(Activity::Loading);
        while measurement.start.elapsed().is_zero() {}
        drop(measurement);
        let after = clock.times();
        assert!(after.loading > before);
        assert_eq!((after.compiling, after.calling), (Duration::ZERO, Duration::ZERO));
    }
}
