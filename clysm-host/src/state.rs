//! What a store carries for its session.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{ArrayRefPre, ExnRef, Extern, Func, Module, OwnedRooted};

use crate::capabilities::{Capabilities, Grants, Random};
use crate::descriptors::DescriptorTable;
use crate::engine::{Engine, ModuleId};
use crate::frames::LispReport;
use crate::limits::{Limiter, Limits};
use crate::{HostError, Instance};

static NEXT_SESSION: AtomicU64 = AtomicU64::new(0);

/// An export that takes octets.
#[derive(Clone)]
pub(crate) struct OctetsFunction {
    pub(crate) instance: Instance,
    pub(crate) name: Arc<str>,
    pub(crate) function: Func,
    /// The allocator of what it takes.
    pub(crate) allocator: Arc<ArrayRefPre>,
}

/// The data of a session's store.
pub(crate) struct State {
    pub(crate) engine: Engine,
    /// A number of the session's own, by which it knows its instances.
    pub(crate) session: u64,
    pub(crate) instances: Vec<wasmtime::Instance>,
    pub(crate) descriptors: DescriptorTable,
    pub(crate) grants: Grants,
    pub(crate) limiter: Limiter,
    pub(crate) interrupted: Arc<AtomicBool>,
    deadline: Option<(Instant, Duration)>,
    /// The beginning of the monotonic clock.
    pub(crate) started: Instant,
    /// The code behind the last null result.
    pub(crate) last_error: ErrorCode,
    /// The text of the last failed host function.
    pub(crate) host_error: String,
    pub(crate) report: Option<LispReport>,
    /// The exception that ended the last call, if one did.
    pub(crate) thrown: Option<OwnedRooted<ExnRef>>,
    /// The allocator of u8-vectors.
    pub(crate) octets: Option<Arc<ArrayRefPre>>,
    /// Exports that take octets and were looked for: what a host calls, it calls often.
    pub(crate) octets_functions: Vec<OctetsFunction>,
    /// Octets on their way between the heap and the host, kept for their room.
    pub(crate) scratch: Vec<u8>,
    random: u64,
    /// What modules that were linked to an image export, by image and name; the last definition wins.
    linked: HashMap<Instance, HashMap<String, Extern>>,
    /// Loaded modules by the address of their code.
    modules: HashMap<usize, ModuleId>,
}

impl State {
    pub(crate) fn new(engine: &Engine, capabilities: Capabilities, limits: &Limits) -> Result<Self, HostError> {
        let ([input, output, error], grants) = capabilities.open()?;
        let random = if let Some(Random::Seeded(seed)) = grants.random { seed } else { 0 };
        Ok(Self {
            engine: engine.clone(),
            session: NEXT_SESSION.fetch_add(1, Ordering::Relaxed),
            instances: Vec::new(),
            descriptors: DescriptorTable::new(input, output, error, limits.open_files),
            grants,
            limiter: Limiter::new(limits),
            interrupted: Arc::default(),
            deadline: None,
            started: Instant::now(),
            last_error: ErrorCode::InvalidArgument,
            host_error: String::new(),
            report: None,
            thrown: None,
            octets: None,
            octets_functions: Vec::new(),
            scratch: Vec::new(),
            random,
            linked: HashMap::new(),
            modules: HashMap::new(),
        })
    }

    pub(crate) fn set_deadline(&mut self, time: Option<Duration>) {
        let now = Instant::now();
        self.deadline = time.and_then(|time| Some((now.checked_add(time)?, time)));
    }

    /// Fails when the time is over or somebody asked for an end.
    pub(crate) fn check_deadline(&self) -> Result<(), HostError> {
        if self.interrupted.swap(false, Ordering::Relaxed) {
            return Err(HostError::Interrupted { frames: Vec::new() });
        }
        match self.deadline {
            Some((deadline, limit)) if Instant::now() >= deadline => {
                Err(HostError::Timeout { limit, frames: Vec::new() })
            }
            _ => Ok(()),
        }
    }

    /// The error of a call to something that is not granted.
    pub(crate) fn not_granted(module: &str, name: &str) -> HostError {
        HostError::NotGranted { module: module.to_owned(), name: name.to_owned() }
    }

    /// The next 64 bits of the seeded generator (`SplitMix64`).
    pub(crate) const fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    pub(crate) fn note_module(&mut self, module: &Module, id: ModuleId) {
        self.modules.insert(address(module), id);
    }

    pub(crate) fn module_id(&self, module: &Module) -> Option<ModuleId> {
        self.modules.get(&address(module)).copied()
    }

    pub(crate) fn linked(&self, image: Instance, name: &str) -> Option<Extern> {
        self.linked.get(&image)?.get(name).cloned()
    }

    pub(crate) fn link(&mut self, image: Instance, exports: Vec<(String, Extern)>) {
        self.linked.entry(image).or_default().extend(exports);
    }
}

fn address(module: &Module) -> usize {
    module.image_range().start as usize
}
