//! Every syntax error, with its place, and that reading goes on after it.

#![allow(clippy::unwrap_used)]

mod common;

use clysm_reader::{ReadErrorKind, reader::MAX_DEPTH};
use clysm_report::{Diagnostic, SourceMap, render};
use common::{World, transcript};

/// Reads a text whose first form is wrong, followed by a good one.
#[track_caller]
fn check(text: &str, expected: &str) {
    let whole = format!("{text}\n(ok)");
    let errors = transcript(&whole, |_, _| ());
    assert_eq!(errors, format!("{expected}\n(OK)"), "{text}");
}

#[test]
fn parentheses_and_ends() {
    check("(a))", "(A)\n3..4: unmatched close parenthesis");
    check(") b", "0..1: unmatched close parenthesis\nB");
    check("(a 'b ')", "7..8: an object is missing before the close parenthesis");
    check("(a #')", "5..6: an object is missing before the close parenthesis");
    check("(a #+x)", "6..7: an object is missing before the close parenthesis");
    check("(a #1=)", "6..7: an object is missing before the close parenthesis");
    let end = |text: &str, expected: &str| assert_eq!(transcript(text, |_, _| ()), expected, "{text}");
    end("(a (b)", "6..6: the text ends inside of a list");
    end("#(a", "3..3: the text ends inside of a vector");
    end("\"abc", "4..4: the text ends inside of a string");
    end("\"abc\\", "5..5: the text ends inside of a string");
    end("foo|bar", "7..7: the text ends inside of a symbol between bars");
    end("foo|bar\\", "8..8: the text ends inside of a symbol between bars");
    end("foo\\", "4..4: the text ends inside of a token, after an escape character");
    end("#\\", "2..2: the text ends inside of a token, after an escape character");
    end("#|a #|b|#", "9..9: the text ends inside of a comment");
    end("#", "1..1: the text ends inside of a prefix that needs an object after it");
    end("#12", "3..3: the text ends inside of a prefix that needs an object after it");
    end("'", "1..1: the text ends inside of a prefix that needs an object after it");
    end("#+a", "3..3: the text ends inside of a prefix that needs an object after it");
    end("`(a ,", "5..5: the text ends inside of a prefix that needs an object after it");
    end("(a . ", "5..5: the text ends inside of a list");
    end("#:a\\", "4..4: the text ends inside of a token, after an escape character");
}

#[test]
fn a_form_left_open_costs_no_other_form() {
    let text = "(a)\n(b (c)\n\n(d)\n (e)\n(f \"x)\n(g)";
    let mut world = World::new();
    let forms = world.read_all(text, |_, _| ());
    let errors: Vec<_> = forms.iter().filter_map(|form| form.as_ref().err()).collect();
    assert_eq!(errors.len(), 2);
    let ReadErrorKind::EndOfText { opened, suspect, .. } = &errors[0].kind else { unreachable!() };
    assert_eq!((opened.start, opened.end), (24, 25), "the string is the innermost");
    assert_eq!(suspect.unwrap().start, 28);
    assert_eq!(transcript(text, |_, _| ()).lines().filter(|line| line.starts_with('(')).count(), 4);
}

#[test]
fn many_forms_left_open_take_no_quadratic_time() {
    let mut text = "(a \"\n".repeat(200_001);
    text.push_str("(b)");
    let mut world = World::new();
    let forms = world.read_all(&text, |_, _| ());
    assert!(forms.iter().all(Result::is_err));
}

#[test]
fn dots() {
    check("(. a)", "1..2: nothing appears before . in the list");
    check("(a . )", "3..4: nothing appears after . in the list");
    check("(a . b c)", "7..8: more than one object follows . in the list");
    check("(a . b . c)", "7..8: dot context error: a lone . is only allowed in a list");
    check(".", "0..1: dot context error: a lone . is only allowed in a list");
    check("#(a . b)", "4..5: dot context error: a lone . is only allowed in a list");
    check("'.", "1..2: dot context error: a lone . is only allowed in a list");
    check("(a .. b)", "3..5: a token can't consist of dots alone: ..");
    check("(a ...)", "3..6: a token can't consist of dots alone: ...");
}

