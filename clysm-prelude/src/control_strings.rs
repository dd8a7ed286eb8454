//! The functions that format control strings name: `~/name/` (CLHS 22.3.5.4).

use clysm_compiler::context::Context;
use clysm_reader::Symbol;

/// The symbols that a text may name if it is a control string: whatever stands between slashes. The directives are not
/// taken apart, as their prefix parameters can hold any character; a name too many does less harm than one too few.
pub(crate) fn named_functions(cx: &Context, text: &str) -> Vec<Symbol> {
    if !text.contains('~') {
        return Vec::new();
    }
    text.split('/').skip(1).filter_map(|name| cx.symbol_named(&name.to_uppercase())).collect()
}
