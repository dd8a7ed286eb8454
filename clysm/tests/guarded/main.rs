//! Whatever program is generated: tools called ⊆ tools listed by the guard ⊆ tools granted to programs; and what is refused has called
//! nothing.
//!
//! The host's tools count for themselves, and what is granted is read from the policy's own fields: nothing here asks the code that is tested.
//! `PROPTEST_CASES` in the environment says how many policies are generated; each is tried by up to three programs in one engine.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod programs;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use clysm::prelude::{Export, GuardedError, HostPolicy, Listed, Prelude, Requirement, Run, Tools, attach};
use clysm::{Engine, Input, Output, Value};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use programs::{Case, World, case};

/// How many policies are tried unless the environment says otherwise.
const CASES: u32 = 120;

fn prelude() -> Prelude {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/prelude/workshop.lisp");
    let text = std::fs::read_to_string(path).expect("a prelude");
    Prelude::compile("workshop.lisp", text).unwrap_or_else(|error| panic!("{error}"))
}

fn world(prelude: &Prelude) -> World {
    let exports = prelude.exports(&HostPolicy::default()).expect("records");
    let of_exports = exports.iter().flat_map(|export| &export.requires);
    let tools = of_exports.map(String::as_str).chain(["tool:spare", "upstream:store/spare", "call"]);
    let tools = tools.map(|id| id.parse().expect("an id")).collect();
    World { exports, tools }
}

/// Calls of tools, as the tools themselves count them.
type Calls = Arc<Mutex<BTreeMap<Requirement, u64>>>;

/// The tools of a world. The one that is called `fragile` fails.
fn tools(world: &World, calls: &Calls) -> Tools {
    let counting = |requirement: &Requirement| {
        let (requirement, calls) = (requirement.clone(), Arc::clone(calls));
        move |_: &[Value]| {
            *calls.lock().expect("no panic").entry(requirement.clone()).or_default() += 1;
            if requirement.to_string() == "tool:fragile" { Err("out of order") } else { Ok(2) }
        }
    };
    world.tools.iter().fold(Tools::new(), |tools, requirement| match requirement {
        Requirement::Tool(name) => tools.tool(name, counting(requirement)),
        Requirement::Upstream(id) => tools.upstream(id.server(), id.tool(), counting(requirement)),
        Requirement::Call => tools,
    })
}

/// Everything that the policy lets programs reach, through exports as well.
fn granted(policy: &HostPolicy) -> BTreeSet<Requirement> {
    let program = &policy.program;
    let is_listed = |requirement: &&Requirement| match requirement {
        Requirement::Tool(name) => program.tools.as_ref().is_none_or(|tools| tools.contains(name)),
        Requirement::Upstream(id) => program.upstreams.as_ref().is_none_or(|upstreams| upstreams.contains(id)),
        Requirement::Call => true,
    };
    policy.grants.iter().filter(is_listed).cloned().collect()
}

fn is_private(policy: &HostPolicy, requirement: &Requirement) -> bool {
    let policy = match requirement {
        Requirement::Tool(name) => policy.tools.get(name),
        Requirement::Upstream(id) => policy.upstreams.get(id),
        Requirement::Call => None,
    };
    policy.is_some_and(|policy| policy.private)
}

/// What a list of the guard holds.
fn listed(listed: &Listed) -> BTreeSet<Requirement> {
    let tools = listed.tools.iter().cloned().map(Requirement::Tool);
    let upstreams = listed.upstreams.iter().cloned().map(Requirement::Upstream);
    tools.chain(upstreams).chain(listed.call.then_some(Requirement::Call)).collect()
}

/// Fails if one set is not within another.
fn within(what: &str, some: &BTreeSet<Requirement>, all: &BTreeSet<Requirement>) -> Result<(), String> {
    match some.difference(all).next() {
        Some(excess) => Err(format!("{excess} was {what}")),
        None => Ok(()),
    }
}

/// What programs of one engine may have reached so far.
struct Reached<'a> {
    policy: &'a HostPolicy,
    exports: &'a [Export],
    /// By exports that a program referred to. Unknown once one failed: an error does not say what was listed for it.
    through_exports: Option<BTreeSet<Requirement>>,
}

impl Reached<'_> {
    /// What is wrong with how a program ended that made these calls.
    fn check(&mut self, result: &Result<Run, GuardedError>, called: &BTreeMap<Requirement, u64>) -> Result<(), String> {
        let tools: BTreeSet<Requirement> = called.keys().cloned().collect();
        let granted = granted(self.policy);
        match result {
            Ok(run) => {
                let mut permitted = listed(&run.listed);
                within("listed without being granted", &permitted, &granted)?;
                if run.listed.call {
                    permitted.extend(granted.iter().filter(|tool| !is_private(self.policy, tool)).cloned());
                }
                within("called without being listed", &tools, &permitted)?;
                within("called without being granted", &tools, &granted)?;
                self.check_private(&run.listed, &tools)?;
                let counted: BTreeMap<String, u64> = called.iter().map(|(tool, count)| (name(tool), *count)).collect();
                if counted == run.calls {
                    Ok(())
                } else {
                    Err(format!("{counted:?} were called, told {:?}", run.calls))
                }
            }
            Err(GuardedError::Run(_)) => {
                self.through_exports = None;
                within("called without being granted", &tools, &granted)
            }
            Err(_) => within("called by a program that was refused", &tools, &BTreeSet::new()),
        }
    }

    /// Private tools are called by exports only.
    fn check_private(&mut self, listed: &Listed, tools: &BTreeSet<Requirement>) -> Result<(), String> {
        let Some(through_exports) = &mut self.through_exports else { return Ok(()) };
        let exports = self.exports.iter().filter(|export| listed.exports.contains(&export.reference));
        through_exports.extend(exports.flat_map(|export| &export.requires).filter_map(|id| id.parse().ok()));
        let private = tools.iter().filter(|tool| is_private(self.policy, tool)).cloned().collect();
        within("called by a program, and is private", &private, through_exports)
    }
}

