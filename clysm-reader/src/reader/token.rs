//! Tokens: numbers, symbols with and without package prefix (CLHS 2.2, 2.3).

use super::{Parsed, Parser};
use crate::error::{Inside, ReadError, ReadErrorKind};
use crate::heap::Datum;
use crate::nearest::nearest;
use crate::number::{self, Numeric};
use crate::symbol::{PackageId, Status, Symbol};
use crate::syntax::{self, Class};

/// What a token is like; its text is in the token buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    start: usize,
    /// Whether any part of it was escaped, so that it can't be a number or consist of dots.
    pub(super) escaped: bool,
    /// Where in the buffer the package marker was, and how many colons it had.
    marker: Option<(usize, usize)>,
    /// Whether there was another package marker.
    misplaced: bool,
}

impl Token {
    /// Whether it contains a package marker.
    pub(super) fn has_marker(&self) -> bool {
        self.marker.is_some()
    }
}

impl Parser<'_, '_> {
    /// Reads a token and interprets it.
    #[inline(never)]
    pub(super) fn read_token_datum(&mut self) -> Parsed<Datum> {
        let token = self.scan_token(true)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        if token.escaped || token.has_marker() {
            return Ok(self.token_symbol(token)?.into());
        }
        if let Some(number) = self.token_number(token)? {
            return Ok(number);
        }
        let text = &self.scratch.token;
        if text.bytes().all(|octet| octet == b'.') {
            let kind = match text.len() {
                1 => ReadErrorKind::DotOutsideList,
                _ => ReadErrorKind::OnlyDots { token: text.clone() },
            };
            return Err(self.error(token.start, kind));
        }
        Ok(self.symbols.intern(self.symbols.current, text).into())
    }

    /// Scans a token into the buffer, up to what delimits it; letters become upper case if `upcase`.
    pub(super) fn scan_token(&mut self, upcase: bool) -> Parsed<Token> {
        self.scratch.token.clear();
        let start = self.position;
        self.continue_token(start, upcase)
    }

    /// Scans the rest of a token whose beginning is in the buffer.
    #[inline(never)]
    pub(super) fn continue_token(&mut self, start: usize, upcase: bool) -> Parsed<Token> {
        let mut token = Token { start, escaped: false, marker: None, misplaced: false };
        while let Some(octet) = self.peek() {
            match syntax::class(octet) {
                Class::Constituent | Class::Lower => self.scan_constituents(upcase),
                Class::Colon => self.scan_marker(&mut token),
                Class::SingleEscape => {
                    token.escaped = true;
                    self.position += 1;
                    let Some(character) = self.peek_char() else {
                        return Err(self.end_of_text(Inside::Escape, start));
                    };
                    self.position += character.len_utf8();
                    self.scratch.token.push(character);
                }
                Class::MultipleEscape => {
                    token.escaped = true;
                    self.scan_bars()?;
                }
                Class::Whitespace | Class::Terminating => break,
            }
        }
        Ok(token)
    }

    /// Scans a run of constituents, the first of which is at the current position.
    fn scan_constituents(&mut self, upcase: bool) {
        let rest = &self.bytes[self.position..];
        let plain = |octet: &u8| matches!(syntax::class(*octet), Class::Constituent | Class::Lower);
        let length = rest.iter().position(|octet| !plain(octet)).unwrap_or(rest.len());
        let run = &self.text[self.position..self.position + length];
        self.position += length;
        let from = self.scratch.token.len();
        if !upcase {
            self.scratch.token.push_str(run);
        } else if run.is_ascii() {
            self.scratch.token.push_str(run);
            self.scratch.token[from..].make_ascii_uppercase();
        } else {
            self.scratch.token.extend(run.chars().map(syntax::upcase));
        }
    }

    fn scan_marker(&mut self, token: &mut Token) {
        let rest = &self.bytes[self.position..];
        let colons = rest.iter().take_while(|octet| **octet == b':').count();
        self.position += colons;
        let earlier = token.marker.replace((self.scratch.token.len(), colons));
        token.misplaced |= earlier.is_some() || colons > 2;
    }

