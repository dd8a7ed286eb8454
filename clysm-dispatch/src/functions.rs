//! The registered functions.

use crate::{Category, RegistrationError, RuntimeFunction, RuntimeFunctionTable};

type Row = (&'static str, Option<u32>);

/// The functions of the seed's table, callable from any Lisp program.
const AST_FUNCTIONS: &[(Category, &[Row])] = &[
    (Category::Compilation, &[("compile-to-instructions", Some(2))]),
    (
        Category::GcTypes,
        &[("make-wasm-struct-type", None), ("wasm-struct-type-p", Some(1)), ("wasm-struct-type-fields", Some(1))],
    ),
    (
        Category::Ast,
        &[
            ("make-ast-literal", None),
            ("ast-literal-value", Some(1)),
            ("ast-literal-p", Some(1)),
            ("get-numeric-value", Some(1)),
        ],
    ),
];

/// What the compiler's own emission calls: the out-of-line halves of inline code.
const CORE_FUNCTIONS: &[(Category, &[Row])] = &[
    (
        Category::Arithmetic,
        &[
            ("generic-add", Some(2)),
            ("generic-subtract", Some(2)),
            ("generic-multiply", Some(2)),
            ("generic-negate", Some(1)),
            ("generic-less", Some(2)),
            ("generic-less-equal", Some(2)),
            ("generic-greater", Some(2)),
            ("generic-greater-equal", Some(2)),
            ("generic-equal", Some(2)),
            ("generic-logand", Some(2)),
            ("generic-logior", Some(2)),
            ("generic-logxor", Some(2)),
        ],
    ),
    (Category::Data, &[("generic-eql", Some(2)), ("generic-aref", Some(2)), ("generic-set-aref", Some(3))]),
    (
        Category::Errors,
        &[
            ("signal-type-error", Some(2)),
            ("signal-wrong-argument-count", Some(2)),
            ("signal-unbound-variable", Some(1)),
            ("signal-exit-gone", Some(1)),
        ],
    ),
    (
        Category::Control,
        &[
            ("bind-special", Some(2)),
            ("bind-specials", Some(2)),
            ("unbind-to", Some(1)),
            ("bind-catch", Some(2)),
            ("find-catch", Some(1)),
            ("leave-toplevel", Some(3)),
            ("list-values", Some(1)),
            ("restore-values", Some(1)),
            ("append-values", Some(2)),
            ("apply-collected", Some(2)),
        ],
    ),
    (
        Category::Calls,
        &[
            ("coerce-to-function", Some(1)),
            ("rest-from-vector", Some(2)),
            ("parse-keywords", Some(5)),
            ("ensure-callable", Some(1)),
            ("call-undefined-function", Some(2)),
        ],
    ),
];

/// Registers the eight functions through which Lisp programs reach AST literals and struct types.
///
/// # Errors
/// One of them is registered already, or the table is sealed.
pub fn register_ast_runtime_functions(table: &mut RuntimeFunctionTable) -> Result<(), RegistrationError> {
    register(table, AST_FUNCTIONS)
}

/// Registers the functions that compiled code calls by itself.
///
/// # Errors
/// One of them is registered already, or the table is sealed.
pub fn register_core_runtime_functions(table: &mut RuntimeFunctionTable) -> Result<(), RegistrationError> {
    register(table, CORE_FUNCTIONS)
}

/// The sealed table that the compiler dispatches through.
///
/// # Errors
/// Never with the tables above, which a test asserts.
pub fn standard_table() -> Result<RuntimeFunctionTable, RegistrationError> {
    let mut table = RuntimeFunctionTable::new();
    register_ast_runtime_functions(&mut table)?;
    register_core_runtime_functions(&mut table)?;
    table.seal();
    Ok(table)
}

fn register(table: &mut RuntimeFunctionTable, groups: &[(Category, &[Row])]) -> Result<(), RegistrationError> {
    for (category, rows) in groups {
        for (name, arity) in *rows {
            table.register(RuntimeFunction {
                symbol: format!("clysm:{name}"),
                runtime_name: format!(":${name}-rt"),
                arity: *arity,
                category: *category,
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_table_is_valid_and_sealed() {
        let table = standard_table().expect("valid rows");
        assert!(table.is_sealed());
        assert_eq!(table.get("clysm:make-ast-literal").map(|entry| entry.arity), Some(None));
    }

    #[test]
    fn the_ast_functions_are_the_eight_of_the_seed() {
        let mut table = RuntimeFunctionTable::new();
        register_ast_runtime_functions(&mut table).expect("valid rows");
        let rows: Vec<_> = table
            .iter()
            .map(|entry| (entry.symbol.as_str(), entry.runtime_name.as_str(), entry.arity, entry.category))
            .collect();
        assert_eq!(
            rows,
            [
                ("clysm:ast-literal-p", ":$ast-literal-p-rt", Some(1), Category::Ast),
                ("clysm:ast-literal-value", ":$ast-literal-value-rt", Some(1), Category::Ast),
                ("clysm:compile-to-instructions", ":$compile-to-instructions-rt", Some(2), Category::Compilation),
                ("clysm:get-numeric-value", ":$get-numeric-value-rt", Some(1), Category::Ast),
                ("clysm:make-ast-literal", ":$make-ast-literal-rt", None, Category::Ast),
                ("clysm:make-wasm-struct-type", ":$make-wasm-struct-type-rt", None, Category::GcTypes),
                ("clysm:wasm-struct-type-fields", ":$wasm-struct-type-fields-rt", Some(1), Category::GcTypes),
                ("clysm:wasm-struct-type-p", ":$wasm-struct-type-p-rt", Some(1), Category::GcTypes),
            ]
        );
    }
}
