//! The codec: octets of each kind of datum, round trips between two worlds, malformed messages.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use clysm_reader::codec::{DecodeErrorKind, Decoder, Encoder, Message, SymbolIds};
use clysm_reader::{Datum, ElementKind, Heap, NumberVector, Object, PackageId, Symbol, Symbols, prin1};
use clysm_report::{FileId, Span};
use common::tree::{build, tree};
use proptest::prelude::*;

struct Side {
    world: common::World,
    ids: SymbolIds,
}

impl Side {
    fn new() -> Self {
        Self { world: common::World::new(), ids: SymbolIds::new(100) }
    }

    fn encode(&mut self, datum: Datum) -> Message {
        let mut encoder = Encoder::new(&self.world.heap, &self.world.symbols, &mut self.ids);
        encoder.datum(datum);
        encoder.finish()
    }

    fn decode(&mut self, octets: &[u8]) -> Result<Datum, DecodeErrorKind> {
        self.decode_answer(octets, &[])
    }

    fn decode_answer(&mut self, octets: &[u8], sources: &[Datum]) -> Result<Datum, DecodeErrorKind> {
        let common::World { heap, symbols } = &mut self.world;
        let mut decoder = Decoder::new(octets, heap, symbols, &mut self.ids).with_sources(sources);
        let datum = decoder.datum();
        datum.and_then(|datum| decoder.end().map(|()| datum)).map_err(|error| error.kind)
    }
}

/// The octets of a datum, and back.
#[track_caller]
fn check(text: &str, octets: &[u8]) {
    let mut side = Side::new();
    let datum = side.world.read(text);
    assert_eq!(side.encode(datum).octets, octets, "{text}");
    let decoded = side.decode(octets).unwrap();
    assert_eq!(side.world.print(decoded), side.world.print(datum));
}

/// The compiler has the text of a string of the image, and refers to the string itself.
#[test]
fn strings_of_the_image_keep_their_identity() {
    let mut side = Side::new();
    let mark = side.world.heap.mark();
    for handle in [7, 8] {
        let string = side.decode(&[32, handle, 2, b'a', b'b']).unwrap();
        assert_eq!(side.world.heap.text(string), Some("ab"));
        assert_eq!(side.encode(string).octets, [25, handle]);
    }
    // Others that take its place in the heap are not it.
    side.world.heap.release(mark);
    let string = side.world.heap.string("ab");
    assert_eq!(side.encode(string).octets, [9, 2, b'a', b'b']);
}

