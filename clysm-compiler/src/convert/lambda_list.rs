//! Ordinary lambda lists (CLHS 3.4.1).

use clysm_reader::{Datum, PackageId, Symbol};

use super::{Converter, Result};
use crate::error::CompileError;

/// An `&optional` parameter.
#[derive(Clone, Copy, Debug)]
pub struct OptionalParameter {
    /// The variable.
    pub name: Symbol,
    /// The default form.
    pub default: Datum,
    /// The supplied-p variable.
    pub supplied: Option<Symbol>,
}

/// A `&key` parameter.
#[derive(Clone, Copy, Debug)]
pub struct KeywordParameter {
    /// The name in calls.
    pub keyword: Symbol,
    /// The variable and its default.
    pub parameter: OptionalParameter,
}

/// A parsed lambda list.
#[derive(Clone, Debug, Default)]
pub struct LambdaList {
    /// Required parameters.
    pub required: Vec<Symbol>,
    /// Optional parameters.
    pub optional: Vec<OptionalParameter>,
    /// The rest parameter.
    pub rest: Option<Symbol>,
    /// Keyword parameters.
    pub keywords: Vec<KeywordParameter>,
    /// Whether `&key` occurs.
    pub accepts_keywords: bool,
    /// Whether `&allow-other-keys` occurs.
    pub allow_other_keys: bool,
    /// `&aux` variables with their initial forms.
    pub aux: Vec<(Symbol, Datum)>,
}

/// The part of a lambda list being read; parts come in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Required,
    Optional,
    Rest,
    AfterRest,
    Key,
    AfterKey,
    Aux,
}

impl Converter<'_> {
    /// Parses an ordinary lambda list.
    pub fn lambda_list(&mut self, list: Datum) -> Result<LambdaList> {
        let mut result = LambdaList::default();
        let mut part = Part::Required;
        for element in self.list(list, "lambda list")? {
            if let Some(next) = self.lambda_keyword(element, part, &mut result)? {
                part = next;
                continue;
            }
            match part {
                Part::Required => result.required.push(self.parameter_name(element)?),
                Part::Optional => {
                    let parameter = self.optional_parameter(element)?;
                    result.optional.push(parameter);
                }
                Part::Rest => {
                    result.rest = Some(self.parameter_name(element)?);
                    part = Part::AfterRest;
                }
                Part::Key => {
                    let parameter = self.keyword_parameter(element)?;
                    result.keywords.push(parameter);
                }
                Part::Aux => {
                    let parameter = self.optional_parameter(element)?;
                    result.aux.push((parameter.name, parameter.default));
                }
                Part::AfterRest | Part::AfterKey => {
                    return Err(self.bad_lambda_list("a parameter where none may stand"));
                }
            }
        }
        if part == Part::Rest {
            return Err(self.bad_lambda_list("&REST without a variable"));
        }
        Ok(result)
    }

    fn lambda_keyword(&self, element: Datum, part: Part, result: &mut LambdaList) -> Result<Option<Part>> {
        let known = self.cx.names.known;
        let Datum::Symbol(name) = element else { return Ok(None) };
        let next = if name == known.optional {
            Part::Optional
        } else if name == known.rest || name == known.body {
            Part::Rest
        } else if name == known.key {
            result.accepts_keywords = true;
            Part::Key
        } else if name == known.aux {
            Part::Aux
        } else if name == known.allow_other_keys {
            if part != Part::Key {
                return Err(self.bad_lambda_list("&ALLOW-OTHER-KEYS without &KEY"));
            }
            result.allow_other_keys = true;
            Part::AfterKey
        } else {
            return Ok(None);
        };
        if part == Part::Rest || next <= part {
            return Err(self.bad_lambda_list("lambda list keywords out of order"));
        }
        Ok(Some(next))
    }

    fn optional_parameter(&self, element: Datum) -> Result<OptionalParameter> {
        if let Datum::Symbol(_) = element {
            return Ok(OptionalParameter { name: self.parameter_name(element)?, default: Datum::NIL, supplied: None });
        }
        let parts = self.list(element, "lambda list")?;
        if parts.is_empty() || parts.len() > 3 {
            return Err(self.bad_lambda_list("a parameter specifier has one to three parts"));
        }
        Ok(OptionalParameter {
            name: self.parameter_name(parts[0])?,
            default: parts.get(1).copied().unwrap_or(Datum::NIL),
            supplied: parts.get(2).map(|name| self.parameter_name(*name)).transpose()?,
        })
    }

    fn keyword_parameter(&mut self, element: Datum) -> Result<KeywordParameter> {
        if let Some((head @ Datum::Cons(_), rest)) = self.cx.heap.uncons(element) {
            let names = self.list(head, "lambda list")?;
            let [Datum::Symbol(keyword), name] = names[..] else {
                return Err(
                    self.bad_lambda_list("a keyword parameter is written ((keyword variable) default supplied-p)")
                );
            };
            let span = self.span;
            let specifier = self.cx.heap.cons(name, rest, span);
            return Ok(KeywordParameter { keyword, parameter: self.optional_parameter(specifier)? });
        }
        let parameter = self.optional_parameter(element)?;
        let name = self.cx.symbols.name(parameter.name).to_owned();
        Ok(KeywordParameter { keyword: self.cx.symbols.intern(PackageId::KEYWORD, &name), parameter })
    }

    fn parameter_name(&self, datum: Datum) -> Result<Symbol> {
        match datum {
            Datum::Symbol(name) if !self.is_constant(name) => Ok(name),
            Datum::Symbol(name) => Err(self.bad_lambda_list(&format!("{} is a constant", self.cx.symbols.name(name)))),
            _ => Err(self.bad_lambda_list("a parameter is not a symbol")),
        }
    }

    fn bad_lambda_list(&self, reason: &str) -> CompileError {
        CompileError::malformed("lambda list", reason, self.span)
    }
}
