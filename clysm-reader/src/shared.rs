//! Finding structure that must be labelled because it can't be written as a tree.

use crate::hash::NameSet;
use crate::heap::{Datum, Heap};

/// Visits allowed beyond the size of the heap before sharing counts as heavy.
const SLACK: usize = 10_000;

/// The compound data below `root` that need labels: none if the whole is a tree, or shares little; else whatever is reached
/// more than once, so that circular data end and heavily shared data don't explode.
pub(crate) fn labelled(heap: &Heap, root: Datum) -> NameSet<Datum> {
    if is_small(heap, root) {
        return NameSet::default();
    }
    let mut seen = NameSet::default();
    let mut labelled = NameSet::default();
    let mut pending = vec![root];
    while let Some(datum) = pending.pop() {
        if !has_parts(heap, datum) {
            continue;
        }
        if seen.insert(datum) {
            push_parts(heap, datum, &mut pending);
        } else {
            labelled.insert(datum);
        }
    }
    labelled
}

/// Whether a walk that takes the data for a tree visits hardly more conses and objects than there are: then they aren't
/// circular. It costs no table.
fn is_small(heap: &Heap, root: Datum) -> bool {
    let mut budget = heap.size() + SLACK;
    let mut pending = vec![root];
    while let Some(datum) = pending.pop() {
        if !has_parts(heap, datum) {
            continue;
        }
        let Some(less) = budget.checked_sub(1) else { return false };
        budget = less;
        push_parts(heap, datum, &mut pending);
    }
    true
}

fn has_parts(heap: &Heap, datum: Datum) -> bool {
    datum.is_cons() || heap.object(datum).is_some_and(|object| !object.parts().is_empty())
}

fn push_parts(heap: &Heap, datum: Datum, pending: &mut Vec<Datum>) {
    if let Some((car, cdr)) = heap.uncons(datum) {
        pending.extend([cdr, car]);
    } else if let Some(object) = heap.object(datum) {
        pending.extend_from_slice(object.parts());
    }
}
