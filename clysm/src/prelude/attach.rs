//! Attaching a prelude: what its exports require is compared with what a run grants and offers.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clysm_host::Limits;
use clysm_prelude::{Export, HostPolicy, Inventory, Offer, Preludes};

use super::compile::Prelude;
use super::error::AttachFailure;
use super::tools::Tools;

/// A prelude with the policy and the tools of a run. Clones share it; any number of engines may be made with it, one after another
/// or at once.
#[derive(Clone)]
pub struct Attached {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) prelude: Prelude,
    pub(crate) policy: HostPolicy,
    pub(crate) exports: Vec<Export>,
    /// The same by the symbols of the prelude.
    pub(crate) preludes: Preludes,
    pub(crate) tools: Tools,
    /// The records for the discovery forms.
    records: OnceLock<String>,
}

impl Inner {
    /// The records for the discovery forms.
    pub(crate) fn records(&self) -> &str {
        self.records.get_or_init(|| super::records::text(&self.exports, self.prelude.facts()))
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("exports", &self.inner.exports).field("tools", &self.inner.tools).finish()
    }
}

/// Attaches a prelude: every requirement of every export that the policy does not hide must be granted and offered. Nothing of any
/// program is read before that.
///
/// # Errors
/// The policy contradicts the prelude, or requirements are not met: all of them are named.
pub fn attach(prelude: &Prelude, policy: &HostPolicy, tools: Tools) -> Result<Attached, AttachFailure> {
    let exports = prelude.exports(policy)?;
    let mut preludes = Preludes::default();
    preludes.add(prelude.facts(), &exports, policy);
    clysm_prelude::attach(&exports, policy, &offer(&tools))
        .map_err(|error| AttachFailure::Requirements { error, places: preludes.places() })?;
    let records = OnceLock::new();
    let inner = Inner { prelude: prelude.clone(), policy: policy.clone(), exports, preludes, tools, records };
    Ok(Attached { inner: Arc::new(inner) })
}

fn offer(tools: &Tools) -> Offer {
    Offer {
        tools: tools.names().map(str::to_owned).collect(),
        upstreams: tools.upstream_names().filter_map(|name| name.parse().ok()).collect(),
    }
}

impl Attached {
    /// The records of the exports, in the order of their references.
    #[must_use]
    pub fn exports(&self) -> &[Export] {
        &self.inner.exports
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &HostPolicy {
        &self.inner.policy
    }

    /// The prompt inventory: the exports that programs may use under the policy.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        Inventory::granted(&self.inner.exports, &self.inner.policy)
    }

    /// The limits of a run.
    pub(crate) fn limits(&self, given: &Limits) -> Limits {
        limits(&self.inner.policy, given)
    }
}

/// The limits of a run under a policy: of the policy's and of those given the lower ones.
#[must_use]
pub fn limits(policy: &HostPolicy, given: &Limits) -> Limits {
    let policy = &policy.limits;
    let lower = |own: Option<u64>, given: Option<u64>| own.into_iter().chain(given).min();
    let time = policy.time_ms.map(Duration::from_millis).into_iter().chain(given.time).min();
    let stack = policy.stack_bytes.and_then(|octets| usize::try_from(octets).ok());
    Limits {
        time,
        fuel: lower(policy.fuel, given.fuel),
        heap_bytes: lower(policy.heap_bytes, given.heap_bytes),
        stack_bytes: stack.into_iter().chain(given.stack_bytes).min(),
        ..given.clone()
    }
}
