//! The dispatching macro character `#` (CLHS 2.4.8).

use super::{Parsed, Parser};
use crate::error::{Inside, ReadErrorKind};
use crate::heap::{Datum, Object};
use crate::nearest::nearest;
use crate::symbol::{PackageId, Symbol};
use crate::syntax;

/// A feature expression has at most this many parts. Labels can make a short one very large.
const FEATURE_LIMIT: usize = 10_000;

/// The numeric argument between `#` and the character, with the place of the `#`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dispatch {
    pub(super) start: usize,
    pub(super) character: char,
    pub(super) argument: Option<u64>,
}

impl Parser<'_, '_> {
    /// Reads what starts with `#`; none if that stands for no object.
    pub(super) fn dispatch(&mut self) -> Parsed<Option<Datum>> {
        let start = self.position;
        self.position += 1;
        let argument = self.scan_argument();
        let Some(character) = self.peek_char() else {
            return Err(self.end_of_text(Inside::Prefix, start));
        };
        self.position += character.len_utf8();
        let character = character.to_ascii_uppercase();
        let overflow = matches!(argument, Some(None));
        if overflow && !self.suppress {
            return Err(self.error(start, ReadErrorKind::ArgumentTooLarge { character }));
        }
        let dispatch = Dispatch { start, character, argument: argument.flatten() };
        match character {
            '|' => {
                self.plain(dispatch)?;
                self.skip_block(start)?;
                Ok(None)
            }
            '+' | '-' => {
                self.plain(dispatch)?;
                self.read_conditional(start, character == '+')
            }
            _ => self.dispatch_object(dispatch).map(Some),
        }
    }

    #[inline(never)]
    fn dispatch_object(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let start = dispatch.start;
        match dispatch.character {
            '(' => self.read_vector(dispatch),
            '*' => self.read_bits(dispatch),
            'A' => self.read_array(dispatch),
            'B' => self.plain(dispatch).and_then(|()| self.read_rational(start, 2)),
            'O' => self.plain(dispatch).and_then(|()| self.read_rational(start, 8)),
            'X' => self.plain(dispatch).and_then(|()| self.read_rational(start, 16)),
            'R' => self.read_radix(dispatch),
            '=' => self.argument(dispatch).and_then(|number| self.read_label(start, number)),
            '#' => self.argument(dispatch).and_then(|number| self.read_reference(start, number)),
            '\'' | '\\' | ':' | '.' | 'C' | 'P' | 'S' => {
                self.plain(dispatch)?;
                self.dispatch_plain(dispatch)
            }
            '<' => Err(self.error(start, ReadErrorKind::Unreadable)),
            character => Err(self.error(start, ReadErrorKind::UnknownDispatch { character })),
        }
    }

    /// The constructs that take no numeric argument.
    fn dispatch_plain(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let start = dispatch.start;
        match dispatch.character {
            '\'' => self.read_function(start),
            '\\' => self.read_character(start),
            ':' => self.read_uninterned(start),
            '.' => self.read_evaluated(start),
            'C' => self.read_complex(start),
            'P' => self.read_pathname(start),
            _ => self.read_structure(start),
        }
    }

