//! Packages (CLHS chapter 11).

#![allow(clippy::unwrap_used)]

use clysm_reader::{PackageError, PackageId, Status, Symbol, Symbols};

const CL: PackageId = PackageId::COMMON_LISP;
const USER: PackageId = PackageId::COMMON_LISP_USER;

/// Two packages: A exports X, B uses A.
fn world() -> (Symbols, PackageId, PackageId, Symbol) {
    let mut symbols = Symbols::new();
    let a = symbols.make_package("A", &["AA"], &[]).unwrap();
    let b = symbols.make_package("B", &[], &[a]).unwrap();
    let x = symbols.intern(a, "X");
    symbols.export(a, &[x]).unwrap();
    (symbols, a, b, x)
}

#[test]
fn the_initial_world() {
    let symbols = Symbols::new();
    for (name, id) in [
        ("COMMON-LISP", CL),
        ("CL", CL),
        ("KEYWORD", PackageId::KEYWORD),
        ("CLYSM", PackageId::CLYSM),
        ("CL-USER", USER),
    ] {
        assert_eq!(symbols.find_package(name), Some(id));
    }
    assert_eq!(symbols.find(CL, "NIL"), Some((Symbol::NIL, Status::External)));
    assert_eq!(symbols.find(PackageId::CLYSM, "T"), Some((Symbol::T, Status::Inherited)));
    assert_eq!((Symbol::NIL.index(), Symbol::T.index()), (0, 1));
    assert_eq!(symbols.name(Symbol::LIST_STAR), "LIST*");
    assert_eq!(symbols.use_list(USER), [CL]);
    assert_eq!(symbols.used_by_list(CL), [PackageId::CLYSM, USER]);
    assert_eq!(symbols.find(USER, "nil"), None, "names are compared exactly");
}

#[test]
fn interning() {
    let mut symbols = Symbols::new();
    let foo = symbols.intern(USER, "FOO");
    assert_eq!(symbols.intern(USER, "FOO"), foo);
    assert_eq!(symbols.intern(USER, "NIL"), Symbol::NIL);
    assert_eq!(symbols.package(foo), Some(USER));
    assert_ne!(symbols.intern(CL, "FOO"), foo);
    let key = symbols.intern(PackageId::KEYWORD, "FOO");
    assert_eq!(symbols.find(PackageId::KEYWORD, "FOO"), Some((key, Status::External)));
    assert!(symbols.is_keyword(key));
    let (one, two) = (symbols.make_uninterned("FOO"), symbols.make_uninterned("FOO"));
    assert_ne!(one, two);
    assert_eq!(symbols.package(one), None);
}

#[test]
fn setf_symbols() {
    let mut symbols = Symbols::new();
    let car = symbols.intern(CL, "CAR");
    let setf = symbols.setf_symbol(car);
    assert_eq!(symbols.setf_symbol(car), setf);
    assert_eq!(symbols.setf_base(setf), Some(car));
    assert_eq!(symbols.setf_base(car), None);
    assert_eq!(symbols.package(setf), None);
    assert_eq!(symbols.qualified_name(setf), "(SETF COMMON-LISP::CAR)");
}

#[test]
fn exports_are_inherited() {
    let (mut symbols, a, b, x) = world();
    assert_eq!(symbols.find(b, "X"), Some((x, Status::Inherited)));
    let y = symbols.intern(a, "Y");
    assert_eq!(symbols.find(a, "Y"), Some((y, Status::Internal)));
    assert_eq!(symbols.find(b, "Y"), None);
    symbols.export(a, &[y]).unwrap();
    assert_eq!(symbols.intern(b, "Y"), y);
    symbols.unexport(a, &[y]).unwrap();
    assert_eq!(symbols.find(b, "Y"), None);
    assert_eq!(symbols.external_symbols(a), [x]);
    assert_eq!(symbols.present_symbols(a), [(x, Status::External), (y, Status::Internal)]);
    // An inherited symbol is imported by exporting it.
    symbols.export(b, &[x]).unwrap();
    assert_eq!(symbols.find(b, "X"), Some((x, Status::External)));
    assert_eq!(symbols.package(x), Some(a));
    let stranger = symbols.make_uninterned("S");
    assert!(matches!(symbols.export(a, &[stranger]), Err(PackageError::NotAccessible { .. })));
    assert!(matches!(symbols.unexport(a, &[stranger]), Err(PackageError::NotAccessible { .. })));
}

