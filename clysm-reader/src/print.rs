//! The printer for data: text that reads back as the same data (CLHS 22.1.3).
//!
//! Output is as of `prin1` with standard settings, except that a form is never abbreviated (`(QUOTE X)`) and that circular data
//! get labels. Objects of the image and floats that aren't numbers have no syntax and are printed between `#<` and `>`.
//! An array is printed without its element type.

use std::fmt::Write;

use num_bigint::BigInt;

use crate::hash::{NameMap, NameSet};
use crate::heap::{Datum, ElementKind, Heap, Object};
use crate::reader::FloatFormat;
use crate::shared;
use crate::symbol::{Status, Symbol, Symbols};
use crate::syntax::{self, Class};

/// Prints a datum so that reading gives it back, in the current package.
///
/// ```
/// use clysm_reader::{Datum, Heap, Symbol, Symbols, prin1};
/// use clysm_report::Span;
///
/// let (mut heap, symbols) = (Heap::new(), Symbols::new());
/// let text = heap.string("say \"λ\"");
/// let pair = heap.cons(Datum::Double(1.5), text, Span::NONE);
/// assert_eq!(prin1(&heap, &symbols, pair), r#"(1.5d0 . "say \"λ\"")"#);
/// ```
pub fn prin1(heap: &Heap, symbols: &Symbols, datum: Datum) -> String {
    let shared = shared::labelled(heap, datum);
    let mut printer = Printer {
        heap,
        symbols,
        out: String::new(),
        shared,
        labels: NameMap::default(),
        pending: vec![Work::Datum(datum)],
    };
    while let Some(work) = printer.pending.pop() {
        printer.step(work);
    }
    printer.out
}

/// What remains to be printed; a stack instead of recursion, as data may be nested to any depth.
#[derive(Debug, Clone, Copy)]
enum Work {
    Datum(Datum),
    /// The rest of a list, its closing parenthesis included.
    Rest(Datum),
    Text(&'static str),
}

struct Printer<'a> {
    heap: &'a Heap,
    symbols: &'a Symbols,
    out: String,
    /// What needs a label.
    shared: NameSet<Datum>,
    /// What has got one.
    labels: NameMap<Datum, usize>,
    pending: Vec<Work>,
}

impl Printer<'_> {
    fn step(&mut self, work: Work) {
        match work {
            Work::Text(text) => self.out.push_str(text),
            Work::Datum(datum) => {
                if !self.write_label(datum) {
                    self.write(datum);
                }
            }
            Work::Rest(rest) => match self.heap.uncons(rest) {
                Some((car, cdr)) if !self.shared.contains(&rest) => {
                    self.out.push(' ');
                    self.pending.extend([Work::Rest(cdr), Work::Datum(car)]);
                }
                None if rest.is_nil() => self.out.push(')'),
                _ => {
                    self.out.push_str(" . ");
                    self.pending.extend([Work::Text(")"), Work::Datum(rest)]);
                }
            },
        }
    }

    /// Writes the label that a datum needs; says whether it is a reference, and so complete.
    fn write_label(&mut self, datum: Datum) -> bool {
        if !self.shared.contains(&datum) {
            return false;
        }
        let next = self.labels.len() + 1;
        let label = *self.labels.entry(datum).or_insert(next);
        let reference = label != next;
        self.out.push('#');
        self.push_display(label);
        self.out.push(if reference { '#' } else { '=' });
        reference
    }

    fn write(&mut self, datum: Datum) {
        match datum {
            Datum::Symbol(symbol) => write_symbol(&mut self.out, self.symbols, symbol),
            Datum::Fixnum(value) => self.push_display(value),
            Datum::Char(character) => write_character(&mut self.out, character),
            Datum::Single(value) => {
                write_float(&mut self.out, FloatFormat::Single, f64::from(value), &format!("{value:e}"))
            }
            Datum::Double(value) => write_float(&mut self.out, FloatFormat::Double, value, &format!("{value:e}")),
            Datum::Cons(_) => {
                self.out.push('(');
                let (car, cdr) = (self.heap.car(datum), self.heap.cdr(datum));
                self.pending.extend([Work::Rest(cdr), Work::Datum(car)]);
            }
            Datum::Object(id) => self.write_object(self.heap.get(id)),
        }
    }

    fn write_object(&mut self, object: &Object) {
        match object {
            Object::Big(value) => write_integer(&mut self.out, value),
            Object::Ratio(value) => {
                write_integer(&mut self.out, value.numer());
                self.out.push('/');
                write_integer(&mut self.out, value.denom());
            }
            Object::Complex(real, imaginary) => self.write_sequence("#C(", &[*real, *imaginary]),
            Object::String(text) => write_string(&mut self.out, text.chars()),
            Object::Vector(elements) => self.write_sequence("#(", elements),
            Object::Numbers(numbers) => self.write_sequence("#(", &numbers.elements()),
            Object::Bits(bits) => {
                self.out.push_str("#*");
                self.out.extend(bits.iter().map(|bit| if *bit { '1' } else { '0' }));
            }
            Object::Array { dimensions, elements, kind } => self.write_array(dimensions, elements, *kind),
            Object::Pathname(namestring) => {
                self.out.push_str("#P");
                write_string(&mut self.out, namestring.chars());
            }
            Object::Structure(parts) => self.write_sequence("#S(", parts),
            Object::Foreign(handle) => {
                self.out.push_str("#<object ");
                self.push_display(handle);
                self.out.push('>');
            }
        }
    }

    fn write_sequence(&mut self, open: &'static str, elements: &[Datum]) {
        self.pending.push(Work::Text(")"));
        for (index, element) in elements.iter().enumerate().rev() {
            self.pending.push(Work::Datum(*element));
            if index > 0 {
                self.pending.push(Work::Text(" "));
            }
        }
        self.pending.push(Work::Text(open));
    }

    fn write_array(&mut self, dimensions: &[usize], elements: &[Datum], kind: ElementKind) {
        let characters = || elements.iter().map(|element| if let Datum::Char(c) = element { *c } else { '\u{fffd}' });
        match (dimensions, kind) {
            ([_], ElementKind::Character) => write_string(&mut self.out, characters()),
            ([_], ElementKind::Bit) => {
                self.out.push_str("#*");
                self.out.extend(elements.iter().map(|bit| if *bit == Datum::Fixnum(1) { '1' } else { '0' }));
            }
            ([_], _) => self.write_sequence("#(", elements),
            _ if elements.is_empty() && empty_rows(dimensions) > MOST_EMPTY_ROWS => {
                self.out.push_str("#<an array without elements>");
            }
            _ => {
                self.out.push('#');
                self.push_display(dimensions.len());
                self.out.push('A');
                let from = self.pending.len();
                push_rows(&mut self.pending, dimensions, elements);
                self.pending[from..].reverse();
            }
        }
    }

    fn push_display(&mut self, value: impl std::fmt::Display) {
        // Writing to a string can't fail.
        let _ = write!(self.out, "{value}");
    }
}

