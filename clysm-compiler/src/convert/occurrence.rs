//! Where in a form a symbol stands. Symbols carry no position of their own, but the conses that hold them do; so their
//! places are looked for when a diagnostic needs one, and cost nothing before.

use clysm_reader::{Datum, Heap, Symbol};
use clysm_report::Span;

/// The conses that a search visits at most: literal data in a form may be circular.
const VISITED: usize = 10_000;

/// The place of the first occurrence of a symbol in a form; none if it does not occur, or only where no place is known.
///
/// The first element of a list has the list's own place, so that it is the list that is found.
pub fn occurrence(heap: &Heap, form: Datum, symbol: Symbol) -> Option<Span> {
    let mut pending = vec![form];
    for _ in 0..VISITED {
        let datum = pending.pop()?;
        let Some((car, cdr)) = heap.uncons(datum) else { continue };
        if car == Datum::Symbol(symbol) {
            let span = heap.span(datum);
            if !span.is_none() {
                return Some(span);
            }
        }
        pending.push(cdr);
        pending.push(car);
    }
    None
}

#[cfg(test)]
mod tests {
    use clysm_reader::{NoReadEval, PackageId, Reader, Symbols};
    use clysm_report::SourceMap;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let (mut heap, mut symbols, mut sources) = (Heap::new(), Symbols::new(), SourceMap::new());
        let file = sources.add("test", text);
        let form = Reader::new(text, file).read(&mut heap, &mut symbols, &mut NoReadEval);
        let form = form.expect("readable").expect("a form");
        let symbol = symbols.intern(PackageId::COMMON_LISP_USER, "X");
        let found = occurrence(&heap, form, symbol);
        assert_eq!(found.map(|span| &text[span.start as usize..span.end as usize]), expected);
    }

    #[test]
    fn finds_the_first_in_the_order_of_the_text() {
        check("(list x)", Some("x"));
        check("(let ((y (f 1 x)) (x 2)) x)", Some("x"));
        check("(f (x y) x)", Some("(x y)"));
        check("(f . x)", None);
        check("(f y)", None);
    }

    #[test]
    fn ends_in_circular_data() {
        check("(f '#1=(a . #1#))", None);
    }
}
