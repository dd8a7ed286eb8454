//! Properties of reader and printer on generated input.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use clysm_reader::{Datum, ElementKind, Heap, NoReadEval, Object, PackageId, ReadErrorKind, Reader, Symbols, prin1};
use clysm_report::{FileId, Span};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

/// Data as a tree, from which a heap's data are made.
#[derive(Debug, Clone)]
enum Tree {
    Symbol(u8, String),
    Integer(BigInt),
    Ratio(BigInt, BigInt),
    Single(f32),
    Double(f64),
    Complex(f64, f64),
    Char(char),
    String(String),
    Bits(Vec<bool>),
    Pathname(String),
    List(Vec<Tree>),
    Dotted(Vec<Tree>, Box<Tree>),
    Vector(Vec<Tree>),
    Matrix(usize, Vec<Tree>),
    Structure(String, Vec<Tree>),
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z][A-Z0-9+*-]{0,6}",
        "[0-9+.eEdD/_^-]{1,6}",
        "[ -~]{0,5}",
        any::<String>().prop_map(|text| text.chars().take(4).collect()),
        Just("NIL".to_owned()),
        Just("CAR".to_owned()),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let integer = || prop_oneof![any::<i64>().prop_map(BigInt::from), any::<[i128; 2]>().prop_map(|[a, b]| BigInt::from(a) * b)];
    let leaf = prop_oneof![
        4 => (0u8..5, name()).prop_map(|(package, name)| Tree::Symbol(package, name)),
        2 => integer().prop_map(Tree::Integer),
        1 => (integer(), integer()).prop_map(|(n, d)| Tree::Ratio(n, d)),
        1 => any::<f32>().prop_filter("finite", |value| value.is_finite()).prop_map(Tree::Single),
        1 => any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Tree::Double),
        1 => (-1e9..1e9f64, -1e-9..1e-9f64).prop_map(|(re, im)| Tree::Complex(re, im)),
        1 => any::<char>().prop_map(Tree::Char),
        1 => any::<String>().prop_map(Tree::String),
        1 => prop::collection::vec(any::<bool>(), 0..9).prop_map(Tree::Bits),
        1 => any::<String>().prop_map(Tree::Pathname),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let several = || prop::collection::vec(inner.clone(), 0..6);
        prop_oneof![
            4 => several().prop_map(Tree::List),
            1 => (prop::collection::vec(inner.clone(), 1..4), inner.clone()).prop_map(|(list, tail)| Tree::Dotted(list, Box::new(tail))),
            1 => several().prop_map(Tree::Vector),
            1 => (1usize..3, prop::collection::vec(inner.clone(), 6)).prop_map(|(rows, all)| Tree::Matrix(rows, all)),
            1 => (name(), several()).prop_map(|(name, slots)| Tree::Structure(name, slots)),
        ]
    })
}

