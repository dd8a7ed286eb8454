//! Laws of records, policies and derivation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use clysm_prelude::{Arity, Effect, Export, Exposure, HostPolicy, Inventory, Kind, Requirement, Visibility, inventory};
use proptest::prelude::*;
use support::World;

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9-]{0,6}", "[a-zé λ\"\\\\:]{1,5}"]
}

fn requirement() -> impl Strategy<Value = Requirement> {
    prop_oneof![
        Just(Requirement::Call),
        name().prop_map(Requirement::Tool),
        ("[a-z.]{1,4}", name()).prop_map(|(server, tool)| format!("upstream:{server}/{tool}").parse().unwrap()),
    ]
}

fn arity() -> impl Strategy<Value = (Arity, u32, Option<u32>)> {
    prop_oneof![
        (0..5u32).prop_map(|count| (Arity::Fixed(count), count, Some(count))),
        (0..5u32, prop::option::of(0..5u32)).prop_map(|(min, more)| (
            Arity::Variadic,
            min,
            more.map(|more| min + more)
        )),
    ]
}

fn export() -> impl Strategy<Value = Export> {
    let doc = prop::option::of(".{0,30}");
    let enums = (
        prop::sample::select(Visibility::ALL),
        prop::sample::select(Effect::ALL),
        prop::option::of(requirement().prop_filter("names an operation", |id| *id != Requirement::Call)),
    );
    let lists = (prop::collection::btree_set(requirement(), 0..4), prop::collection::vec(name(), 0..4));
    (name(), name(), arity(), doc, enums, lists, any::<bool>()).prop_map(
        |(namespace, symbol, (arity, min, max), doc, (visibility, effect, provider), (requires, params), constant)| {
            let tools = requires.iter().filter_map(|requirement| match requirement {
                Requirement::Tool(name) => Some(name.clone()),
                _ => None,
            });
            let (kind, arity, min_arity, max_arity, params) = if constant {
                (Kind::Constant, Arity::Fixed(0), 0, Some(0), Vec::new())
            } else {
                (Kind::Function, arity, min, max, params)
            };
            Export {
                reference: format!("{namespace}/{symbol}"),
                namespace,
                symbol,
                arity,
                min_arity,
                max_arity,
                params,
                doc,
                visibility,
                effect,
                kind,
                provider_ref: provider.map(|id| id.to_string()),
                tool_refs: tools.collect(),
                requires: requires.iter().map(ToString::to_string).collect(),
            }
        },
    )
}

/// A policy as its JSON, with the members of its tables in some order.
fn policy() -> impl Strategy<Value = HostPolicy> {
    let effect = || prop::option::of(prop::sample::select(Effect::ALL));
    let exposure =
        prop::option::of(prop::sample::select(vec![Exposure::Prompt, Exposure::Discoverable, Exposure::Hidden]));
    let tools = prop::collection::btree_map(name(), (effect(), any::<bool>()), 0..4);
    let exports = prop::collection::btree_map("[a-z]{1,3}/[a-z]{1,3}", (exposure, effect()), 0..4);
    let limits = (prop::option::of(1..1000u64), prop::option::of(1..=i64::MAX as u64));
    (prop::collection::btree_set(requirement(), 0..5), tools, exports, limits, any::<bool>()).prop_map(
        |(grants, tools, exports, (time_ms, fuel), restrict)| {
            let mut policy = HostPolicy { grants, ..HostPolicy::default() };
            for (name, (effect, private)) in tools {
                policy.tools.insert(name, clysm_prelude::ToolPolicy { effect, private });
            }
            for (name, (visibility, effect)) in exports {
                policy.exports.insert(name, clysm_prelude::ExportPolicy { visibility, effect });
            }
            policy.limits.time_ms = time_ms;
            policy.limits.fuel = fuel;
            if restrict {
                let granted = policy.grants.iter().filter_map(|requirement| match requirement {
                    Requirement::Tool(name) => Some(name.clone()),
                    _ => None,
                });
                policy.program.tools = Some(granted.step_by(2).collect());
                let granted = policy.grants.iter().filter_map(|requirement| match requirement {
                    Requirement::Upstream(id) => Some(id.clone()),
                    _ => None,
                });
                policy.program.upstreams = Some(granted.step_by(2).collect());
            }
            policy
        },
    )
}

const FUNCTIONS: usize = 5;

/// Functions F0 … of which each calls some others and some tools.
#[derive(Clone, Debug)]
struct Graph {
    calls: BTreeSet<(usize, usize)>,
    tools: BTreeSet<(usize, usize)>,
}

fn graph() -> impl Strategy<Value = Graph> {
    let pairs = || prop::collection::btree_set((0..FUNCTIONS, 0..FUNCTIONS), 0..8);
    (pairs(), pairs()).prop_map(|(calls, tools)| Graph { calls, tools })
}

impl Graph {
    fn text(&self, order: &[usize]) -> String {
        let exports: String = (0..FUNCTIONS).map(|index| format!("\"F{index}\" ")).collect();
        let mut text = format!("(defpackage \"P\" (:use \"CL\") (:export {exports})) (in-package \"P\")\n");
        for index in order {
            let calls = self.calls.iter().filter(|(from, _)| from == index).map(|(_, to)| match to % 3 {
                0 => format!("(f{to})"),
                1 => format!("#'f{to}"),
                _ => format!("'(1 f{to})"),
            });
            let tools = self.tools.iter().filter(|(from, _)| from == index);
            let tools = tools.map(|(_, tool)| format!("(clysm::%tool.invoke \"t{tool}\" nil)"));
            let body: Vec<String> = calls.chain(tools).collect();
            text.push_str(&format!("(defun f{index} () nil {})\n", body.join(" ")));
        }
        text
    }