#[test]
fn octets_of_each_kind() {
    check("nil", &[0]);
    check("t", &[1]);
    check("0", &[2, 0]);
    check("-1", &[2, 1]);
    check("1", &[2, 2]);
    check("64", &[2, 0x80, 1]);
    check("1073741823", &[2, 0xfe, 0xff, 0xff, 0xff, 7]);
    check("-1073741824", &[2, 0xff, 0xff, 0xff, 0xff, 7]);
    check("1073741824", &[12, 0, 1, 0, 0, 0, 0x40]);
    check("-18446744073709551616", &[12, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    check("#\\λ", &[3, 0xbb, 7]);
    check("(1 . 2)", &[4, 2, 2, 2, 4]);
    check("(1 2)", &[5, 2, 2, 2, 2, 4]);
    check("(1 2 . 3)", &[6, 2, 2, 2, 2, 4, 2, 6]);
    check("(nil)", &[5, 1, 0]);
    check("ab", &[&[8, 100, 16][..], b"COMMON-LISP-USER", &[2], b"AB"].concat());
    check("#:ab", &[8, 100, 0, 2, b'A', b'B']);
    check("(:k :k)", &[&[5, 2, 8, 100, 7][..], b"KEYWORD", &[1], b"K", &[7, 100]].concat());
    check("\"aλ\"", &[9, 3, b'a', 0xce, 0xbb]);
    check("1.0", &[10, 0, 0, 0x80, 0x3f]);
    check("1d0", &[11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    check("-1/2", &[13, 2, 1, 2, 4]);
    check("#c(1 2)", &[14, 2, 2, 2, 4]);
    check("#(1 nil)", &[15, 2, 2, 2, 0]);
    check("#()", &[15, 0]);
    check("#*101", &[16, 3, 1, 0, 1]);
    check("#2a((1 2))", &[24, 2, 1, 2, 15, 2, 2, 2, 2, 4]);
    check("#0a5", &[24, 0, 15, 1, 2, 10]);
    check("#p\"x\"", &[26, 1, b'x']);
    check("#s(t nil 1)", &[27, 5, 3, 1, 0, 2, 2]);
    check("#1=(1 . #1#)", &[28, 0, 4, 2, 2, 29, 0]);
    check("#1=(1 2 #1#)", &[28, 0, 5, 3, 2, 2, 2, 4, 29, 0]);
    check("#1=#(#1#)", &[28, 0, 15, 1, 29, 0]);
    check("(1 . #1=(2 . #1#))", &[4, 2, 2, 28, 0, 4, 2, 4, 29, 0]);
    check("#1=#s(t nil #1#)", &[28, 0, 27, 5, 3, 1, 0, 29, 0]);
}

#[test]
fn octets_of_what_has_no_syntax() {
    let mut side = Side::new();
    let mut check = |object: Object, octets: &[u8]| {
        let datum = side.world.heap.push(object);
        assert_eq!(side.encode(datum).octets, octets);
        let decoded = side.decode(octets).unwrap();
        assert!(side.world.heap.equal(datum, decoded));
    };
    check(Object::Foreign(300), &[25, 0xac, 2]);
    check(Object::Numbers(NumberVector::U8(vec![1, 255])), &[17, 2, 1, 255]);
    check(Object::Numbers(NumberVector::U16(vec![258])), &[18, 1, 2, 1]);
    check(Object::Numbers(NumberVector::U32(vec![u32::MAX])), &[19, 1, 255, 255, 255, 255]);
    check(Object::Numbers(NumberVector::S32(vec![-2])), &[20, 1, 254, 255, 255, 255]);
    check(Object::Numbers(NumberVector::F32(vec![1.0])), &[21, 1, 0, 0, 0x80, 0x3f]);
    check(Object::Numbers(NumberVector::F64(vec![1.0])), &[22, 1, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    let array = |elements: &[Datum], kind| Object::Array {
        dimensions: vec![elements.len()],
        elements: elements.to_vec(),
        kind,
    };
    check(array(&[Datum::Char('a')], ElementKind::Character), &[24, 1, 1, 9, 1, b'a']);
    check(array(&[Datum::Fixnum(1)], ElementKind::Bit), &[24, 1, 1, 16, 1, 1]);
    check(array(&[Datum::Fixnum(9)], ElementKind::U8), &[24, 1, 1, 17, 1, 9]);
    check(array(&[Datum::Double(1.0)], ElementKind::F64), &[24, 1, 1, 22, 1, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
}

#[test]
fn setf_symbols() {
    let mut side = Side::new();
    let car = side.world.symbols.intern(PackageId::COMMON_LISP, "CAR");
    let setf = side.world.symbols.setf_symbol(car);
    let octets = side.encode(setf.into()).octets;
    assert_eq!(octets, [&[30, 100, 8, 102, 11][..], b"COMMON-LISP", &[3], b"CAR"].concat());
    assert_eq!(side.encode(setf.into()).octets, [7, 100]);
    let mut other = Side::new();
    let decoded = other.decode(&octets).unwrap().as_symbol().unwrap();
    let base = other.world.symbols.setf_base(decoded).unwrap();
    assert_eq!(other.world.symbols.name(base), "CAR");
    assert_eq!(other.ids.next_id(), 104);
}

#[test]
fn both_sides_announce_symbols() {
    let (mut one, mut two) = (Side::new(), Side::new());
    let a = one.world.read("a");
    two.decode(&one.encode(a).octets).unwrap();
    let list = two.world.read("(a #:g b)");
    let message = two.encode(list).octets;
    assert_eq!(message[..4], [5, 3, 7, 100], "A is known already");
    // As the image would send it.
    let message: Vec<u8> = message.iter().map(|octet| if *octet == 8 { 23 } else { *octet }).collect();
    let decoded = one.decode(&message).unwrap();
    assert_eq!(one.world.print(decoded), "(A #:G B)");
    let symbols = one.world.heap.proper_list(decoded).unwrap();
    assert_eq!(symbols[0], a);
    assert_eq!(one.ids.id(symbols[2].as_symbol().unwrap()), Some(104));
    assert_eq!(one.ids.symbol(102), symbols[1].as_symbol());
    let again = one.encode(decoded).octets;
    assert_eq!(again, [5, 3, 7, 100, 7, 102, 7, 104]);
    let back = two.decode(&again).unwrap();
    assert!(two.world.heap.equal(back, list), "the uninterned symbol is the same");
}

#[test]
fn symbols_of_lost_messages_are_announced_again() {
    let mut side = Side::new();
    let (a, b) = (side.world.read("a"), side.world.read("b"));
    side.encode(a);
    side.ids.confirm();
    side.encode(b);
    side.ids.withdraw();
    assert_eq!(side.encode(a).octets, [7, 100]);
    assert_eq!(side.encode(b).octets[..2], [8, 104]);
    // An answer may still use the first one.
    assert_eq!(side.decode(&[7, 102]), Ok(b));
    // The image may announce what is known already.
    let message = [&[23, 107, 16][..], b"COMMON-LISP-USER", &[1], b"A"].concat();
    assert_eq!(side.decode(&message), Ok(a));
    assert_eq!(side.encode(a).octets, [7, 107]);
    let message = [&[23, 107, 16][..], b"COMMON-LISP-USER", &[1], b"B"].concat();
    assert!(matches!(side.decode(&message), Err(DecodeErrorKind::Contradiction { id: 107, .. })));
}

#[test]
fn the_image_names_symbols_by_where_they_are_present() {
    let mut side = Side::new();
    let message = [&[23, 101, 16][..], b"COMMON-LISP-USER", &[3], b"CAR"].concat();
    let car = side.world.symbols.intern(PackageId::COMMON_LISP, "CAR");
    side.world.symbols.export(PackageId::COMMON_LISP, &[car]).unwrap();
    assert_eq!(side.world.symbols.intern(PackageId::COMMON_LISP_USER, "CAR"), car);
    let shadowing = side.decode(&message).unwrap().as_symbol().unwrap();
    assert_ne!(shadowing, car);
    assert_eq!(side.world.symbols.intern(PackageId::COMMON_LISP_USER, "CAR"), shadowing);
}

#[test]
fn lists_come_back_with_their_positions() {
    let mut side = Side::new();
    let form = side.world.read("(when x (foo y) . #s(p :q (z)))");
    let message = side.encode(form);
    let inner = side.world.heap.car(side.world.heap.cdr(side.world.heap.cdr(form)));
    assert_eq!(message.sources[..2], [form, inner]);
    // (progn (foo y)) with the list that was sent.
    let answer = [5, 2, 0, 31, 1];
    let decoded = side.decode_answer(&answer, &message.sources).unwrap();
    assert_eq!(side.world.heap.car(side.world.heap.cdr(decoded)), inner);
    assert_eq!(side.world.heap.span(inner), Span::new(FileId(0), 8, 15));
    // The list of a structure literal is counted, and is no list of the compiler's.
    assert_eq!(message.sources.len(), 4);
    assert_eq!(side.decode_answer(&[31, 2], &message.sources), Err(DecodeErrorKind::UnknownSource { ordinal: 2 }));
    assert_eq!(side.decode_answer(&[31, 4], &message.sources), Err(DecodeErrorKind::UnknownSource { ordinal: 4 }));
}

#[test]
fn several_data_and_a_frame_in_one_message() {
    let mut side = Side::new();
    let mut encoder = Encoder::new(&side.world.heap, &side.world.symbols, &mut side.ids);
    encoder.octet(9);
    encoder.number(1 << 40);
    encoder.datum(Datum::T);
    encoder.datum(Datum::Fixnum(1));
    let octets = encoder.finish().octets;
    let common::World { heap, symbols } = &mut side.world;
    let mut decoder = Decoder::new(&octets, heap, symbols, &mut side.ids);
    assert_eq!(decoder.octet(), Ok(9));
    assert_eq!(decoder.number(), Ok(1 << 40));
    assert_eq!(decoder.datum(), Ok(Datum::T));
    assert!(decoder.end().is_err());
    assert_eq!(decoder.datum(), Ok(Datum::Fixnum(1)));
    assert_eq!(decoder.end(), Ok(()));
}

#[test]
fn malformed_messages() {
    use DecodeErrorKind as Kind;
    let check = |octets: &[u8], kind: Kind| assert_eq!(Side::new().decode(octets), Err(kind), "{octets:?}");
    check(&[], Kind::Truncated);
    check(&[2], Kind::Truncated);
    check(&[2, 0x80], Kind::Truncated);
    check(&[0, 0], Kind::LeftOver);
    check(&[99], Kind::UnknownTag { tag: 99 });
    check(&[2, 0x80, 0x80, 0x80, 0x80, 8], Kind::OutOfRange);
    check(&[2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2], Kind::OutOfRange);
    check(&[3, 0x80, 0xb0, 3], Kind::NotACharacter { code: 0xd800 });
    check(&[5, 9, 0], Kind::Truncated);
    check(&[15, 255, 255, 255, 255, 15, 0], Kind::Truncated);
    check(&[6, 0, 0], Kind::EmptyDotted);
    check(&[7, 5], Kind::UnknownSymbol { id: 5 });
    check(&[7, 255, 255, 255, 255, 255, 1], Kind::OutOfRange);
    check(&[9, 1, 0xff], Kind::NotUtf8);
    check(&[9, 2, b'a'], Kind::Truncated);
    check(&[8, 1, 1, b'P', 1, b'X'], Kind::UnknownPackage { package: "P".into(), name: "X".into() });
    check(&[10, 0, 0, 0], Kind::Truncated);
    check(&[12, 2, 0], Kind::NotABit { octet: 2 });
    check(&[12, 0, 1, 0, 0], Kind::Truncated);
    check(&[13, 2, 2, 2, 0], Kind::NotANumber);
    check(&[13, 0, 2, 2], Kind::Unexpected { tag: 0, expected: "a number of the kind needed" });
    check(&[14, 9, 0, 2, 2], Kind::Unexpected { tag: 9, expected: "a number of the kind needed" });
    check(&[16, 1, 2], Kind::NotABit { octet: 2 });
    check(&[22, 1, 0, 0, 0, 0], Kind::Truncated);
    check(&[24, 2, 2, 2, 15, 0], Kind::BadArray);
    check(&[24, 1, 0, 0], Kind::BadArray);
    check(&[24, 2, 255, 255, 255, 255, 255, 255, 255, 255, 127, 4, 15, 0], Kind::BadArray);
    check(&[27, 0], Kind::Truncated);
    check(&[27, 5, 1, 2, 2], Kind::BadStructure);
    check(&[27, 4, 1, 0], Kind::BadStructure);
    check(&[29, 0], Kind::UnknownLabel { label: 0 });
    check(&[28, 0, 28, 1, 0], Kind::UnknownTag { tag: 28 });
    check(&[5, 2, 28, 0, 0, 28, 0, 0], Kind::BadLabel { label: 0 });
    check(&[31, 0], Kind::UnknownSource { ordinal: 0 });
    check(&[30, 1, 30, 2, 1], Kind::Unexpected { tag: 30, expected: "a symbol other than a setf symbol" });
    check(&[30, 1, 2, 0], Kind::Unexpected { tag: 2, expected: "a symbol" });
    let twice = [&[5, 2, 8, 1, 2][..], b"CL", &[1, b'A', 8, 1, 2], b"CL", &[1, b'B']].concat();
    check(&twice, Kind::Contradiction { id: 1, name: "COMMON-LISP::B".into() });
}

#[test]
fn depth_is_not_limited() {
    let mut side = Side::new();
    let mut datum = Datum::NIL;
    for _ in 0..300_000 {
        datum = side.world.heap.cons(datum, Datum::NIL, Span::NONE);
        datum = side.world.heap.vector(vec![datum]);
    }
    let octets = side.encode(datum).octets;
    let decoded = side.decode(&octets).unwrap();
    assert!(side.world.heap.equal(datum, decoded));
    assert_eq!(side.world.print(decoded).len(), 300_000 * 5 + 3);
    // Every nested vector claims all that follows.
    let nested: Vec<u8> = (0..100_000).flat_map(|_| [15, 50]).collect();
    assert_eq!(side.decode(&nested), Err(DecodeErrorKind::Truncated));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn data_arrive_as_they_were_sent(trees in prop::collection::vec(tree(), 1..4)) {
        let (mut one, mut two) = (Side::new(), Side::new());
        for tree in trees {
            let datum = build(&tree, &mut one.world.heap, &mut one.world.symbols);
            let octets = one.encode(datum).octets;
            let decoded = two.decode(&octets).unwrap_or_else(|kind| panic!("{kind}"));
            prop_assert_eq!(two.world.print(decoded), one.world.print(datum));
            let back = two.encode(decoded).octets;
            let returned = one.decode(&back).unwrap();
            prop_assert!(one.world.heap.equal(datum, returned));
        }
    }

    #[test]
    fn no_message_breaks_the_decoder(octets in prop::collection::vec(prop_oneof![3 => 0u8..33, 1 => any::<u8>()], 0..60)) {
        // A string of the image (tag 32) goes back as its handle.
        let by_handle = octets.contains(&32);
        let (mut heap, mut symbols, mut ids) = (Heap::new(), Symbols::new(), SymbolIds::new(0));
        let mut decoder = Decoder::new(&octets, &mut heap, &mut symbols, &mut ids);
        let mut data = Vec::new();
        while let Ok(datum) = decoder.datum() {
            data.push(datum);
        }
        for datum in data {
            prin1(&heap, &symbols, datum);
            let mut encoder = Encoder::new(&heap, &symbols, &mut ids);
            encoder.datum(datum);
            let message = encoder.finish();
            let mut symbols = symbols.clone();
            let decoded = Decoder::new(&message.octets, &mut heap, &mut symbols, &mut ids).datum();
            prop_assert!(decoded.is_ok_and(|decoded| by_handle || heap.equal(datum, decoded)), "{:?}", octets);
        }
    }
}

#[test]
fn nil_and_t_may_have_ids() {
    let mut side = Side::new();
    assert!(side.ids.record(Symbol::NIL, 0));
    assert!(!side.ids.record(Symbol::T, 0));
    assert_eq!(side.decode(&[7, 0]), Ok(Datum::NIL));
    assert_eq!(side.encode(Datum::NIL).octets, [0]);
}