fn build(tree: &Tree, heap: &mut Heap, symbols: &mut Symbols) -> Datum {
    let mut all = |trees: &[Tree], heap: &mut Heap| trees.iter().map(|tree| build(tree, heap, symbols)).collect::<Vec<_>>();
    match tree {
        Tree::Symbol(package, name) => {
            let packages = [PackageId::COMMON_LISP_USER, PackageId::KEYWORD, PackageId::CLYSM, PackageId::COMMON_LISP];
            let package = packages.get(usize::from(*package)).copied().unwrap_or(PackageId::COMMON_LISP_USER);
            symbols.intern(package, name).into()
        }
        Tree::Integer(value) => heap.integer(value.clone()),
        Tree::Ratio(numerator, denominator) => {
            let one = BigInt::from(1);
            let denominator = if *denominator == BigInt::ZERO { &one } else { denominator };
            heap.rational(BigRational::new(numerator.clone(), denominator.clone()))
        }
        Tree::Single(value) => Datum::Single(*value),
        Tree::Double(value) => Datum::Double(*value),
        Tree::Complex(real, imaginary) => heap.complex(Datum::Double(*real), Datum::Double(*imaginary)).unwrap(),
        Tree::Char(character) => Datum::Char(*character),
        Tree::String(text) => heap.string(text.as_str()),
        Tree::Bits(bits) => heap.push(Object::Bits(bits.clone())),
        Tree::Pathname(text) => heap.push(Object::Pathname(text.clone())),
        Tree::List(elements) => {
            let elements = all(elements, heap);
            heap.list(&elements, Span::NONE)
        }
        Tree::Dotted(elements, tail) => {
            let elements = all(elements, heap);
            let tail = build(tail, heap, symbols);
            heap.list_star(&elements, tail, Span::NONE)
        }
        Tree::Vector(elements) => {
            let elements = all(elements, heap);
            heap.vector(elements)
        }
        Tree::Matrix(rows, elements) => {
            let elements = all(elements, heap);
            heap.push(Object::Array { dimensions: vec![*rows, 6 / rows], elements, kind: ElementKind::T })
        }
        Tree::Structure(name, slots) => {
            let slots = all(slots, heap);
            let mut parts = vec![symbols.intern(PackageId::COMMON_LISP_USER, name).into()];
            for slot in slots {
                parts.push(symbols.intern(PackageId::KEYWORD, "SLOT").into());
                parts.push(slot);
            }
            heap.push(Object::Structure(parts))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_printed_reads_back(tree in tree()) {
        let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
        let datum = build(&tree, &mut heap, &mut symbols);
        let text = prin1(&heap, &symbols, datum);
        let count = symbols.len();
        let mut reader = Reader::new(&text, FileId(0));
        let read = reader.read(&mut heap, &mut symbols, &mut NoReadEval);
        let read = read.unwrap_or_else(|error| panic!("{text}: {error}")).unwrap();
        prop_assert!(heap.equal(datum, read), "{} became {}", text, prin1(&heap, &symbols, read));
        prop_assert_eq!(symbols.len(), count, "{}", &text);
        prop_assert!(matches!(reader.read(&mut heap, &mut symbols, &mut NoReadEval), Ok(None)));
    }

    #[test]
    fn floats_read_as_rust_reads_them(value in any::<f64>().prop_filter("finite", |value| value.is_finite() && *value != 0.0), places in 0usize..25) {
        let text = format!("{value:.places$e}");
        let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
        for (marker, double) in [("d", true), ("f", false)] {
            let token = text.replace('e', marker);
            let result = Reader::new(&token, FileId(0)).read(&mut heap, &mut symbols, &mut NoReadEval);
            let single: f32 = text.parse().unwrap();
            let expected = if double { text.parse().unwrap() } else { f64::from(single) };
            match result {
                Ok(Some(Datum::Double(read))) if double => prop_assert_eq!(read.to_bits(), expected.to_bits()),
                Ok(Some(Datum::Single(read))) if !double => prop_assert_eq!(read.to_bits(), single.to_bits()),
                Err(error) => match error.kind {
                    ReadErrorKind::FloatOverflow { .. } => prop_assert!(expected.is_infinite()),
                    ReadErrorKind::FloatUnderflow { .. } => prop_assert!(expected == 0.0),
                    kind => prop_assert!(false, "{token}: {kind}"),
                },
                // `1e5` without a point and digits before it is a symbol only if there is no digit.
                other => prop_assert!(false, "{token}: {other:?}"),
            }
        }
    }

    #[test]
    fn rationals_become_the_nearest_floats(numerator in any::<i128>(), denominator in 1i128.., shift in 0u32..1200) {
        // A ratio whose float can be had by reading digits: denominators that are powers of ten.
        let digits = denominator.to_string().len() as u32;
        let power = BigInt::from(10).pow(digits + shift % 40);
        let (mut heap, _symbols) = (Heap::new(), ());
        let ratio = heap.rational(BigRational::new(BigInt::from(numerator), power));
        let expected: f64 = format!("{numerator}e-{}", digits + shift % 40).parse().unwrap();
        prop_assert_eq!(heap.to_f64(ratio).unwrap().to_bits(), if numerator == 0 { 0 } else { expected.to_bits() });
        let expected: f32 = format!("{numerator}e-{}", digits + shift % 40).parse().unwrap();
        prop_assert_eq!(heap.to_f32(ratio).unwrap().to_bits(), if numerator == 0 { 0 } else { expected.to_bits() });
    }

    #[test]
    fn integers_read_in_every_radix(value in any::<i128>(), radix in 2u32..=36) {
        let value = BigInt::from(value);
        let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
        let text = format!("#{radix}r{}", value.to_str_radix(radix));
        let read = Reader::new(&text, FileId(0)).read(&mut heap, &mut symbols, &mut NoReadEval).unwrap().unwrap();
        let expected = heap.integer(value);
        prop_assert!(heap.equal(read, expected));
    }

    #[test]
    fn no_text_breaks_the_reader(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let mut world = common::World::new();
        for form in world.read_all(&text, |_, _| ()) {
            match form {
                Ok(datum) => { world.print(datum); }
                Err(error) => {
                    let (start, end) = (error.span.start as usize, error.span.end as usize);
                    prop_assert!(start <= end && end <= text.len(), "{:?} {:?}", error, &text);
                    prop_assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{:?} {:?}", error, &text);
                }
            }
        }
    }
}

/// Pieces of syntax, in any order.
fn piece() -> impl Strategy<Value = String> {
    const FIXED: &[&str] = &[
        "(", ")", "(", ")", "'", "`", ",", ",@", ",.", "#(", "#'", "#:", "#\\", "#\\space ", "#*", "#*101 ", "#|", "|#", "|", "\\", "\"", ";",
        "\n", " ", "\n(", " . ", ".", "#1=", "#1#", "#2=", "#2#", "#+a ", "#-a ", "#+(or) ", "#.", "#.(list ", "#2a", "#0a", "#c(1 ", "#p\"", "#s(a ",
        "#x", "#3r", "#b", "#", "#<", "#9", "1", "2.5", "1e", "1/", "0", "e9", "a", "cl:", "cl::", "car", ":", "::", "λ", "\u{a0}", "é",
    ];
    prop_oneof![
        10 => prop::sample::select(FIXED).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}