#[test]
fn dispatch() {
    check("a #!a", "A\n2..4: no dispatch function is defined for #!");
    check("(#])", "1..3: no dispatch function is defined for #]");
    check("(a #λ)", "3..6: no dispatch function is defined for #λ");
    check("#)", "0..2: no dispatch function is defined for #)");
    check("# a", "0..2: no dispatch function is defined for # ");
    check("#<foo>", "0..2: objects printed as #<…> can't be read");
    check("#=a", "0..2: #= needs a numeric argument");
    check("##", "0..2: ## needs a numeric argument");
    check("#a(1)", "0..2: #A needs a numeric argument");
    check("#r1", "0..2: #R needs a numeric argument");
    check("#3'a", "0..3: #' takes no numeric argument");
    check("#1\\a", "0..3: #\\ takes no numeric argument");
    check("#99999999999999999999=a", "0..22: the numeric argument of #= is too large");
}

#[test]
fn symbols() {
    check("nopkg:foo", "0..9: there is no package named NOPKG");
    check("(a nopkg::foo)", "3..13: there is no package named NOPKG");
    check("cl:cra", "0..6: package COMMON-LISP has no external symbol CRA");
    check("clysm::x clysm:x", "CLYSM::X\n9..16: symbol X is not external in package CLYSM");
    check("cl-user:car", "0..11: symbol CAR is not external in package COMMON-LISP-USER");
    check("a:b:c", "0..5: misplaced package marker in a:b:c");
    check("a:::b", "0..5: misplaced package marker in a:::b");
    check("::a", "0..3: misplaced package marker in ::a");
    check(":", "0..1: misplaced package marker in :");
    check("cl:", "0..3: misplaced package marker in cl:");
    check("cl::", "0..4: misplaced package marker in cl::");
    check("#:a:b", "0..5: an uninterned symbol can't have a package prefix: #:a:b");
}

#[test]
fn hints_offer_similar_names() {
    let mut world = World::new();
    let kinds: Vec<_> = world
        .read_all("comon-lisp:car cl:crs #\\Spce", |_, _| ())
        .into_iter()
        .map(|form| form.unwrap_err().kind)
        .collect();
    assert!(matches!(&kinds[0], ReadErrorKind::UnknownPackage { nearest, .. } if *nearest == ["COMMON-LISP"]));
    // The rest of the line was skipped with the error.
    assert_eq!(kinds.len(), 1);
    let kind = world.read_all("cl:crs", |_, _| ()).pop().unwrap().unwrap_err().kind;
    assert!(matches!(&kind, ReadErrorKind::NoSuchExternal { nearest, .. } if nearest.contains(&"CAR".to_owned())));
    let kind = world.read_all("#\\Spce", |_, _| ()).pop().unwrap().unwrap_err().kind;
    assert!(matches!(&kind, ReadErrorKind::UnknownCharacter { nearest, .. } if nearest[0] == "Space"));
}

#[test]
fn numbers() {
    check("(1/0)", "1..4: division by zero in 1/0");
    check("1e39", "0..4: floating-point overflow: 1E39 is too large for SINGLE-FLOAT");
    check("-1f99", "0..5: floating-point overflow: -1F99 is too large for SINGLE-FLOAT");
    check("1.0d309", "0..7: floating-point overflow: 1.0D309 is too large for DOUBLE-FLOAT");
    check("1e-99", "0..5: floating-point underflow: 1E-99 is too small for SINGLE-FLOAT");
    check("1l-400", "0..6: floating-point underflow: 1L-400 is too small for DOUBLE-FLOAT");
    check(
        "1d99999999999999999999",
        "0..22: floating-point overflow: 1D99999999999999999999 is too large for DOUBLE-FLOAT",
    );
    check("#b102", "0..5: not a rational number in radix 2");
    check("#xfoo", "0..5: not a rational number in radix 16");
    check("#o1.5", "0..5: not a rational number in radix 8");
    check("#x(1)", "0..5: not a rational number in radix 16");
    check("#37r1", "0..4: the radix 37 is not between 2 and 36");
    check("#1r0", "0..3: the radix 1 is not between 2 and 36");
    check("#c(1)", "0..5: #C needs a list of two real numbers");
    check("#c(1 2 3)", "0..9: #C needs a list of two real numbers");
    check("#c(1 a)", "0..7: #C needs a list of two real numbers");
    check("#c 1", "0..4: #C needs a list of two real numbers");
}

