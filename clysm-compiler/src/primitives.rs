//! The primitive operations: Wasm instructions that Lisp code in the library names directly.

use clysm_ast::Representation;
use clysm_dispatch::imports::NamedKind;
use wasm_encoder::Instruction;

use Representation::{Condition, F32, F64, Fixnum, I32, I64, Object};

/// A primitive over the types of the object model, with type and field operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedOperation {
    /// `(%is TYPE x)`: `ref.test`.
    Is,
    /// `(%possible TYPE)`: false in a program that makes no objects of the type; true otherwise.
    Possible,
    /// `(%new TYPE field…)`: `struct.new`.
    New,
    /// `(%get TYPE FIELD x)`: `struct.get`.
    Get,
    /// `(%set TYPE FIELD x value)`: `struct.set`; its value is the new value.
    Set,
    /// `(%array-new TYPE length init)`: `array.new`.
    ArrayNew,
    /// `(%array-ref TYPE array index)`: `array.get`.
    ArrayRef,
    /// `(%array-set TYPE array index value)`: `array.set`; its value is the new value.
    ArraySet,
    /// `(%array-length TYPE array)`: `array.len`.
    ArrayLength,
    /// `(%array-copy TYPE dst start TYPE src start count)`: `array.copy`.
    ArrayCopy,
    /// `(%array-fill TYPE array start value count)`: `array.fill`.
    ArrayFill,
}

/// A primitive with an emission of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialOperation {
    /// `(%i32 x)`, `(%i64 x)`, `(%f32 x)`, `(%f64 x)`: the operand in that representation.
    Convert(Representation),
    /// `(%fixnum x)`: an `i32` known to be in the fixnum range.
    Fixnum,
    /// `(%fixnump x)`.
    IsFixnum,
    /// `(%unbound)`.
    Unbound,
    /// `(%unsupplied)`.
    Unsupplied,
    /// `(%undefined-function-p f)`: whether a function object stands for an undefined function.
    UndefinedFunctionP,
    /// `(%undefined-function symbol)`: a function object that signals `undefined-function`.
    UndefinedFunction,
    /// `(%funcall function argument…)`.
    Funcall,
    /// `(%funcall-vector function vector)`.
    FuncallVector,
    /// `(%throw token value)`: transfers to the exit point of that identity with the current values.
    Throw,
    /// `(%values-set first count)`: returns the first value and, from the value vector, the others.
    ValuesSet,
    /// `(%trap)`: ends the program at once.
    Trap,
    /// `(%mention 'symbol)`: nothing at run time; says that the code needs what is defined for the symbol.
    Mention,
    /// `(%value-count)`: how many values the last call gave.
    ValueCount,
    /// `(%set-value-count n)`.
    SetValueCount,
    /// `(%value-vector)`: where the second and later values are, at their index.
    ValueVector,
    /// `(%set-value-vector v)`.
    SetValueVector,
    /// `(%binding-depth)`.
    BindingDepth,
    /// `(%set-binding-depth n)`.
    SetBindingDepth,
    /// `(%binding-stack)`: symbols and their saved values, alternating.
    BindingStack,
    /// `(%set-binding-stack v)`.
    SetBindingStack,
    /// `(%characters)`: the preallocated characters below 256.
    Characters,
    /// `(%symbol-table)`: the symbols by their ids, a simple-vector.
    SymbolTable,
    /// `(%set-symbol-table v)`.
    SetSymbolTable,
    /// `(%static-names)`: the octets that describe the module's symbols, see the linker.
    StaticNames,
    /// `(%static-sources)`: the octets of the texts that the module was made of, where it is to keep them, see the linker.
    StaticSources,
    /// `(%static-packages)`: `#(name nicknames uses)` for each package.
    StaticPackages,
    /// `(%static-functions)`: the ids of the symbols whose functions the module defines, in the order of their code.
    StaticFunctions,
    /// `(%static-function code symbol)`: the function object with that code index, counted from the first.
    StaticFunction,
    /// `(%literal-octets offset length)`: a u8-vector from the module's data.
    LiteralOctets,
}

