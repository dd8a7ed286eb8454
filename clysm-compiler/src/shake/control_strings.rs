//! Functions that format control strings name: `~/name/` (CLHS 22.3.5.4).

use clysm_reader::Symbol;

use crate::context::Context;

/// The symbols that a text names if it is a control string.
pub fn named_functions(cx: &Context, text: &str) -> Vec<Symbol> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, directive)) = rest.split_once('~') {
        rest = directive;
        let Some(name) = after_parameters(directive).strip_prefix('/').and_then(|rest| rest.split('/').next()) else {
            continue;
        };
        found.extend(cx.symbol_named(&name.to_uppercase()));
    }
    found
}

/// What follows the parameters and modifiers of a directive.
fn after_parameters(directive: &str) -> &str {
    let mut chars = directive.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => {
                chars.next();
            }
            '0'..='9' | ',' | '+' | '-' | '#' | 'v' | 'V' | ':' | '@' => {}
            _ => return directive.get(at..).unwrap_or_default(),
        }
    }
    ""
}
