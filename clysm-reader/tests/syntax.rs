//! What the standard syntax reads as (CLHS chapter 2).

#![allow(clippy::unwrap_used)]

mod common;

use clysm_reader::{Datum, FloatFormat, Object, PackageId, Symbol};
use common::{World, check, transcript};

#[test]
fn integers() {
    for (text, printed) in [
        ("0", "0"),
        ("-0", "0"),
        ("+12", "12"),
        ("12.", "12"),
        ("-12.", "-12"),
        ("007", "7"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-123456789012345678901234567890", "-123456789012345678901234567890"),
        ("#b-1011", "-11"),
        ("#o777", "511"),
        ("#xFFFFFFFFFFFFFFFFFF", "4722366482869645213695"),
        ("#xdeadBEEF", "3735928559"),
        ("#36rZz", "1295"),
        ("#3r-102", "-11"),
        ("#x1/a", "1/10"),
        ("#x10.", "10"),
    ] {
        check(text, printed);
    }
    let mut world = World::new();
    assert_eq!(world.read("9223372036854775807"), Datum::Fixnum(i64::MAX));
    let big = world.read("9223372036854775808");
    assert!(matches!(world.heap.object(big), Some(Object::Big(_))));
}

#[test]
fn ratios() {
    for (text, printed) in [
        ("1/2", "1/2"),
        ("-4/6", "-2/3"),
        ("4/2", "2"),
        ("0/5", "0"),
        ("+100000000000000000000/3", "100000000000000000000/3"),
        ("1/-2", "|1/-2|"),
        ("1/2/3", "|1/2/3|"),
        ("/", "/"),
        ("1/", "|1/|"),
    ] {
        check(text, printed);
    }
}

#[test]
fn floats() {
    for (text, printed) in [
        ("1.0", "1.0"),
        ("-.5", "-0.5"),
        ("+1.5", "1.5"),
        ("1e3", "1000.0"),
        ("1.e3", "1000.0"),
        ("1E+3", "1000.0"),
        ("1.5e-7", "1.5e-7"),
        ("1s0", "1.0"),
        ("1f0", "1.0"),
        ("1d0", "1.0d0"),
        ("1L0", "1.0d0"),
        ("1.0d300", "1.0d300"),
        ("12345678.0", "1.2345678e7"),
        ("0.001", "0.001"),
        ("0.0009", "9.0e-4"),
        ("-0.0", "-0.0"),
        ("0d0", "0.0d0"),
        ("0e999999999999", "0.0"),
        ("0.1d0", "0.1d0"),
        ("16777217.0", "1.6777216e7"),
        ("2.2250738585072011d-308", "2.225073858507201d-308"),
        ("5d-324", "5.0d-324"),
        ("1e-45", "1.0e-45"),
        ("3.4028235e38", "3.4028235e38"),
        ("9007199254740993d0", "9.007199254740992d15"),
        ("123456.7", "123456.7"),
        ("1.25d5", "125000.0d0"),
    ] {
        check(text, printed);
    }
    let doubles = transcript("1.5 1e0 1f0", |reader, _| reader.set_float_format(FloatFormat::Double));
    assert_eq!(doubles, "1.5d0\n1.0d0\n1.0");
}

#[test]
fn tokens_that_are_almost_numbers_are_symbols() {
    for (text, printed) in [
        ("+", "+"),
        ("-", "-"),
        ("1+", "1+"),
        ("1-", "1-"),
        ("+.", "+."),
        ("-.e5", "|-.E5|"),
        ("1e", "|1E|"),
        ("1.e", "|1.E|"),
        ("1e5x", "|1E5X|"),
        ("e5", "E5"),
        ("\\1", "|1|"),
        ("1\\2", "|12|"),
        ("|1|", "|1|"),
        ("1_000", "|1_000|"),
        ("a.b", "A.B"),
        ("...a", "...A"),
        ("+foo", "+FOO"),
        ("1ab2", "1AB2"),
    ] {
        check(text, printed);
    }
}

#[test]
fn read_base() {
    let read = |base| transcript("10 12. 19 ff e 1e2 -7/a 1.5", |reader, _| reader.set_base(base));
    assert_eq!(read(16), "16\n12\n25\n255\n14\n482\n-7/10\n1.5");
    assert_eq!(read(8), "8\n12\n|19|\nFF\nE\n100.0\n|-7/A|\n1.5");
    assert_eq!(read(2), "2\n12\n|19|\nFF\nE\n100.0\n|-7/A|\n1.5");
}

#[test]
fn symbols_and_escapes() {
    for (text, printed) in [
        ("foo", "FOO"),
        ("FooBar", "FOOBAR"),
        ("|foo|", "|foo|"),
        ("f\\oo", "|FoO|"),
        ("|a|b|c|", "|aBc|"),
        ("||", "||"),
        ("a\\ b", "|A B|"),
        ("|a\\|b\\\\|", "|a\\|b\\\\|"),
        ("\\(", "|(|"),
        (":key", ":KEY"),
        (":|key|", ":|key|"),
        (":||", ":||"),
        (":1", ":|1|"),
        ("a#b", "A#B"),
        ("\\#a", "|#A|"),
        ("nil", "NIL"),
        ("cl:nil", "NIL"),
        ("cl:car", "CAR"),
        ("common-lisp-user::foo", "FOO"),
        ("clysm::foo", "CLYSM::FOO"),
        ("clysm::|1|", "CLYSM::|1|"),
        ("keyword:foo", ":FOO"),
        ("|CL|:car", "CAR"),
        ("a\\:b", "|A:B|"),
        ("λx", "ΛX"),
        ("|λx|", "|λx|"),
        ("straße", "STRAßE"),
        ("é", "É"),
        ("\\.", "|.|"),
        ("|..|", "|..|"),
        ("!$%&*+-/<=>?@[]^_{}~", "!$%&*+-/<=>?@[]^_{}~"),
    ] {
        check(text, printed);
    }
}

#[test]
fn uninterned_symbols() {
    check("#:foo", "#:FOO");
    check("#:|a b|", "#:|a b|");
    check("#:12", "#:|12|");
    check("(#: a)", "(#:|| A)");
    let mut world = World::new();
    let list = world.read("(#:a #:a #1=#:b #1#)");
    let elements = world.heap.proper_list(list).unwrap();
    assert_ne!(elements[0], elements[1]);
    assert_eq!(elements[2], elements[3]);
}

#[test]
fn lists_and_comments() {
    for (text, printed) in [
        ("()", "NIL"),
        ("( )", "NIL"),
        ("(a)", "(A)"),
        ("(a . b)", "(A . B)"),
        ("(a b . c)", "(A B . C)"),
        ("(a . (b . (c . nil)))", "(A B C)"),
        ("(a .b)", "(A .B)"),
        ("(a.b)", "(A.B)"),
        ("(a .(b))", "(A B)"),
        ("(a . ;x\n b)", "(A . B)"),
        ("(a #|x|# . #|y|# b #|z|#)", "(A . B)"),
        ("(a ; b\n c)", "(A C)"),
        ("#|a #|b|# c|# d", "D"),
        ("#||#a", "A"),
        ("#|||# a", "A"),
        ("((a)(b))", "((A) (B))"),
        ("'a", "(QUOTE A)"),
        ("' ; x\n a", "(QUOTE A)"),
        ("''a", "(QUOTE (QUOTE A))"),
        ("#'car", "(FUNCTION CAR)"),
        ("(a'b)", "(A (QUOTE B))"),
        ("(a\"b\"c)", "(A \"b\" C)"),
        ("(\u{0c}a\tb\r\nc)", "(A B C)"),
    ] {
        check(text, printed);
    }
}

#[test]
fn strings() {
    check(r#""""#, r#""""#);
    check(r#""a\"b\\c""#, r#""a\"b\\c""#);
    check(r#""\a\λ""#, r#""aλ""#);
    check("\"line\nline; no comment\"", "\"line\nline; no comment\"");
    check("\"Grüße 🦀\"", "\"Grüße 🦀\"");
}

#[test]
fn characters() {
    for (text, printed) in [
        ("#\\a", "#\\a"),
        ("#\\A", "#\\A"),
        ("#\\(", "#\\("),
        ("#\\)", "#\\)"),
        ("#\\ ", "#\\Space"),
        ("#\\;", "#\\;"),
        ("#\\\\", "#\\\\"),
        ("#\\|", "#\\|"),
        ("#\\:", "#\\:"),
        ("#\\1", "#\\1"),
        ("#\\space", "#\\Space"),
        ("#\\SPACE", "#\\Space"),
        ("#\\NewLine", "#\\Newline"),
        ("#\\Linefeed", "#\\Newline"),
        ("#\\Tab", "#\\Tab"),
        ("#\\Page", "#\\Page"),
        ("#\\Return", "#\\Return"),
        ("#\\Backspace", "#\\Backspace"),
        ("#\\Rubout", "#\\Rubout"),
        ("#\\Nul", "#\\Nul"),
        ("#\\Escape", "#\\Esc"),
        ("#\\U+03BB", "#\\λ"),
        ("#\\u+1f980", "#\\🦀"),
        ("#\\U0085", "#\\U+0085"),
        ("#\\u", "#\\u"),
        ("#\\é", "#\\é"),
        ("(#\\a)", "(#\\a)"),
    ] {
        check(text, printed);
    }
}

#[test]
fn vectors_and_arrays() {
    for (text, printed) in [
        ("#()", "#()"),
        ("#(a 1 \"x\")", "#(A 1 \"x\")"),
        ("#3(a b)", "#(A B B)"),
        ("#0()", "#()"),
        ("#*", "#*"),
        ("#*1011", "#*1011"),
        ("#6*10", "#*100000"),
        ("#0*", "#*"),
        ("#0a5", "#0A5"),
        ("#1a(1 2)", "#(1 2)"),
        ("#2a((1 2 3) (4 5 6))", "#2A((1 2 3) (4 5 6))"),
        ("#2a(#(1 2) (3 4))", "#2A((1 2) (3 4))"),
        ("#2a(\"ab\" #*10)", "#2A((#\\a #\\b) (1 0))"),
        ("#2a(() ())", "#2A(() ())"),
        ("#2a()", "#2A()"),
        ("#3a(((1) (2)) ((3) (4)))", "#3A(((1) (2)) ((3) (4)))"),
        ("#0a(1 2)", "#0A(1 2)"),
    ] {
        check(text, printed);
    }
    let mut world = World::new();
    let array = world.read("#2a(() ())");
    assert!(matches!(world.heap.object(array), Some(Object::Array { dimensions, .. }) if *dimensions == [2, 0]));
}

#[test]
fn complex_numbers_pathnames_structures() {
    for (text, printed) in [
        ("#c(1 2)", "#C(1 2)"),
        ("#C(1/2 -3)", "#C(1/2 -3)"),
        ("#c(1 0)", "1"),
        ("#c(1 0.0)", "#C(1.0 0.0)"),
        ("#c(1 2d0)", "#C(1.0d0 2.0d0)"),
        ("#c(1.5 2d0)", "#C(1.5d0 2.0d0)"),
        ("#c(1/3 2.0)", "#C(0.33333334 2.0)"),
        ("#c(1/3 2.0d0)", "#C(0.3333333333333333d0 2.0d0)"),
        ("#p\"a/b.lisp\"", "#P\"a/b.lisp\""),
        ("#s(point :x 1 :y (2))", "#S(POINT :X 1 :Y (2))"),
        ("#s(point)", "#S(POINT)"),
    ] {
        check(text, printed);
    }
}

#[test]
fn read_time_evaluation() {
    check("#.(list 1 2)", "(1 2)");
    check("(a . #.(list 1 2))", "(A 1 2)");
    check("#.foo", "FOO");
}

#[test]
fn features() {
    let read = |text: &str| {
        transcript(text, |reader, symbols| {
            let feature = |symbols: &mut clysm_reader::Symbols, name| symbols.intern(PackageId::KEYWORD, name);
            let features = vec![feature(symbols, "CLYSM"), feature(symbols, "UNIX")];
            reader.set_features(features);
        })
    };
    assert_eq!(read("#+clysm a #-clysm b"), "A");
    assert_eq!(read("#+sbcl a #-sbcl b"), "B");
    assert_eq!(read("#+(and clysm unix) a"), "A");
    assert_eq!(read("#+(and) a #+(or) b"), "A");
    assert_eq!(read("#+(or sbcl (not ecl)) a"), "A");
    assert_eq!(read("#+:clysm a"), "A");
    assert_eq!(read("#+cl-user::clysm a b"), "B");
    assert_eq!(read("(#+sbcl a #-clysm b c #+sbcl d)"), "(C)");
    assert_eq!(read("(a . #+sbcl b c)"), "(A . C)");
    assert_eq!(read("#+sbcl #-clysm a b c"), "C");
    assert_eq!(
        read(
            "#+sbcl (nopackage:foo nopackage::bar 1/0 1e999 #.(boom) , ,@x `(,y) #3(1 2 3 4) #5=a #6# #\\nosuch . x) b"
        ),
        "B"
    );
    assert_eq!(
        read("#+sbcl #2a(1) #+sbcl #c(x) #+sbcl #p(1) #+sbcl #s(1 2) #+sbcl #*12 #+sbcl #99r1 #+sbcl #xzz b"),
        "B"
    );
    assert_eq!(read("#+sbcl a:b:c:d b"), "B");
    assert_eq!(read("#+sbcl \"a)\\\" (\" b"), "B");
    assert_eq!(read("#+sbcl ... b"), "B");
}

#[test]
fn labels() {
    for (text, printed) in [
        ("(#1=a #1#)", "(A A)"),
        ("(#1=(a) #1#)", "((A) (A))"),
        ("#1=(a . #1#)", "#1=(A . #1#)"),
        ("#1=(a #1#)", "#1=(A #1#)"),
        ("#1=(a . #2=(b #1# . #2#))", "#1=(A . #2=(B #1# . #2#))"),
        ("#1=#(a #1#)", "#1=#(A #1#)"),
        ("#1=#s(node :next #1#)", "#1=#S(NODE :NEXT #1#)"),
        ("#1=#2=(#1# #2#)", "#1=(#1# #1#)"),
        ("(#10=\"x\" #10#)", "(\"x\" \"x\")"),
        ("#1=(a #2a((#1# 1)))", "#1=(A #2A((#1# 1)))"),
        ("(#1=(#2=(x) #2#) #1# #2#)", "(((X) (X)) ((X) (X)) (X))"),
    ] {
        check(text, printed);
    }
    let mut world = World::new();
    let list = world.read("(#1=(a) #1# #2=\"s\" #2#)");
    let parts = world.heap.proper_list(list).unwrap();
    assert_eq!(parts[0], parts[1]);
    assert_eq!(parts[2], parts[3]);
    let circle = world.read("#1=(a b . #1#)");
    assert_eq!(world.heap.cdr(world.heap.cdr(circle)), circle);
    assert_eq!(world.heap.proper_list(circle), None);
}

#[test]
fn labels_last_for_one_toplevel_form() {
    assert_eq!(transcript("#1=a #1=b", |_, _| ()), "A\nB");
    assert!(transcript("#1=a #1#", |_, _| ()).contains("no object is labelled"));
}

#[test]
fn spans_are_octets_of_the_text() {
    let text = "(foo 'λ (bar\n 12))";
    let mut world = World::new();
    let form = world.read(text);
    let slice = |datum| {
        let span = world.heap.span(datum);
        &text[span.start as usize..span.end as usize]
    };
    let cdr = |datum| world.heap.cdr(datum);
    assert_eq!(slice(form), text);
    assert_eq!(slice(cdr(form)), "'λ");
    assert_eq!(slice(world.heap.car(cdr(form))), "'λ");
    assert_eq!(slice(cdr(world.heap.car(cdr(form)))), "λ");
    let bar = world.heap.car(cdr(cdr(form)));
    assert_eq!(slice(bar), "(bar\n 12)");
    assert_eq!(slice(cdr(bar)), "12");
}

#[test]
fn forms_have_spans_and_shebang_and_byte_order_mark_are_skipped() {
    let mut world = World::new();
    let mut reader = clysm_reader::Reader::new("#!/usr/bin/clysm (\n  foo (a)", clysm_report::FileId(7));
    let mut read = || {
        reader.read(&mut world.heap, &mut world.symbols, &mut common::ListEval).map(|form| (form, reader.form_span()))
    };
    let (form, span) = read().unwrap();
    assert!(form.is_some());
    assert_eq!((span.file.0, span.start, span.end), (7, 21, 24));
    check("\u{feff}foo", "FOO");
}

#[test]
fn the_current_package_is_looked_at_for_each_form() {
    let mut world = World::new();
    let mut reader = clysm_reader::Reader::new("foo foo cl-user::foo", clysm_report::FileId(0));
    let mut names = Vec::new();
    for package in [PackageId::CLYSM, PackageId::COMMON_LISP_USER, PackageId::CLYSM] {
        world.symbols.current = package;
        let form = reader.read(&mut world.heap, &mut world.symbols, &mut common::ListEval).unwrap().unwrap();
        names.push(world.symbols.package(form.as_symbol().unwrap()).unwrap());
    }
    assert_eq!(names, [PackageId::CLYSM, PackageId::COMMON_LISP_USER, PackageId::COMMON_LISP_USER]);
    assert_eq!(world.read("nil"), Datum::Symbol(Symbol::NIL));
}
