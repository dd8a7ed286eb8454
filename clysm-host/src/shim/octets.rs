//! Octets on their way between a program's heap and the host.

use std::sync::Arc;

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{ArrayRef, Caller, Rooted};

use crate::HostError;
use crate::state::State;

/// A `u8-vector` or null.
pub(super) type Octets = Option<Rooted<ArrayRef>>;

/// Calls a function with the elements from `start` to `end` of a vector of octets.
pub(super) fn with<R>(
    caller: &mut Caller<'_, State>,
    vector: Octets,
    start: i32,
    end: i32,
    function: impl FnOnce(&mut State, &[u8]) -> Result<R, ErrorCode>,
) -> Result<R, ErrorCode> {
    let mut scratch = std::mem::take(&mut caller.data_mut().scratch);
    let result = copy(caller, vector, &mut scratch).and_then(|()| {
        let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let part = range.and_then(|(start, end)| scratch.get(start..end)).ok_or(ErrorCode::InvalidArgument)?;
        function(caller.data_mut(), part)
    });
    caller.data_mut().scratch = scratch;
    result
}

/// Like [`with`], for the first `length` elements, which must be UTF-8.
pub(super) fn with_text<R>(
    caller: &mut Caller<'_, State>,
    vector: Octets,
    length: i32,
    function: impl FnOnce(&mut State, &str) -> Result<R, ErrorCode>,
) -> Result<R, ErrorCode> {
    with(caller, vector, 0, length, |state, octets| {
        function(state, std::str::from_utf8(octets).map_err(|_| ErrorCode::InvalidUtf8)?)
    })
}

/// Calls a function with all elements of a vector of octets; the function may itself call the program.
pub(super) fn with_all<R>(
    caller: &mut Caller<'_, State>,
    vector: Octets,
    function: impl FnOnce(&mut Caller<'_, State>, &[u8]) -> R,
) -> Result<R, ErrorCode> {
    let mut scratch = std::mem::take(&mut caller.data_mut().scratch);
    let result = copy(caller, vector, &mut scratch).map(|()| function(caller, &scratch));
    caller.data_mut().scratch = scratch;
    result
}

/// All elements of a vector of octets.
pub(super) fn all(caller: &mut Caller<'_, State>, vector: Octets) -> Result<Vec<u8>, ErrorCode> {
    let mut octets = Vec::new();
    copy(caller, vector, &mut octets)?;
    Ok(octets)
}

/// Null and arrays of anything else than octets are invalid arguments.
fn copy(caller: &mut Caller<'_, State>, vector: Octets, into: &mut Vec<u8>) -> Result<(), ErrorCode> {
    let array = vector.ok_or(ErrorCode::InvalidArgument)?;
    let length = array.len(&*caller).map_err(|_| ErrorCode::InvalidArgument)?;
    into.resize(length as usize, 0);
    array.copy_to_i8_slice(caller, into).map_err(|_| ErrorCode::InvalidArgument)
}

/// A fresh vector of octets.
pub(super) fn fresh(caller: &mut Caller<'_, State>, octets: &[u8]) -> wasmtime::Result<Octets> {
    let allocator = caller.data().octets.as_ref().map(Arc::clone);
    let allocator = allocator.ok_or_else(|| HostError::Engine("no module was loaded".to_owned()))?;
    ArrayRef::new_from_i8_slice(caller, &allocator, octets).map(Some)
}

/// A fresh vector of octets; or null, the error being noted for `last-error`.
pub(super) fn answer(caller: &mut Caller<'_, State>, result: Result<Vec<u8>, ErrorCode>) -> wasmtime::Result<Octets> {
    match result {
        Ok(octets) => fresh(caller, &octets),
        Err(error) => {
            caller.data_mut().last_error = error;
            Ok(None)
        }
    }
}
