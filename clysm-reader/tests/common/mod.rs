//! A reader with its world, for the tests.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod tree;

use clysm_reader::{Datum, Heap, PackageId, ReadError, ReadEval, Reader, Symbol, Symbols, prin1};
use clysm_report::FileId;

pub struct World {
    pub heap: Heap,
    pub symbols: Symbols,
}

/// Evaluates `(list x …)`, quoting nothing, and anything else to itself.
pub struct ListEval;

impl ReadEval for ListEval {
    fn read_eval(&mut self, form: Datum, heap: &mut Heap, symbols: &mut Symbols) -> Result<Datum, String> {
        match heap.uncons(form) {
            Some((Datum::Symbol(Symbol::LIST), arguments)) => Ok(arguments),
            Some((Datum::Symbol(symbol), _)) => Err(format!("undefined function {}", symbols.qualified_name(symbol))),
            _ => Ok(form),
        }
    }
}

impl World {
    pub fn new() -> Self {
        let mut symbols = Symbols::new();
        for name in ["CAR", "CDR", "NULL"] {
            let symbol = symbols.intern(PackageId::COMMON_LISP, name);
            symbols.export(PackageId::COMMON_LISP, &[symbol]).unwrap();
        }
        Self { heap: Heap::new(), symbols }
    }

    /// Reads everything, with errors in their places.
    pub fn read_all(
        &mut self,
        text: &str,
        configure: impl FnOnce(&mut Reader, &mut Symbols),
    ) -> Vec<Result<Datum, ReadError>> {
        let mut reader = Reader::new(text, FileId(0));
        configure(&mut reader, &mut self.symbols);
        let mut forms = Vec::new();
        while let Some(form) = reader.read(&mut self.heap, &mut self.symbols, &mut ListEval).transpose() {
            forms.push(form);
            assert!(forms.len() <= text.len() + 1, "reading makes no progress");
        }
        forms
    }

    pub fn read(&mut self, text: &str) -> Datum {
        let mut forms = self.read_all(text, |_, _| ());
        assert_eq!(forms.len(), 1, "{text}: {forms:?}");
        forms.pop().unwrap().unwrap_or_else(|error| panic!("{text}: {error} at {:?}", error.span))
    }

    pub fn print(&self, datum: Datum) -> String {
        prin1(&self.heap, &self.symbols, datum)
    }
}

/// Reads one form and prints it.
#[track_caller]
pub fn check(text: &str, printed: &str) {
    let mut world = World::new();
    let datum = world.read(text);
    assert_eq!(world.print(datum), printed, "{text}");
}

/// Reads all forms and prints them, errors as `start..end: message`, a line each.
pub fn transcript(text: &str, configure: impl FnOnce(&mut Reader, &mut Symbols)) -> String {
    let mut world = World::new();
    let forms = world.read_all(text, configure);
    let lines = forms.into_iter().map(|form| match form {
        Ok(datum) => world.print(datum),
        Err(error) => format!("{}..{}: {error}", error.span.start, error.span.end),
    });
    lines.collect::<Vec<_>>().join("\n")
}