#[test]
fn conflicts_are_found_and_change_nothing() {
    let (mut symbols, a, b, x) = world();
    // Exporting what a user of the package has itself.
    let own = symbols.intern(b, "OWN");
    let (other, fine) = (symbols.intern(a, "OWN"), symbols.intern(a, "FINE"));
    let error = symbols.export(a, &[fine, other]).unwrap_err();
    assert_eq!(error.to_string(), "name conflict in package B: B::OWN is accessible there, A::OWN would be too");
    assert_eq!(symbols.find(a, "FINE"), Some((fine, Status::Internal)));
    // Using a package whose exports conflict.
    let c = symbols.make_package("C", &[], &[]).unwrap();
    let cx = symbols.intern(c, "X");
    symbols.export(c, &[cx]).unwrap();
    assert!(matches!(symbols.use_package(b, c), Err(PackageError::Conflict { .. })));
    assert_eq!(symbols.use_list(b), [a]);
    assert!(matches!(symbols.make_package("D", &[], &[a, c]), Err(PackageError::Conflict { .. })));
    assert_eq!(symbols.find_package("D"), None);
    assert_eq!(symbols.used_by_list(a), [b]);
    // Importing.
    assert!(matches!(symbols.import(b, &[cx]), Err(PackageError::Conflict { .. })));
    assert!(matches!(symbols.import(c, &[x]), Err(PackageError::Conflict { .. })));
    let e = symbols.make_package("E", &[], &[]).unwrap();
    assert!(matches!(symbols.import(e, &[x, cx]), Err(PackageError::Conflict { .. })));
    assert!(symbols.present_symbols(e).is_empty());
    assert_eq!(symbols.find(b, "OWN"), Some((own, Status::Internal)));
}

#[test]
fn shadowing_resolves_conflicts() {
    let (mut symbols, a, b, x) = world();
    let c = symbols.make_package("C", &[], &[]).unwrap();
    let cx = symbols.intern(c, "X");
    symbols.export(c, &[cx]).unwrap();
    symbols.shadow(b, &["X", "NEW"]).unwrap();
    let (own, _) = symbols.find(b, "X").unwrap();
    assert_ne!(own, x);
    symbols.use_package(b, c).unwrap();
    assert_eq!(symbols.find(b, "X"), Some((own, Status::Internal)));
    assert_eq!(symbols.shadowing_symbols(b).len(), 2);
    // Now it can't be uninterned: it hides a conflict.
    assert!(matches!(symbols.unintern(b, own), Err(PackageError::Uncovered { .. })));
    symbols.shadowing_import(b, &[cx]).unwrap();
    assert_eq!(symbols.find(b, "X"), Some((cx, Status::Internal)));
    assert_eq!(symbols.package(own), None, "the symbol it replaces is uninterned");
    assert!(symbols.unuse(b, a));
    assert!(!symbols.unuse(b, a));
    assert_eq!(symbols.unintern(b, cx), Ok(true));
    assert_eq!(symbols.find(b, "X"), Some((cx, Status::Inherited)));
    assert_eq!(symbols.package(cx), Some(c));
}

