//! `clysm:fs`: files in granted directories.

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{Caller, Linker};

use super::octets::{self, Octets};
use super::{io, or_code, or_code_i64};
use crate::channel::{Backend, Channel, Flush};
use crate::directories::{Kind, OpenMode};
use crate::state::State;

const MODULE: &str = "clysm:fs";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "open", |mut caller: Caller<'_, State>, path: Octets, length: i32, flags: i32| {
            or_code(octets::with_text(&mut caller, path, length, |state, path| open(state, path, flags)))
        })?
        .func_wrap(MODULE, "close", |mut caller: Caller<'_, State>, fd: i32| {
            or_code(caller.data_mut().descriptors.close(fd).map(|()| 0).map_err(ErrorCode::from))
        })?
        .func_wrap(MODULE, "read", |mut caller: Caller<'_, State>, fd: i32, max: i32| {
            let octets = io::read(caller.data_mut(), fd, max);
            octets::answer(&mut caller, octets)
        })?
        .func_wrap(MODULE, "write", |mut caller: Caller<'_, State>, fd: i32, data: Octets, start: i32, end: i32| {
            or_code(octets::with(&mut caller, data, start, end, |state, octets| io::write(state, fd, octets)))
        })?
        .func_wrap(MODULE, "size", |mut caller: Caller<'_, State>, fd: i32| {
            or_code_i64(place(caller.data_mut(), fd, Channel::size))
        })?
        .func_wrap(MODULE, "position", |mut caller: Caller<'_, State>, fd: i32| {
            or_code_i64(place(caller.data_mut(), fd, Channel::position))
        })?
        .func_wrap(MODULE, "seek", |mut caller: Caller<'_, State>, fd: i32, to: i64| {
            or_code_i64(
                u64::try_from(to)
                    .map_err(|_| ErrorCode::InvalidArgument)
                    .and_then(|to| place(caller.data_mut(), fd, |channel| channel.seek(to))),
            )
        })?;
    define_paths(linker)
}

fn define_paths(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "stat", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            or_code(octets::with_text(&mut caller, path, length, |state, path| {
                Ok(match state.grants.directories.kind(path)? {
                    Kind::Nothing => 0,
                    Kind::File => 1,
                    Kind::Directory => 2,
                })
            }))
        })?
        .func_wrap(MODULE, "modified", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            or_code_i64(octets::with_text(&mut caller, path, length, |state, path| {
                state.grants.directories.modified(path)
            }))
        })?
        .func_wrap(MODULE, "delete", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            or_code(octets::with_text(&mut caller, path, length, |state, path| {
                state.grants.directories.delete(path).map(|()| 0)
            }))
        })?
        .func_wrap(MODULE, "make-directory", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            or_code(octets::with_text(&mut caller, path, length, |state, path| {
                state.grants.directories.make_directory(path).map(|()| 0)
            }))
        })?
        .func_wrap(MODULE, "rename", rename)?
        .func_wrap(MODULE, "list", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            let names = octets::with_text(&mut caller, path, length, |state, path| state.grants.directories.list(path));
            octets::answer(&mut caller, names)
        })?
        .func_wrap(MODULE, "resolve", |mut caller: Caller<'_, State>, path: Octets, length: i32| {
            let resolved = octets::with_text(&mut caller, path, length, |state, path| {
                state.grants.directories.resolve(path).map(String::into_bytes)
            });
            octets::answer(&mut caller, resolved)
        })?;
    Ok(())
}

fn open(state: &mut State, path: &str, flags: i32) -> Result<i32, ErrorCode> {
    let mode = OpenMode::from_flags(flags)?;
    // A file must not be made or emptied when there is no descriptor for it.
    state.descriptors.has_room()?;
    let (file, direction) = state.grants.directories.open(path, mode)?;
    let channel = Channel::new(Backend::File(file), Flush::WhenFull, false);
    let descriptor = state.descriptors.open(path, direction, channel)?;
    i32::try_from(descriptor).map_err(|_| ErrorCode::InputOutput)
}

fn place(
    state: &mut State,
    fd: i32,
    function: impl FnOnce(&mut Channel) -> Result<u64, crate::DescriptorError>,
) -> Result<i64, ErrorCode> {
    let octets = function(state.descriptors.channel(fd)?)?;
    i64::try_from(octets).map_err(|_| ErrorCode::InputOutput)
}

fn rename(mut caller: Caller<'_, State>, from: Octets, from_length: i32, to: Octets, to_length: i32) -> i32 {
    let from = octets::with_text(&mut caller, from, from_length, |_, path| Ok(path.to_owned()));
    or_code(from.and_then(|from| {
        octets::with_text(&mut caller, to, to_length, |state, to| {
            state.grants.directories.rename(&from, to).map(|()| 0)
        })
    }))
}