/// The name in reports: a tool's, or `server/tool`.
fn name(requirement: &Requirement) -> String {
    match requirement {
        Requirement::Tool(name) => name.clone(),
        Requirement::Upstream(id) => id.id().to_owned(),
        Requirement::Call => "call".to_owned(),
    }
}

/// How programs ended.
#[derive(Debug, Default)]
struct Tally {
    programs: u32,
    uncompiled: u32,
    rejected: u32,
    denied: u32,
    failed: u32,
    ran: u32,
    /// Of those that ran, how many called a tool, and how many were refused something while they ran.
    called: u32,
    stopped: u32,
}

impl Tally {
    fn add(&mut self, result: &Result<Run, GuardedError>, called: bool) {
        self.programs += 1;
        let count = match result {
            Ok(_) => &mut self.ran,
            Err(GuardedError::Run(_)) => &mut self.failed,
            Err(GuardedError::Guard(_)) => &mut self.denied,
            Err(GuardedError::Analysis(_)) => &mut self.rejected,
            Err(_) => &mut self.uncompiled,
        };
        *count += 1;
        if let Ok(run) = result {
            self.called += u32::from(called);
            // The programs count themselves what they were refused.
            self.stopped += u32::from(run.values.first() != Some(&0.into()));
        }
    }

    /// Whether enough of everything happened for the property to mean something.
    fn is_telling(&self) -> bool {
        let at_least = |share: u32, count: u32| count * 100 >= self.programs * share;
        at_least(40, self.ran) && at_least(25, self.called) && at_least(6, self.stopped) && at_least(4, self.denied)
    }
}

fn engine(prelude: &Prelude, policy: &HostPolicy, tools: Tools) -> Engine {
    let attached = attach(prelude, policy, tools).unwrap_or_else(|error| panic!("{error}"));
    let builder = Engine::builder().attach(&attached).input(Input::Empty);
    builder.output(Output::Discard).error_output(Output::Discard).build().expect("an engine")
}

#[test]
fn nothing_is_called_that_is_not_listed_and_granted() {
    let prelude = prelude();
    let world = world(&prelude);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let tally = RefCell::new(Tally::default());
    let outcome = TestRunner::new(config).run(&case(world.clone()), |Case { policy, programs }| {
        let calls = Calls::default();
        let mut engine = engine(&prelude, &policy, tools(&world, &calls));
        let mut reached = Reached { policy: &policy, exports: &world.exports, through_exports: Some(BTreeSet::new()) };
        for program in programs {
            let result = engine.run_guarded("program.lisp", &program);
            let called = std::mem::take(&mut *calls.lock().expect("no panic"));
            tally.borrow_mut().add(&result, !called.is_empty());
            reached.check(&result, &called).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let tally = tally.into_inner();
    assert!(tally.is_telling(), "{tally:?}");
}

#[test]
fn the_property_can_fail() {
    let prelude = prelude();
    let world = world(&prelude);
    let policy = HostPolicy { grants: world.tools.clone(), ..HostPolicy::default() };
    let calls = Calls::default();
    let mut engine = engine(&prelude, &policy, tools(&world, &calls));
    let mut run = engine.run_guarded("program.lisp", "(workshop:plain 1) (workshop:remote 1)").expect("values");
    let called = std::mem::take(&mut *calls.lock().expect("no panic"));
    let check = |policy: &HostPolicy, run: Run, through_exports| {
        Reached { policy, exports: &world.exports, through_exports: Some(through_exports) }.check(&Ok(run), &called)
    };
    assert_eq!(check(&policy, run.clone(), BTreeSet::new()), Ok(()));

    let without = |id: &str| {
        let id = id.parse().expect("an id");
        let grants = policy.grants.iter().filter(|granted| **granted != id).cloned().collect();
        HostPolicy { grants, ..policy.clone() }
    };
    let excess = |error: &str| Err(error.to_owned());
    assert_eq!(
        check(&without("tool:plain"), run.clone(), BTreeSet::new()),
        excess("tool:plain was listed without being granted")
    );
    run.listed.upstreams.clear();
    assert_eq!(
        check(&policy, run.clone(), BTreeSet::new()),
        excess("upstream:store/fetch was called without being listed")
    );
    let refused = Err(GuardedError::NoPrelude);
    let mut reached = Reached { policy: &policy, exports: &world.exports, through_exports: None };
    assert_eq!(reached.check(&refused, &called), excess("tool:plain was called by a program that was refused"));
}