    fn records(&self, policy: &HostPolicy) -> Vec<Export> {
        World::default().prelude(&self.text(&[0, 1, 2, 3, 4]), policy).unwrap()
    }

    /// What each function reaches, found by another way than the crate's: until nothing is added.
    fn model(&self) -> Vec<BTreeSet<String>> {
        let mut reached: Vec<BTreeSet<String>> = vec![BTreeSet::new(); FUNCTIONS];
        for (from, tool) in &self.tools {
            reached[*from].insert(format!("t{tool}"));
        }
        for _ in 0..FUNCTIONS {
            for (from, to) in &self.calls {
                let more = reached[*to].clone();
                reached[*from].extend(more);
            }
        }
        reached
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn records_come_back_the_same(export in export()) {
        prop_assert_eq!(export.validate(), Ok(()));
        let text = serde_json::to_string(&export).unwrap();
        prop_assert_eq!(serde_json::from_str::<Export>(&text).unwrap(), export);
    }

    #[test]
    fn policies_come_back_the_same_in_both_forms(policy in policy()) {
        prop_assert_eq!(&HostPolicy::from_json(&policy.canonical_json()).unwrap(), &policy);
        let toml = toml::to_string(&policy).unwrap();
        let again = HostPolicy::from_toml(&toml).unwrap();
        prop_assert_eq!(again.hash(), policy.hash());
        prop_assert_eq!(again, policy);
    }

    #[test]
    fn the_order_of_tables_does_not_matter(policy in policy()) {
        let members: BTreeMap<String, serde_json::Value> = serde_json::from_str(&policy.canonical_json()).unwrap();
        let backwards: Vec<String> =
            members.iter().rev().map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
        let again = HostPolicy::from_json(&format!("{{{}}}", backwards.join(","))).unwrap();
        prop_assert_eq!(again.canonical_json(), policy.canonical_json());
    }

    #[test]
    fn inventories_come_back_the_same_and_have_no_order(mut exports in prop::collection::vec(export(), 0..8)) {
        exports.sort_by(|left, right| left.reference.cmp(&right.reference));
        exports.dedup_by(|left, right| left.reference == right.reference);
        let one = Inventory::new(&exports);
        let text = serde_json::to_string(&one).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Inventory>(&text).unwrap(), &one);
        prop_assert_eq!(one.text().is_empty(), !exports.iter().any(|export| export.visibility == Visibility::Prompt));
        let text = inventory(&exports);
        exports.reverse();
        prop_assert_eq!(inventory(&exports), text);
    }

    #[test]
    fn derived_tools_are_those_of_the_closure(graph in graph()) {
        for (export, expected) in graph.records(&HostPolicy::default()).iter().zip(graph.model()) {
            prop_assert_eq!(export.tool_refs.iter().cloned().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn a_further_call_never_takes_tools_away(graph in graph(), from in 0..FUNCTIONS, to in 0..FUNCTIONS) {
        let before = graph.records(&HostPolicy::default());
        let mut more = graph;
        more.calls.insert((from, to));
        for (before, after) in before.iter().zip(more.records(&HostPolicy::default())) {
            prop_assert!(before.tool_refs.iter().all(|tool| after.tool_refs.contains(tool)));
        }
    }

    #[test]
    fn the_order_of_definitions_does_not_matter(graph in graph(), order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle()) {
        let policy = HostPolicy::default();
        let shuffled = World::default().prelude(&graph.text(&order), &policy).unwrap();
        prop_assert_eq!(shuffled, graph.records(&policy));
    }

    #[test]
    fn policies_never_widen(
        graph in graph(),
        source in prop::sample::select(Visibility::ALL),
        package in prop::option::of(prop::sample::select(vec![Exposure::Discoverable, Exposure::Hidden])),
        export in prop::option::of(prop::sample::select(vec![Exposure::Prompt, Exposure::Discoverable, Exposure::Hidden])),
    ) {
        let mut policy = HostPolicy::default();
        policy.packages.insert("p".to_owned(), clysm_prelude::PackagePolicy { visibility: package });
        let of_export = clysm_prelude::ExportPolicy { visibility: export, effect: None };
        policy.exports.insert("p/f0".to_owned(), of_export);
        let text = format!(
            "{} (declaim (clysm:export f0 :visibility :{}))", graph.text(&[0, 1, 2, 3, 4]), source.name());
        match World::default().prelude(&text, &policy) {
            Ok(records) => {
                let f0 = records.iter().find(|record| record.symbol == "f0");
                prop_assert!(f0.is_none_or(|record| record.visibility >= source));
                let within = |record: &Export| {
                    package.is_none_or(|package| record.symbol == "f0" || Exposure::from(record.visibility) >= package)
                };
                prop_assert!(records.iter().all(within));
            }
            Err(_) => prop_assert!(export.is_some_and(|export| export < source.into())),
        }
    }
}