#[test]
fn compound_objects() {
    check("#2(1 2 3)", "0..9: the vector is declared with 2 elements and has 3");
    check("#2()", "0..4: a vector of 2 elements needs at least one to be filled with");
    check("#99999999999(1)", "0..15: the array is too large");
    check("#*10210", "4..5: '2' is not a bit");
    check("(#*1a)", "4..5: 'a' is not a bit");
    check("#2*101", "0..6: the vector is declared with 2 elements and has 3");
    check("#2*", "0..3: a vector of 2 elements needs at least one to be filled with");
    check("#2a((1 2) (3))", "0..14: the contents of #2A don't form an array of rank 2");
    check("#2a(1 2)", "0..8: the contents of #2A don't form an array of rank 2");
    check("#1a(1 . 2)", "0..10: the contents of #1A don't form an array of rank 1");
    check("#256a()", "0..7: the array is too large");
    check("#p12", "0..4: #P needs a string");
    check("#s(a :b)", "0..8: #S needs a list of a structure name and pairs of slot name and value");
    check("#s(1 2 3)", "0..9: #S needs a list of a structure name and pairs of slot name and value");
    check("#\\foo", "0..5: there is no character named foo");
    check("#\\U+D800", "0..8: there is no character named U+D800");
    check("#\\U+", "0..4: there is no character named U+");
}

#[test]
fn features_evaluation_labels() {
    check("(#+(nand a) b)", "3..11: not a feature expression: a symbol, or a list starting with AND, OR or NOT");
    check("#+(not a b) c", "2..11: not a feature expression: a symbol, or a list starting with AND, OR or NOT");
    check("#-12 c", "2..4: not a feature expression: a symbol, or a list starting with AND, OR or NOT");
    check("#.(boom)", "0..8: evaluation at read time failed: undefined function BOOM");
    check("#1=(#.(list #1#))", "4..16: a form evaluated at read time can't contain an object that is not yet complete");
    check("(#2#)", "1..4: no object is labelled #2=");
    check("#1=#1#", "0..6: #1= labels nothing but itself");
    check("(#1=a #1=b)", "6..9: the label #1= is used twice");
}

#[test]
fn nesting_has_a_limit() {
    let deep = |count: usize| "(".repeat(count) + &")".repeat(count);
    let mut world = World::new();
    world.read(&deep(MAX_DEPTH));
    let error = world.read_all(&deep(MAX_DEPTH + 1), |_, _| ()).remove(0).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::TooDeep { limit: MAX_DEPTH });
    for prefix in ["'", "`", "#'", "#(", "#+a ", "#.", "#1a", "#c", "#s(a "] {
        let errors = world.read_all(&prefix.repeat(1_000_000), |_, _| ());
        assert!(errors[0].is_err(), "{prefix}");
    }
    world.read(&("`".repeat(500) + &",".repeat(500) + "x"));
    world.read(&("`".to_owned() + &"(a ".repeat(990) + ",x" + &")".repeat(990)));
}

#[test]
fn shared_structure_does_not_explode() {
    let mut text = "(#0=(,a ,b)".to_owned();
    for label in 1..60 {
        text += &format!(" #{label}=(#{0}# #{0}#)", label - 1);
    }
    let mut world = World::new();
    for prefix in ["`", ""] {
        let all = format!("{prefix}{text})").replace(if prefix.is_empty() { "," } else { "\0" }, "");
        let datum = world.read(&all);
        assert!(world.print(datum).len() < 20_000);
    }
    let features = "(#0=(and)".to_owned()
        + &(1..60).map(|label| format!(" #{label}=(and #{0}# #{0}#)", label - 1)).collect::<String>()
        + " #+#59# x)";
    assert!(world.read_all(&features, |_, _| ())[0].is_err());
}

#[test]
fn diagnostics_show_the_place() {
    let text = "(defun f (x)\n  (cl:crs x))\n\n(defun g (y)\n  (f y)\n(defun h ())\n";
    let mut sources = SourceMap::new();
    sources.add("demo.lisp", text);
    let mut world = World::new();
    let diagnostics: Vec<Diagnostic> =
        world.read_all(text, |_, _| ()).into_iter().filter_map(Result::err).map(Diagnostic::from).collect();
    assert_eq!(diagnostics.len(), 2);
    assert_eq!(sources.location(diagnostics[0].span()).unwrap(), "demo.lisp:2:4");
    assert_eq!(diagnostics[0].code, "not-external");
    let rendered = render(&diagnostics[1], &sources, false);
    for part in ["end-of-text", "demo.lisp:4:1", "opened here", "another toplevel form", "closing delimiter"] {
        assert!(rendered.contains(part), "{part}: {rendered}");
    }
}