/// An array without elements may have any number of rows; of more than that, not even the rows are printed.
const MOST_EMPTY_ROWS: usize = 1000;

/// How many rows an array without elements has.
fn empty_rows(dimensions: &[usize]) -> usize {
    dimensions.iter().take_while(|dimension| **dimension > 0).fold(1, |rows, dimension| rows.saturating_mul(*dimension))
}

/// Adds the contents of an array in the order in which they are printed.
fn push_rows(work: &mut Vec<Work>, dimensions: &[usize], elements: &[Datum]) {
    let Some((length, inner)) = dimensions.split_first() else {
        work.extend(elements.first().copied().map(Work::Datum));
        return;
    };
    work.push(Work::Text("("));
    let stride = elements.len() / (*length).max(1);
    for row in 0..*length {
        if row > 0 {
            work.push(Work::Text(" "));
        }
        push_rows(work, inner, elements.get(row * stride..(row + 1) * stride).unwrap_or_default());
    }
    work.push(Work::Text(")"));
}

fn write_integer(out: &mut String, value: &BigInt) {
    out.push_str(&value.to_str_radix(10));
}

fn write_string(out: &mut String, characters: impl Iterator<Item = char>) {
    out.push('"');
    for character in characters {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

fn write_character(out: &mut String, character: char) {
    out.push_str("#\\");
    match syntax::character_name(character) {
        Some(name) => out.push_str(&name),
        None => out.push(character),
    }
}

/// Appends a float (CLHS 22.1.3.1.3) from the shortest digits that give it back, which `scientific` has as `d.ddde±n`.
fn write_float(out: &mut String, format: FloatFormat, value: f64, scientific: &str) {
    if !value.is_finite() {
        out.push_str("#<");
        out.push_str(format.name());
        out.push_str(if value.is_nan() { " NaN>" } else { " infinity>" });
        return;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let digits = mantissa.replace('.', "");
    out.push_str(sign);
    let fixed = value == 0.0 || (1e-3..1e7).contains(&value.abs());
    write_digits(out, &digits, if fixed { exponent } else { 0 });
    match (format, fixed) {
        (FloatFormat::Single, true) => {}
        (FloatFormat::Double, true) => out.push_str("d0"),
        (FloatFormat::Single, false) => out.push_str(&format!("e{exponent}")),
        (FloatFormat::Double, false) => out.push_str(&format!("d{exponent}")),
    }
}

/// Appends digits with a decimal point after the first, moved right by `shift`, and at least one digit on either side.
fn write_digits(out: &mut String, digits: &str, shift: i32) {
    let point = 1 + shift;
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(digits);
        return;
    }
    let point = point.unsigned_abs() as usize;
    let whole = digits.get(..point).unwrap_or(digits);
    out.push_str(whole);
    out.extend(std::iter::repeat_n('0', point - whole.len()));
    out.push('.');
    out.push_str(digits.get(point..).filter(|fraction| !fraction.is_empty()).unwrap_or("0"));
}

/// Appends a symbol as a program in the current package names it.
pub(crate) fn write_symbol(out: &mut String, symbols: &Symbols, symbol: Symbol) {
    let name = symbols.name(symbol);
    match symbols.package(symbol) {
        None => out.push_str("#:"),
        Some(_) if symbols.is_keyword(symbol) => out.push(':'),
        Some(_) if symbols.find(symbols.current, name).is_some_and(|(found, _)| found == symbol) => {}
        Some(home) => {
            write_token(out, symbols.package_name(home));
            let external = matches!(symbols.find(home, name), Some((found, Status::External)) if found == symbol);
            out.push_str(if external { ":" } else { "::" });
        }
    }
    write_token(out, name);
}

/// Appends the name of a symbol or package, between bars where reading would change it.
fn write_token(out: &mut String, name: &str) {
    if !needs_bars(name) {
        out.push_str(name);
        return;
    }
    out.push('|');
    for character in name.chars() {
        if matches!(character, '|' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('|');
}

fn needs_bars(name: &str) -> bool {
    let plain = |character: char| match u8::try_from(character) {
        Ok(octet) if octet < 128 => syntax::class(octet) == Class::Constituent,
        _ => syntax::upcase(character) == character && !character.is_whitespace(),
    };
    name.starts_with('#')
        || name.bytes().all(|octet| octet == b'.')
        || !name.chars().all(plain)
        || syntax::potential_number(name, 10)
}
