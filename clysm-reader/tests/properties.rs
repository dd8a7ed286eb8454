//! Properties of reader and printer on generated input.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use clysm_reader::{Datum, Heap, NoReadEval, ReadErrorKind, Reader, Symbols, prin1};
use clysm_report::FileId;
use common::tree::{build, tree};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

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
        "(",
        ")",
        "(",
        ")",
        "'",
        "`",
        ",",
        ",@",
        ",.",
        "#(",
        "#'",
        "#:",
        "#\\",
        "#\\space ",
        "#*",
        "#*101 ",
        "#|",
        "|#",
        "|",
        "\\",
        "\"",
        ";",
        "\n",
        " ",
        "\n(",
        " . ",
        ".",
        "#1=",
        "#1#",
        "#2=",
        "#2#",
        "#+a ",
        "#-a ",
        "#+(or) ",
        "#.",
        "#.(list ",
        "#2a",
        "#0a",
        "#c(1 ",
        "#p\"",
        "#s(a ",
        "#x",
        "#3r",
        "#b",
        "#",
        "#<",
        "#9",
        "1",
        "2.5",
        "1e",
        "1/",
        "0",
        "e9",
        "a",
        "cl:",
        "cl::",
        "car",
        ":",
        "::",
        "λ",
        "\u{a0}",
        "é",
    ];
    prop_oneof![
        10 => prop::sample::select(FIXED).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}
