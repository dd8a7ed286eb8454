//! The standard syntax types of characters (CLHS 2.1.4) and the shape of potential numbers (CLHS 2.3.1.1).

/// Syntax type of a character in the standard readtable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A constituent that stands for itself.
    Constituent,
    /// A constituent that reading changes to upper case.
    Lower,
    /// The package marker.
    Colon,
    /// Separates tokens and is skipped.
    Whitespace,
    /// A macro character that ends a token. (`#` doesn't: it is a [`Class::Constituent`] inside of a token.)
    Terminating,
    /// `\`
    SingleEscape,
    /// `|`
    MultipleEscape,
}

/// Classes of the ASCII characters.
static ASCII: [Class; 128] = ascii_classes();

const fn ascii_classes() -> [Class; 128] {
    let mut classes = [Class::Constituent; 128];
    let mut code = 0;
    while code < 128 {
        classes[code] = match code as u8 {
            b'a'..=b'z' => Class::Lower,
            b':' => Class::Colon,
            b'\t' | b'\n' | 0x0c | b'\r' | b' ' | 0x7f => Class::Whitespace,
            b'"' | b'\'' | b'(' | b')' | b',' | b';' | b'`' => Class::Terminating,
            b'\\' => Class::SingleEscape,
            b'|' => Class::MultipleEscape,
            _ => Class::Constituent,
        };
        code += 1;
    }
    classes
}

/// The class of an ASCII octet; an octet of a longer UTF-8 sequence counts as a constituent.
#[inline]
pub(crate) fn class(octet: u8) -> Class {
    ASCII.get(usize::from(octet)).copied().unwrap_or(Class::Constituent)
}

/// Upper case of a character that has case in the sense of CLHS 13.1.4.3: the two cases map to each other, one to one.
pub(crate) fn upcase(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_uppercase();
    }
    match (single(character.to_uppercase()), character) {
        (Some(upper), lower) if upper != lower && single(upper.to_lowercase()) == Some(lower) => upper,
        _ => character,
    }
}

fn single(mut mapping: impl Iterator<Item = char>) -> Option<char> {
    let first = mapping.next();
    first.filter(|_| mapping.next().is_none())
}

/// Whether a token without escapes has the syntax of a potential number in a radix: what the printer must escape, and what
/// may not be a symbol when it is no number.
pub(crate) fn potential_number(token: &str, radix: u32) -> bool {
    let is_digit = |octet: u8| (octet as char).is_digit(radix);
    let bytes = token.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    let starts = is_digit(*first) || matches!(first, b'+' | b'-' | b'.' | b'^' | b'_');
    starts
        && !matches!(last, b'+' | b'-')
        && bytes.iter().any(|octet| is_digit(*octet))
        && (0..bytes.len()).all(|index| numeric_octet(bytes, index, &is_digit))
}

/// Whether an octet may be part of a potential number: a letter only where no other letter is next to it.
fn numeric_octet(bytes: &[u8], index: usize, is_digit: &impl Fn(u8) -> bool) -> bool {
    let letter = |index: usize| {
        let octet = bytes.get(index);
        octet.is_some_and(|octet| octet.is_ascii_alphabetic() && !is_digit(*octet))
    };
    match bytes[index] {
        octet if is_digit(octet) => true,
        b'+' | b'-' | b'.' | b'/' | b'^' | b'_' => true,
        octet if octet.is_ascii_alphabetic() => !letter(index + 1) && (index == 0 || !letter(index - 1)),
        _ => false,
    }
}

/// Characters with names (CLHS 13.1.7), by which `#\` reads and the printer prints: those of the Lisp library. The first name of
/// a character is printed.
pub(crate) const CHARACTER_NAMES: &[(char, &[&str])] = &[
    ('\0', &["Nul", "Null"]),
    ('\x01', &["Soh"]),
    ('\x02', &["Stx"]),
    ('\x03', &["Etx"]),
    ('\x04', &["Eot"]),
    ('\x05', &["Enq"]),
    ('\x06', &["Ack"]),
    ('\x07', &["Bel", "Bell"]),
    ('\x08', &["Backspace", "Bs"]),
    ('\t', &["Tab", "Ht"]),
    ('\n', &["Newline", "Linefeed", "Lf", "Nl"]),
    ('\x0b', &["Vt"]),
    ('\x0c', &["Page", "Form", "Formfeed", "Ff"]),
    ('\r', &["Return", "Cr"]),
    ('\x0e', &["So"]),
    ('\x0f', &["Si"]),
    ('\x10', &["Dle"]),
    ('\x11', &["Dc1"]),
    ('\x12', &["Dc2"]),
    ('\x13', &["Dc3"]),
    ('\x14', &["Dc4"]),
    ('\x15', &["Nak"]),
    ('\x16', &["Syn"]),
    ('\x17', &["Etb"]),
    ('\x18', &["Can"]),
    ('\x19', &["Em"]),
    ('\x1a', &["Sub"]),
    ('\x1b', &["Esc", "Escape", "Altmode", "Alt"]),
    ('\x1c', &["Fs"]),
    ('\x1d', &["Gs"]),
    ('\x1e', &["Rs"]),
    ('\x1f', &["Us"]),
    (' ', &["Space", "Sp"]),
    ('\x7f', &["Rubout", "Delete", "Del"]),
    ('\u{a0}', &["No-Break_Space", "Nbsp"]),
];

/// The name by which the printer writes a character that has no graphic form.
pub(crate) fn character_name(character: char) -> Option<String> {
    let named = CHARACTER_NAMES.iter().find(|(named, _)| *named == character);
    match named.and_then(|(_, names)| names.first()) {
        Some(name) => Some((*name).to_owned()),
        None if character.is_control() || character.is_whitespace() => Some(format!("U+{:04X}", u32::from(character))),
        None => None,
    }
}

/// The character with this name, letter case aside: one of [`CHARACTER_NAMES`], or `U+` or `U` and hexadecimal digits.
pub(crate) fn named_character(name: &str) -> Option<char> {
    let matches = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if let Some((character, _)) = CHARACTER_NAMES.iter().find(|(_, names)| matches(names)) {
        return Some(*character);
    }
    let digits = name.strip_prefix(['U', 'u'])?;
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let hexadecimal = (1..=8).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?)
}
