//! `clysm:clock`: the time.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{Caller, Linker};

use crate::HostError;
use crate::state::State;

const MODULE: &str = "clysm:clock";

/// How long a sleeping program does not look at its deadline.
const NAP: Duration = Duration::from_millis(10);

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "now", |caller: Caller<'_, State>| -> wasmtime::Result<i64> {
            zone(caller.data(), "now")?;
            Ok(since_epoch(SystemTime::now()))
        })?
        .func_wrap(MODULE, "monotonic", |caller: Caller<'_, State>| -> wasmtime::Result<i64> {
            zone(caller.data(), "monotonic")?;
            Ok(nanoseconds(caller.data().started.elapsed()))
        })?
        .func_wrap(MODULE, "sleep", |caller: Caller<'_, State>, nanoseconds: i64| -> wasmtime::Result<i32> {
            zone(caller.data(), "sleep")?;
            let Ok(nanoseconds) = u64::try_from(nanoseconds) else { return Ok(ErrorCode::InvalidArgument.code()) };
            sleep(caller.data(), Duration::from_nanos(nanoseconds))?;
            Ok(0)
        })?
        .func_wrap(MODULE, "zone", |caller: Caller<'_, State>| -> wasmtime::Result<i32> {
            Ok(zone(caller.data(), "zone")?)
        })?;
    Ok(())
}

/// The zone in minutes west of UTC, if the clock is granted.
fn zone(state: &State, name: &str) -> Result<i32, HostError> {
    state.grants.clock.ok_or_else(|| State::not_granted(MODULE, name))
}

fn sleep(state: &State, duration: Duration) -> Result<(), HostError> {
    let begin = Instant::now();
    while let Some(left) = duration.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) {
        state.check_deadline()?;
        thread::sleep(left.min(NAP));
    }
    Ok(())
}

fn since_epoch(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(before) => -nanoseconds(before.duration()),
    }
}

/// 64 bits of nanoseconds reach to the year 2262; what is later counts as that.
fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