/// What a primitive does.
#[derive(Clone, Debug)]
pub enum Operation {
    /// One numeric instruction.
    Numeric(Instruction<'static>),
    /// An operation with type operands.
    Typed(TypedOperation),
    /// Anything else.
    Special(SpecialOperation),
    /// A host import: its position in the import table.
    Import(u16),
    /// A host import that the first operand names.
    Named(NamedKind),
}

/// One primitive.
#[derive(Clone, Debug)]
pub struct Primitive {
    /// The operator's name, in lower case.
    pub name: String,
    /// What it does.
    pub operation: Operation,
    /// The operands' representations; empty for typed operations, which derive them from the type.
    pub params: Vec<Representation>,
    /// The result's representation, likewise.
    pub result: Representation,
}

/// Rows `name instruction (params) result` of the numeric instructions.
macro_rules! numeric {
    ($($name:literal $op:ident ($($param:ident)*) $result:ident;)*) => {
        vec![$(Primitive {
            name: concat!("%", $name).to_owned(),
            operation: Operation::Numeric(Instruction::$op),
            params: vec![$($param),*],
            result: $result,
        }),*]
    };
}

fn numeric() -> Vec<Primitive> {
    numeric! {
        "i32.eqz" I32Eqz (I32) Condition; "i32.eq" I32Eq (I32 I32) Condition; "i32.ne" I32Ne (I32 I32) Condition;
        "i32.lt_s" I32LtS (I32 I32) Condition; "i32.lt_u" I32LtU (I32 I32) Condition;
        "i32.gt_s" I32GtS (I32 I32) Condition; "i32.gt_u" I32GtU (I32 I32) Condition;
        "i32.le_s" I32LeS (I32 I32) Condition; "i32.le_u" I32LeU (I32 I32) Condition;
        "i32.ge_s" I32GeS (I32 I32) Condition; "i32.ge_u" I32GeU (I32 I32) Condition;
        "i32.clz" I32Clz (I32) Fixnum; "i32.ctz" I32Ctz (I32) Fixnum; "i32.popcnt" I32Popcnt (I32) Fixnum;
        "i32.add" I32Add (I32 I32) I32; "i32.sub" I32Sub (I32 I32) I32; "i32.mul" I32Mul (I32 I32) I32;
        "i32.div_s" I32DivS (I32 I32) I32; "i32.div_u" I32DivU (I32 I32) I32;
        "i32.rem_s" I32RemS (I32 I32) I32; "i32.rem_u" I32RemU (I32 I32) I32;
        "i32.and" I32And (I32 I32) I32; "i32.or" I32Or (I32 I32) I32; "i32.xor" I32Xor (I32 I32) I32;
        "i32.shl" I32Shl (I32 I32) I32; "i32.shr_s" I32ShrS (I32 I32) I32; "i32.shr_u" I32ShrU (I32 I32) I32;
        "i32.rotl" I32Rotl (I32 I32) I32; "i32.rotr" I32Rotr (I32 I32) I32;
        "i64.eqz" I64Eqz (I64) Condition; "i64.eq" I64Eq (I64 I64) Condition; "i64.ne" I64Ne (I64 I64) Condition;
        "i64.lt_s" I64LtS (I64 I64) Condition; "i64.lt_u" I64LtU (I64 I64) Condition;
        "i64.gt_s" I64GtS (I64 I64) Condition; "i64.gt_u" I64GtU (I64 I64) Condition;
        "i64.le_s" I64LeS (I64 I64) Condition; "i64.le_u" I64LeU (I64 I64) Condition;
        "i64.ge_s" I64GeS (I64 I64) Condition; "i64.ge_u" I64GeU (I64 I64) Condition;
        "i64.clz" I64Clz (I64) I64; "i64.ctz" I64Ctz (I64) I64; "i64.popcnt" I64Popcnt (I64) I64;
        "i64.add" I64Add (I64 I64) I64; "i64.sub" I64Sub (I64 I64) I64; "i64.mul" I64Mul (I64 I64) I64;
        "i64.div_s" I64DivS (I64 I64) I64; "i64.div_u" I64DivU (I64 I64) I64;
        "i64.rem_s" I64RemS (I64 I64) I64; "i64.rem_u" I64RemU (I64 I64) I64;
        "i64.and" I64And (I64 I64) I64; "i64.or" I64Or (I64 I64) I64; "i64.xor" I64Xor (I64 I64) I64;
        "i64.shl" I64Shl (I64 I64) I64; "i64.shr_s" I64ShrS (I64 I64) I64; "i64.shr_u" I64ShrU (I64 I64) I64;
        "i64.rotl" I64Rotl (I64 I64) I64; "i64.rotr" I64Rotr (I64 I64) I64;
        "f32.eq" F32Eq (F32 F32) Condition; "f32.ne" F32Ne (F32 F32) Condition; "f32.lt" F32Lt (F32 F32) Condition;
        "f32.gt" F32Gt (F32 F32) Condition; "f32.le" F32Le (F32 F32) Condition; "f32.ge" F32Ge (F32 F32) Condition;
        "f32.abs" F32Abs (F32) F32; "f32.neg" F32Neg (F32) F32; "f32.ceil" F32Ceil (F32) F32;
        "f32.floor" F32Floor (F32) F32; "f32.trunc" F32Trunc (F32) F32; "f32.nearest" F32Nearest (F32) F32;
        "f32.sqrt" F32Sqrt (F32) F32; "f32.add" F32Add (F32 F32) F32; "f32.sub" F32Sub (F32 F32) F32;
        "f32.mul" F32Mul (F32 F32) F32; "f32.div" F32Div (F32 F32) F32; "f32.min" F32Min (F32 F32) F32;
        "f32.max" F32Max (F32 F32) F32; "f32.copysign" F32Copysign (F32 F32) F32;
        "f64.eq" F64Eq (F64 F64) Condition; "f64.ne" F64Ne (F64 F64) Condition; "f64.lt" F64Lt (F64 F64) Condition;
        "f64.gt" F64Gt (F64 F64) Condition; "f64.le" F64Le (F64 F64) Condition; "f64.ge" F64Ge (F64 F64) Condition;
        "f64.abs" F64Abs (F64) F64; "f64.neg" F64Neg (F64) F64; "f64.ceil" F64Ceil (F64) F64;
        "f64.floor" F64Floor (F64) F64; "f64.trunc" F64Trunc (F64) F64; "f64.nearest" F64Nearest (F64) F64;
        "f64.sqrt" F64Sqrt (F64) F64; "f64.add" F64Add (F64 F64) F64; "f64.sub" F64Sub (F64 F64) F64;
        "f64.mul" F64Mul (F64 F64) F64; "f64.div" F64Div (F64 F64) F64; "f64.min" F64Min (F64 F64) F64;
        "f64.max" F64Max (F64 F64) F64; "f64.copysign" F64Copysign (F64 F64) F64;
        "i32.wrap_i64" I32WrapI64 (I64) I32;
        "i32.trunc_f32_s" I32TruncF32S (F32) I32; "i32.trunc_f32_u" I32TruncF32U (F32) I32;
        "i32.trunc_f64_s" I32TruncF64S (F64) I32; "i32.trunc_f64_u" I32TruncF64U (F64) I32;
        "i64.extend_i32_s" I64ExtendI32S (I32) I64; "i64.extend_i32_u" I64ExtendI32U (I32) I64;
        "u32" I64ExtendI32U (I32) I64;
        "i64.trunc_f32_s" I64TruncF32S (F32) I64; "i64.trunc_f32_u" I64TruncF32U (F32) I64;
        "i64.trunc_f64_s" I64TruncF64S (F64) I64; "i64.trunc_f64_u" I64TruncF64U (F64) I64;
        "f32.convert_i32_s" F32ConvertI32S (I32) F32; "f32.convert_i32_u" F32ConvertI32U (I32) F32;
        "f32.convert_i64_s" F32ConvertI64S (I64) F32; "f32.convert_i64_u" F32ConvertI64U (I64) F32;
        "f32.demote_f64" F32DemoteF64 (F64) F32;
        "f64.convert_i32_s" F64ConvertI32S (I32) F64; "f64.convert_i32_u" F64ConvertI32U (I32) F64;
        "f64.convert_i64_s" F64ConvertI64S (I64) F64; "f64.convert_i64_u" F64ConvertI64U (I64) F64;
        "f64.promote_f32" F64PromoteF32 (F32) F64;
        "i32.reinterpret_f32" I32ReinterpretF32 (F32) I32; "i64.reinterpret_f64" I64ReinterpretF64 (F64) I64;
        "f32.reinterpret_i32" F32ReinterpretI32 (I32) F32; "f64.reinterpret_i64" F64ReinterpretI64 (I64) F64;
        "i32.extend8_s" I32Extend8S (I32) I32; "i32.extend16_s" I32Extend16S (I32) I32;
        "i64.extend8_s" I64Extend8S (I64) I64; "i64.extend16_s" I64Extend16S (I64) I64;
        "i64.extend32_s" I64Extend32S (I64) I64;
        "i32.trunc_sat_f32_s" I32TruncSatF32S (F32) I32; "i32.trunc_sat_f32_u" I32TruncSatF32U (F32) I32;
        "i32.trunc_sat_f64_s" I32TruncSatF64S (F64) I32; "i32.trunc_sat_f64_u" I32TruncSatF64U (F64) I32;
        "i64.trunc_sat_f32_s" I64TruncSatF32S (F32) I64; "i64.trunc_sat_f32_u" I64TruncSatF32U (F32) I64;
        "i64.trunc_sat_f64_s" I64TruncSatF64S (F64) I64; "i64.trunc_sat_f64_u" I64TruncSatF64U (F64) I64;
    }
}

fn typed() -> Vec<Primitive> {
    use TypedOperation::{
        ArrayCopy, ArrayFill, ArrayLength, ArrayNew, ArrayRef, ArraySet, Get, Is, New, Possible, Set,
    };
    let rows = [
        ("%is", Is),
        ("%possible", Possible),
        ("%new", New),
        ("%get", Get),
        ("%set", Set),
        ("%array-new", ArrayNew),
        ("%array-ref", ArrayRef),
        ("%array-set", ArraySet),
        ("%array-length", ArrayLength),
        ("%array-copy", ArrayCopy),
        ("%array-fill", ArrayFill),
    ];
    rows.into_iter()
        .map(|(name, operation)| Primitive {
            name: name.to_owned(),
            operation: Operation::Typed(operation),
            params: Vec::new(),
            result: Object,
        })
        .collect()
}

fn special() -> Vec<Primitive> {
    use SpecialOperation as S;
    let rows: &[(&str, S, &[Representation], Representation)] = &[
        ("%i32", S::Convert(I32), &[I32], I32),
        ("%i64", S::Convert(I64), &[I64], I64),
        ("%f32", S::Convert(F32), &[F32], F32),
        ("%f64", S::Convert(F64), &[F64], F64),
        ("%fixnum", S::Fixnum, &[I32], Fixnum),
        ("%fixnump", S::IsFixnum, &[Object], Condition),
        ("%unbound", S::Unbound, &[], Object),
        ("%unsupplied", S::Unsupplied, &[], Object),
        ("%undefined-function-p", S::UndefinedFunctionP, &[Object], Condition),
        ("%undefined-function", S::UndefinedFunction, &[Object], Object),
        ("%funcall", S::Funcall, &[], Object),
        ("%funcall-vector", S::FuncallVector, &[Object, Object], Object),
        ("%throw", S::Throw, &[Object, Object], Object),
        ("%values-set", S::ValuesSet, &[Object, I32], Object),
        ("%trap", S::Trap, &[], Object),
        ("%mention", S::Mention, &[Object], Object),
        ("%value-count", S::ValueCount, &[], Fixnum),
        ("%set-value-count", S::SetValueCount, &[I32], Object),
        ("%value-vector", S::ValueVector, &[], Object),
        ("%set-value-vector", S::SetValueVector, &[Object], Object),
        ("%binding-depth", S::BindingDepth, &[], Fixnum),
        ("%set-binding-depth", S::SetBindingDepth, &[I32], Object),
        ("%binding-stack", S::BindingStack, &[], Object),
        ("%set-binding-stack", S::SetBindingStack, &[Object], Object),
        ("%characters", S::Characters, &[], Object),
        ("%symbol-table", S::SymbolTable, &[], Object),
        ("%set-symbol-table", S::SetSymbolTable, &[Object], Object),
        ("%static-names", S::StaticNames, &[], Object),
        ("%static-sources", S::StaticSources, &[], Object),
        ("%static-packages", S::StaticPackages, &[], Object),
        ("%static-functions", S::StaticFunctions, &[], Object),
        ("%static-function", S::StaticFunction, &[I32, Object], Object),
        ("%literal-octets", S::LiteralOctets, &[I32, I32], Object),
    ];
    rows.iter()
        .map(|(name, operation, params, result)| Primitive {
            name: (*name).to_owned(),
            operation: Operation::Special(*operation),
            params: params.to_vec(),
            result: *result,
        })
        .collect()
}

fn imports() -> Vec<Primitive> {
    clysm_dispatch::imports::IMPORTS
        .iter()
        .enumerate()
        .map(|(index, import)| Primitive {
            name: import.primitive_name(),
            operation: Operation::Import(u16::try_from(index).unwrap_or(u16::MAX)),
            params: import.params.iter().map(|(_, ty)| import_representation(*ty)).collect(),
            result: import_representation(import.result),
        })
        .collect()
}

/// The operand after the name is a vector of octets.
fn named() -> Vec<Primitive> {
    NamedKind::ALL
        .into_iter()
        .map(|kind| Primitive {
            name: kind.primitive_name().to_owned(),
            operation: Operation::Named(kind),
            params: vec![Object],
            result: Object,
        })
        .collect()
}

/// How an import's value is seen in Lisp.
const fn import_representation(ty: clysm_dispatch::imports::ImportType) -> Representation {
    use clysm_dispatch::imports::ImportType;
    match ty {
        ImportType::I32 => I32,
        ImportType::I64 => I64,
        ImportType::F64 => F64,
        ImportType::Bytes => Object,
    }
}

/// Every primitive; the position is its number in the AST.
#[must_use]
pub fn primitives() -> Vec<Primitive> {
    let mut all = numeric();
    all.extend(typed());
    all.extend(special());
    all.extend(imports());
    all.extend(named());
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let all = primitives();
        let names: BTreeSet<&str> = all.iter().map(|primitive| primitive.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }
}