    /// Scans characters between bars, in which only `\` escapes.
    fn scan_bars(&mut self) -> Parsed<()> {
        let opened = self.position;
        self.position += 1;
        while let Some(character) = self.peek_char() {
            self.position += character.len_utf8();
            match character {
                '|' => return Ok(()),
                '\\' => {
                    let Some(escaped) = self.peek_char() else { break };
                    self.position += escaped.len_utf8();
                    self.scratch.token.push(escaped);
                }
                _ => self.scratch.token.push(character),
            }
        }
        Err(self.end_of_text(Inside::Bars, opened))
    }

    /// The number that the token is, if it is one.
    fn token_number(&mut self, token: Token) -> Parsed<Option<Datum>> {
        let numeric = number::parse(&self.scratch.token, self.base, self.float_format);
        let text = || self.scratch.token.clone();
        let kind = match numeric {
            None => return Ok(None),
            Some(Numeric::Fixnum(value)) => return Ok(Some(Datum::Fixnum(value))),
            Some(Numeric::Integer(value)) => return Ok(Some(self.heap.integer(value))),
            Some(Numeric::Ratio(value)) => return Ok(Some(self.heap.rational(value))),
            Some(Numeric::Single(value)) => return Ok(Some(Datum::Single(value))),
            Some(Numeric::Double(value)) => return Ok(Some(Datum::Double(value))),
            Some(Numeric::ZeroDenominator) => ReadErrorKind::DivisionByZero { token: text() },
            Some(Numeric::Overflow(format)) => ReadErrorKind::FloatOverflow { token: text(), format: format.name() },
            Some(Numeric::Underflow(format)) => ReadErrorKind::FloatUnderflow { token: text(), format: format.name() },
        };
        Err(self.error(token.start, kind))
    }

    /// The symbol that the token names.
    fn token_symbol(&mut self, token: Token) -> Parsed<Symbol> {
        let Some((split, colons)) = token.marker else {
            return Ok(self.symbols.intern(self.symbols.current, &self.scratch.token));
        };
        let (package, name) = self.scratch.token.split_at(split);
        // `||` is a name, nothing at all is none.
        let nameless = name.is_empty() && self.bytes[self.position - 1] == b':';
        if token.misplaced || nameless || (split == 0 && colons == 2) {
            let token_text = self.text[token.start..self.position].to_owned();
            return Err(self.error(token.start, ReadErrorKind::MisplacedMarker { token: token_text }));
        }
        let package = match split {
            0 => PackageId::KEYWORD,
            _ => self.symbols.find_package(package).ok_or_else(|| self.unknown_package(token, package))?,
        };
        if colons == 2 || package == PackageId::KEYWORD {
            return Ok(self.symbols.intern(package, name));
        }
        match self.symbols.find(package, name) {
            Some((symbol, Status::External)) => Ok(symbol),
            Some(_) => Err(self.not_external(token, package, name)),
            None => Err(self.no_such_external(token, package, name)),
        }
    }

    fn unknown_package(&self, token: Token, name: &str) -> Box<ReadError> {
        let candidates = self.symbols.packages().flat_map(|package| {
            std::iter::once(self.symbols.package_name(package)).chain(self.symbols.nicknames(package))
        });
        let nearest = nearest(name, candidates);
        self.error(token.start, ReadErrorKind::UnknownPackage { name: name.to_owned(), nearest })
    }

    fn not_external(&self, token: Token, package: PackageId, name: &str) -> Box<ReadError> {
        let package = self.symbols.package_name(package).to_owned();
        self.error(token.start, ReadErrorKind::NotExternal { package, name: name.to_owned() })
    }

    fn no_such_external(&self, token: Token, package: PackageId, name: &str) -> Box<ReadError> {
        let external = self.symbols.external_symbols(package);
        let nearest = nearest(name, external.iter().map(|symbol| self.symbols.name(*symbol)));
        let package = self.symbols.package_name(package).to_owned();
        self.error(token.start, ReadErrorKind::NoSuchExternal { package, name: name.to_owned(), nearest })
    }
}