#[test]
fn importing_and_uninterning() {
    let (mut symbols, a, _, x) = world();
    let free = symbols.make_uninterned("FREE");
    symbols.import(a, &[free]).unwrap();
    assert_eq!(symbols.package(free), Some(a));
    symbols.import(USER, &[x, x, free]).unwrap();
    assert_eq!(symbols.find(USER, "X"), Some((x, Status::Internal)));
    assert_eq!(symbols.package(x), Some(a));
    assert_eq!(symbols.unintern(a, x), Ok(true));
    assert_eq!(symbols.unintern(a, x), Ok(false));
    assert_eq!(symbols.package(x), None);
    assert_eq!(symbols.find(a, "X"), None);
    assert_eq!(symbols.find(USER, "X"), Some((x, Status::Internal)));
}

#[test]
fn renaming_and_deleting() {
    let (mut symbols, a, b, x) = world();
    assert!(matches!(symbols.make_package("AA", &[], &[]), Err(PackageError::NameTaken { .. })));
    assert!(matches!(symbols.rename(b, "BB", &["A"]), Err(PackageError::NameTaken { .. })));
    symbols.rename(a, "AA", &["A1"]).unwrap();
    assert_eq!(
        (symbols.find_package("A"), symbols.find_package("AA"), symbols.find_package("A1")),
        (None, Some(a), Some(a))
    );
    assert_eq!(symbols.package_name(a), "AA");
    assert_eq!(symbols.nicknames(a).collect::<Vec<_>>(), ["A1"]);
    let error = symbols.delete_package(a).unwrap_err();
    assert_eq!(error.to_string(), "package AA is used by B");
    assert_eq!(symbols.delete_package(b), Ok(true));
    assert_eq!(symbols.delete_package(a), Ok(true));
    assert_eq!(symbols.delete_package(a), Ok(false));
    assert_eq!((symbols.find_package("AA"), symbols.package(x)), (None, None));
    assert!(matches!(symbols.use_package(USER, a), Err(PackageError::Deleted { .. })));
    assert!(!symbols.packages().any(|package| package == a));
    let again = symbols.make_package("A1", &[], &[]).unwrap();
    assert_ne!(again, a);
}

#[test]
fn keyword_stands_alone() {
    let mut symbols = Symbols::new();
    let key = symbols.intern(PackageId::KEYWORD, "K");
    assert!(matches!(symbols.use_package(USER, PackageId::KEYWORD), Err(PackageError::Keyword { .. })));
    assert!(matches!(symbols.use_package(PackageId::KEYWORD, CL), Err(PackageError::Keyword { .. })));
    assert!(matches!(symbols.make_package("P", &[], &[PackageId::KEYWORD]), Err(PackageError::Keyword { .. })));
    assert!(matches!(symbols.unexport(PackageId::KEYWORD, &[key]), Err(PackageError::Keyword { .. })));
}

#[test]
fn names_in_messages() {
    let (mut symbols, a, b, x) = world();
    let y = symbols.intern(a, "low er");
    assert_eq!(symbols.qualified_name(x), "A:X");
    assert_eq!(symbols.qualified_name(y), "A::|low er|");
    assert_eq!(symbols.qualified_name(Symbol::NIL), "NIL");
    let key = symbols.intern(PackageId::KEYWORD, "K");
    assert_eq!(symbols.qualified_name(key), ":K");
    let free = symbols.make_uninterned("G1");
    assert_eq!(symbols.qualified_name(free), "#:G1");
    symbols.current = b;
    assert_eq!(symbols.qualified_name(x), "X");
    assert_eq!(symbols.qualified_name(Symbol::NIL), "COMMON-LISP:NIL");
}

#[test]
fn creation_order_is_visible_and_nothing_else() {
    let mut symbols = Symbols::new();
    let before = symbols.len();
    let made: Vec<Symbol> = (0..100).map(|n| symbols.intern(USER, &format!("S{n}"))).collect();
    assert_eq!(symbols.iter().skip(before).collect::<Vec<_>>(), made);
    assert_eq!(symbols.present_symbols(USER).iter().map(|(symbol, _)| *symbol).collect::<Vec<_>>(), made);
}