    /// The decimal digits at the current position: none, or a number, or one that is too large.
    fn scan_argument(&mut self) -> Option<Option<u64>> {
        let start = self.position;
        let mut value = Some(0u64);
        while let Some(octet @ b'0'..=b'9') = self.peek() {
            let digit = u64::from(octet - b'0');
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(digit));
            self.position += 1;
        }
        (self.position > start).then_some(value)
    }

    /// Checks that there is no numeric argument.
    fn plain(&self, dispatch: Dispatch) -> Parsed<()> {
        match dispatch.argument {
            Some(_) if !self.suppress => {
                let kind = ReadErrorKind::UnexpectedArgument { character: dispatch.character };
                Err(self.error(dispatch.start, kind))
            }
            _ => Ok(()),
        }
    }

    /// The numeric argument, which must be there; anything if the object will be thrown away.
    pub(super) fn argument(&self, dispatch: Dispatch) -> Parsed<u64> {
        match dispatch.argument {
            Some(argument) => Ok(argument),
            None if self.suppress => Ok(0),
            None => {
                let kind = ReadErrorKind::MissingArgument { character: dispatch.character };
                Err(self.error(dispatch.start, kind))
            }
        }
    }

    /// Reads an object outside of all backquotes, of which no part may be a comma.
    pub(super) fn read_separate(&mut self, start: usize) -> Parsed<Datum> {
        let level = std::mem::take(&mut self.level);
        let object = self.read_object(start);
        self.level = level;
        object
    }

    /// Skips a comment, the `#|` of which has been read; such comments nest.
    fn skip_block(&mut self, start: usize) -> Parsed<()> {
        let mut depth = 1;
        while let Some(pair) = self.bytes.get(self.position..self.position + 2) {
            let delimiter = match pair {
                b"|#" => -1,
                b"#|" => 1,
                _ => 0,
            };
            self.position += if delimiter == 0 { 1 } else { 2 };
            depth += delimiter;
            if depth == 0 {
                return Ok(());
            }
        }
        self.position = self.bytes.len();
        Err(self.end_of_text(Inside::Comment, start))
    }

    /// Reads what follows `#+` or `#-`.
    #[inline(never)]
    fn read_conditional(&mut self, start: usize, wanted: bool) -> Parsed<Option<Datum>> {
        let expression_start = self.position;
        let expression = self.read_feature_expression(start)?;
        let mut budget = FEATURE_LIMIT;
        let Some(holds) = self.feature_holds(expression, &mut budget) else {
            return Err(self.error(expression_start, ReadErrorKind::BadFeature));
        };
        if holds == wanted {
            return self.read_object(start).map(Some);
        }
        let suppress = std::mem::replace(&mut self.suppress, true);
        let skipped = self.read_object(start);
        self.suppress = suppress;
        skipped.map(|_| None)
    }

    /// Feature expressions are read in KEYWORD, with the standard radix, even in text that is skipped.
    #[inline(never)]
    fn read_feature_expression(&mut self, start: usize) -> Parsed<Datum> {
        let package = std::mem::replace(&mut self.symbols.current, PackageId::KEYWORD);
        let base = std::mem::replace(&mut self.base, 10);
        let suppress = std::mem::replace(&mut self.suppress, false);
        let expression = self.read_separate(start);
        self.symbols.current = package;
        self.base = base;
        self.suppress = suppress;
        expression
    }

    /// Whether a feature expression (CLHS 24.1.2.1) is true; none if it is malformed, or larger than the budget.
    fn feature_holds(&self, expression: Datum, budget: &mut usize) -> Option<bool> {
        *budget = budget.checked_sub(1)?;
        if let Datum::Symbol(symbol) = expression {
            return Some(self.features.contains(&symbol));
        }
        let parts = self.heap.proper_list(expression)?;
        let (operator, arguments) = parts.split_first()?;
        let values = arguments.iter().map(|argument| self.feature_holds(*argument, budget));
        let values = values.collect::<Option<Vec<bool>>>()?;
        match (self.symbols.name(operator.as_symbol()?), values.as_slice()) {
            ("AND", values) => Some(values.iter().all(|value| *value)),
            ("OR", values) => Some(values.iter().any(|value| *value)),
            ("NOT", [value]) => Some(!value),
            _ => None,
        }
    }

    #[inline(never)]
    fn read_function(&mut self, start: usize) -> Parsed<Datum> {
        self.position = start;
        self.read_quote(Symbol::FUNCTION, 2)
    }

    /// Reads the character or name after `#\`.
    #[inline(never)]
    fn read_character(&mut self, start: usize) -> Parsed<Datum> {
        let Some(first) = self.peek_char() else {
            return Err(self.end_of_text(Inside::Escape, start));
        };
        self.position += first.len_utf8();
        self.scratch.token.clear();
        self.scratch.token.push(first);
        let token = self.continue_token(start, false)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        let name = self.text[start + 2..self.position].to_owned();
        if self.scratch.token.len() == first.len_utf8() && !token.has_marker() {
            return Ok(Datum::Char(first));
        }
        // No name has a colon, which the token buffer leaves out.
        let token = if token.has_marker() { &name } else { &self.scratch.token };
        match syntax::named_character(token) {
            Some(character) => Ok(Datum::Char(character)),
            None => {
                let nearest =
                    nearest(token, syntax::CHARACTER_NAMES.iter().flat_map(|(_, names)| names.iter().copied()));
                Err(self.error(start, ReadErrorKind::UnknownCharacter { name, nearest }))
            }
        }
    }

    #[inline(never)]
    fn read_uninterned(&mut self, start: usize) -> Parsed<Datum> {
        let token = self.scan_token(true)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        if token.has_marker() {
            let token = self.text[start + 2..self.position].to_owned();
            return Err(self.error(start, ReadErrorKind::UninternedWithPackage { token }));
        }
        Ok(self.symbols.make_uninterned(&self.scratch.token).into())
    }

    #[inline(never)]
    fn read_evaluated(&mut self, start: usize) -> Parsed<Datum> {
        let form = self.read_separate(start)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        if self.has_markers(form) {
            return Err(self.error(start, ReadErrorKind::IncompleteLabel));
        }
        let result = self.eval.read_eval(form, self.heap, self.symbols);
        result.map_err(|message| self.error(start, ReadErrorKind::ReadEval { message }))
    }

    #[inline(never)]
    fn read_radix(&mut self, dispatch: Dispatch) -> Parsed<Datum> {
        let radix = self.argument(dispatch)?;
        match u32::try_from(radix) {
            Ok(radix @ 2..=36) => self.read_rational(dispatch.start, radix),
            _ if self.suppress => self.read_object(dispatch.start),
            _ => Err(self.error(dispatch.start, ReadErrorKind::BadRadix { radix })),
        }
    }

    #[inline(never)]
    fn read_rational(&mut self, start: usize, radix: u32) -> Parsed<Datum> {
        let base = std::mem::replace(&mut self.base, radix);
        let object = self.read_separate(start);
        self.base = base;
        let object = object?;
        let rational = match self.scratch.marker(object) {
            None => self.heap.is_rational(object),
            Some(_) => false,
        };
        if !rational && !self.suppress {
            return Err(self.error(start, ReadErrorKind::NotRational { radix }));
        }
        Ok(object)
    }

    #[inline(never)]
    fn read_complex(&mut self, start: usize) -> Parsed<Datum> {
        let parts = self.read_separate(start)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        let complex = match self.plain_list(parts).as_deref() {
            Some([real, imaginary]) => self.heap.complex(*real, *imaginary),
            _ => None,
        };
        complex.ok_or_else(|| self.error(start, ReadErrorKind::BadComplex))
    }

    /// The elements of a proper list without references to labels; none for other data.
    fn plain_list(&self, list: Datum) -> Option<Vec<Datum>> {
        let is_plain = self.scratch.marker(list).is_none();
        let elements = self.heap.proper_list(list).filter(|_| is_plain)?;
        elements.iter().all(|element| self.scratch.marker(*element).is_none()).then_some(elements)
    }

    #[inline(never)]
    fn read_pathname(&mut self, start: usize) -> Parsed<Datum> {
        let object = self.read_separate(start)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        let is_plain = self.scratch.marker(object).is_none();
        match Some(object).filter(|_| is_plain).and_then(|object| self.heap.text(object)) {
            Some(namestring) => {
                let namestring = namestring.to_owned();
                Ok(self.heap.push(Object::Pathname(namestring)))
            }
            None => Err(self.error(start, ReadErrorKind::BadPathname)),
        }
    }

    #[inline(never)]
    fn read_structure(&mut self, start: usize) -> Parsed<Datum> {
        let list = self.read_separate(start)?;
        if self.suppress {
            return Ok(Datum::NIL);
        }
        // A structure may contain itself: values may be references.
        match self.heap.proper_list(list) {
            Some(parts) if parts.len() % 2 == 1 && parts[0].as_symbol().is_some() => {
                Ok(self.heap.push(Object::Structure(parts)))
            }
            _ => Err(self.error(start, ReadErrorKind::BadStructure)),
        }
    }
}
