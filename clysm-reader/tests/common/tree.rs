//! Generated data.

use clysm_reader::{Datum, ElementKind, Heap, Object, PackageId, Symbols};
use clysm_report::Span;
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

/// Data as a tree, from which a heap's data are made.
#[derive(Debug, Clone)]
pub enum Tree {
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

pub fn tree() -> impl Strategy<Value = Tree> {
    let integer =
        || prop_oneof![any::<i64>().prop_map(BigInt::from), any::<[i128; 2]>().prop_map(|[a, b]| BigInt::from(a) * b)];
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

pub fn build(tree: &Tree, heap: &mut Heap, symbols: &mut Symbols) -> Datum {
    let mut all =
        |trees: &[Tree], heap: &mut Heap| trees.iter().map(|tree| build(tree, heap, symbols)).collect::<Vec<_>>();
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
