//! What templates expand to (CLHS 2.4.6).

mod common;

use common::{check, transcript};

#[test]
fn constants() {
    check("`a", "(QUOTE A)");
    check("`()", "NIL");
    check("`t", "T");
    check("`:a", ":A");
    check("`12", "12");
    check("`\"s\"", "\"s\"");
    check("`(a b)", "(QUOTE (A B))");
    check("`#(a b)", "#(A B)");
    check("`(a . b)", "(QUOTE (A . B))");
}

#[test]
fn insertion() {
    check("`,a", "A");
    check("`,(f x)", "(F X)");
    check("`(,a)", "(LIST A)");
    check("`(,a ,b)", "(LIST A B)");
    check("`(a ,b)", "(LIST (QUOTE A) B)");
    check("`(,a b)", "(CONS A (QUOTE (B)))");
    check("`(,a b c :d)", "(CONS A (QUOTE (B C :D)))");
    check("`(a ,b c)", "(LIST* (QUOTE A) B (QUOTE (C)))");
    check("`(1 ,b nil)", "(LIST* 1 B (QUOTE (NIL)))");
    check("`(,a . b)", "(CONS A (QUOTE B))");
    check("`(a . ,b)", "(CONS (QUOTE A) B)");
    check("`(a b . ,c)", "(LIST* (QUOTE A) (QUOTE B) C)");
    check("`((,a) b)", "(CONS (LIST A) (QUOTE (B)))");
    check("`(if ,a (progn ,b) nil)", "(LIST* (QUOTE IF) A (LIST (QUOTE PROGN) B) (QUOTE (NIL)))");
    check("`(a ',b)", "(LIST (QUOTE A) (LIST (QUOTE QUOTE) B))");
    check("`(a #',b)", "(LIST (QUOTE A) (LIST (QUOTE FUNCTION) B))");
}

#[test]
fn splicing() {
    check("`(,@a)", "A");
    check("`(,@a ,@b)", "(APPEND A B)");
    check("`(,@a ,@b ,@c)", "(APPEND A B C)");
    check("`(,@a b)", "(APPEND A (QUOTE (B)))");
    check("`(a ,@b)", "(CONS (QUOTE A) B)");
    check("`(a b ,@c)", "(LIST* (QUOTE A) (QUOTE B) C)");
    check("`(a ,@b c)", "(CONS (QUOTE A) (APPEND B (QUOTE (C))))");
    check("`(,@a ,b)", "(APPEND A (LIST B))");
    check("`(,@a b ,@c)", "(APPEND A (CONS (QUOTE B) C))");
    check("`(,@a . b)", "(APPEND A (QUOTE B))");
    check("`(,@a . ,b)", "(APPEND A B)");
    check("`(a ,.b c)", "(CONS (QUOTE A) (NCONC B (QUOTE (C))))");
    check("`(,.a ,.b ,@c)", "(NCONC A B C)");
    check("`(,@a ,.b c)", "(APPEND A (NCONC B (QUOTE (C))))");
    // A call that the template contains takes part.
    check("`(a ,@(list b c))", "(LIST (QUOTE A) B C)");
    check("`(a . ,(cons b c))", "(LIST* (QUOTE A) B C)");
    check("`(,@a ,@(append b c))", "(APPEND A B C)");
    check("`(a ,@nil)", "(LIST (QUOTE A))");
    check("`(let ,vars ,@body)", "(LIST* (QUOTE LET) VARS BODY)");
}

#[test]
fn vectors() {
    check("`#(,a b)", "(VECTOR A (QUOTE B))");
    check("`#(,a)", "(VECTOR A)");
    check("`#(a ,@b)", "(APPLY (FUNCTION VECTOR) (CONS (QUOTE A) B))");
    check("`#(,@b)", "(APPLY (FUNCTION VECTOR) B)");
    check("`(a #(,b))", "(LIST (QUOTE A) (VECTOR B))");
    check("`#3(,a)", "(VECTOR A A A)");
}

#[test]
fn nested() {
    // The inner template is expanded first, with the outer commas in place.
    check("``a", "(QUOTE (QUOTE A))");
    check("``,a", "(QUOTE A)");
    check("``(a ,b)", "(QUOTE (LIST (QUOTE A) B))");
    check("``(a ,,b)", "(LIST (QUOTE LIST) (QUOTE (QUOTE A)) B)");
    check("``(a ,',b)", "(LIST (QUOTE LIST) (QUOTE (QUOTE A)) (LIST (QUOTE QUOTE) B))");
    check("``(,,@b)", "(CONS (QUOTE LIST) B)");
    check("``(a ,,@b c)", "(LIST* (QUOTE LIST*) (QUOTE (QUOTE A)) (APPEND B (QUOTE ((QUOTE (C))))))");
    check("``(,,@b c)", "(CONS (QUOTE LIST*) (APPEND B (QUOTE ((QUOTE (C))))))");
    check("``(,@,@b)", "(CONS (QUOTE APPEND) B)");
    check("``(,@,b)", "B");
    check("``(,@',b)", "(LIST (QUOTE QUOTE) B)");
    check("`(a `(b ,(c ,d)))", "(LIST (QUOTE A) (LIST (QUOTE LIST) (QUOTE (QUOTE B)) (LIST (QUOTE C) D)))");
    check("`(,a `,b)", "(CONS A (QUOTE (B)))");
    check("`,`a", "(QUOTE A)");
    check("`,`,a", "A");
}

#[test]
fn labels_in_templates() {
    check("`(#1=(,a) #1#)", "(LIST (LIST A) (LIST A))");
    check("#1=`(a ,b)", "(LIST (QUOTE A) B)");
    check("`(a . #1=(b . #1#))", "(QUOTE (A . #1=(B . #1#)))");
    check("`(,a . #1=(b . #1#))", "(CONS A (QUOTE #1=(B . #1#)))");
}

#[test]
fn errors() {
    let errors = transcript(
        "(a ,b)\n(`,@a)\n(`(a . ,@b))\n(`(a ,,b))\n(`#.(a ,b))\n(`#1=(,a . #1#))\n(`(a ,))\n(`)\n(`(,@))\n(ok)",
        |_, _| (),
    );
    let expected = "\
3..4: comma is not inside of a backquote
8..12: ,@ is only allowed as an element of a list or vector
15..25: ,@ is only allowed as an element of a list or vector
33..34: comma is not inside of a backquote
45..46: comma is not inside of a backquote
50..66: a label can't refer to a part of a backquoted form that contains a comma
73..74: an object is missing before the close parenthesis
78..79: an object is missing before the close parenthesis
85..86: an object is missing before the close parenthesis
(OK)";
    assert_eq!(errors, expected);
}
