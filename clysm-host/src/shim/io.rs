//! `clysm:io`: text on descriptors.

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{Caller, Linker};

use super::octets::{self, Octets};
use super::or_code;
use crate::descriptors::DescriptorError;
use crate::state::State;

const MODULE: &str = "clysm:io";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "write-char", |mut caller: Caller<'_, State>, fd: i32, code: i32| {
            or_code(write_char(caller.data_mut(), fd, code))
        })?
        .func_wrap(MODULE, "write-string", write_string)?
        .func_wrap(MODULE, "read-char", |mut caller: Caller<'_, State>, fd: i32| {
            or_code(read_char(caller.data_mut(), fd))
        })?
        .func_wrap(MODULE, "read-line", |mut caller: Caller<'_, State>, fd: i32| {
            let line = read_line(caller.data_mut(), fd);
            octets::answer(&mut caller, line)
        })?
        .func_wrap(MODULE, "read-string", |mut caller: Caller<'_, State>, fd: i32, max: i32| {
            let octets = read(caller.data_mut(), fd, max);
            octets::answer(&mut caller, octets)
        })?
        .func_wrap(MODULE, "flush", |mut caller: Caller<'_, State>, fd: i32| or_code(flush(caller.data_mut(), fd)))?
        .func_wrap(MODULE, "interactive", |mut caller: Caller<'_, State>, fd: i32| {
            let channel = caller.data_mut().descriptors.channel(fd);
            or_code(channel.map(|channel| i32::from(channel.is_terminal())).map_err(ErrorCode::from))
        })?
        .func_wrap(MODULE, "last-error", |caller: Caller<'_, State>| caller.data().last_error.code())?;
    Ok(())
}

fn write_char(state: &mut State, fd: i32, code: i32) -> Result<i32, ErrorCode> {
    let character = u32::try_from(code).ok().and_then(char::from_u32).ok_or(ErrorCode::InvalidArgument)?;
    let channel = state.descriptors.output(fd)?;
    channel.write(character.encode_utf8(&mut [0; 4]).as_bytes()).map_err(DescriptorError::from)?;
    Ok(0)
}

fn write_string(mut caller: Caller<'_, State>, fd: i32, text: Octets, start: i32, end: i32) -> i32 {
    or_code(octets::with(&mut caller, text, start, end, |state, octets| {
        std::str::from_utf8(octets).map_err(|_| ErrorCode::InvalidUtf8)?;
        write(state, fd, octets)
    }))
}

/// Writes octets; their number.
pub(super) fn write(state: &mut State, fd: i32, octets: &[u8]) -> Result<i32, ErrorCode> {
    state.descriptors.output(fd)?.write(octets).map_err(DescriptorError::from)?;
    i32::try_from(octets.len()).map_err(|_| ErrorCode::InvalidArgument)
}

fn read_char(state: &mut State, fd: i32) -> Result<i32, ErrorCode> {
    let character = state.descriptors.input(fd)?.read_char()?.ok_or(ErrorCode::EndOfFile)?;
    i32::try_from(u32::from(character)).map_err(|_| ErrorCode::InvalidUtf8)
}

fn read_line(state: &mut State, fd: i32) -> Result<Vec<u8>, ErrorCode> {
    let line = state.descriptors.input(fd)?.read_line()?;
    if std::str::from_utf8(&line).is_ok() { Ok(line) } else { Err(ErrorCode::InvalidUtf8) }
}

/// At most `max` octets, none at the end of the file.
pub(super) fn read(state: &mut State, fd: i32, max: i32) -> Result<Vec<u8>, ErrorCode> {
    let channel = state.descriptors.input(fd)?;
    let max = usize::try_from(max).ok().filter(|&max| max > 0).ok_or(ErrorCode::InvalidArgument)?;
    Ok(channel.read(max).map_err(DescriptorError::from)?)
}

fn flush(state: &mut State, fd: i32) -> Result<i32, ErrorCode> {
    state.descriptors.channel(fd)?.flush().map_err(DescriptorError::from)?;
    Ok(0)
}
