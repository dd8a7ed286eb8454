//! Code that makes the literals of a root module or a compiled file when the module starts.
//!
//! The time that the engine takes for a function grows with the square of its accesses to the heap, so that large literals are made in
//! parts, each by a function of its own.

use std::ops::Range;

use clysm_gc_types::{GcType, eq_ref, ref_to};
use clysm_reader::{Datum, Heap, NumberVector, Object, Symbol};
use num_bigint::{BigInt, Sign};
use wasm_encoder::Instruction;

use super::LinkError;
use super::assemble::Linker;
use super::sections::LITERAL_DATA;
use crate::literals::Literal;
use crate::lower::{CodeBuilder, FunctionRef, GlobalRef, RuntimeGlobal};

/// So often one function accesses the heap, or a little more often.
pub const HEAP_ACCESSES_PER_FUNCTION: usize = 32;
/// Deeper nesting is taken for circular structure.
const DEPTH_LIMIT: u32 = 1000;

/// Adds the functions that put the literals into their globals, and returns their numbers. `string_function` makes a string of a part
/// of the literal data segment, given by its offset and length in octets.
pub fn literal_functions(linker: &mut Linker, string_function: FunctionRef) -> Result<Vec<u32>, LinkError> {
    let literals = linker.unit.literals.objects();
    let mut writer = LiteralCode { linker, string_function };
    let mut numbers = Vec::new();
    for part in parts(literals, |literal| writer.literal_accesses(literal)) {
        let mut code = CodeBuilder::procedure("literals");
        for (index, literal) in (part.start..).zip(&literals[part]) {
            match literal {
                Literal::Datum(datum) => writer.datum(&mut code, *datum, 0)?,
                Literal::Symbols(symbols) => writer.symbols(&mut code, symbols),
            }
            code.global_set(GlobalRef::Literal(index as u32));
        }
        numbers.push(writer.linker.add_function(usize::MAX, code.finish()));
    }
    Ok(numbers)
}

/// Writes literals.
struct LiteralCode<'a, 'unit> {
    linker: &'a mut Linker<'unit>,
    string_function: FunctionRef,
}

impl<'unit> LiteralCode<'_, 'unit> {
    const fn heap(&self) -> &'unit Heap {
        &self.linker.cx.heap
    }

    /// Adds a function to the module.
    fn add_function(&mut self, code: CodeBuilder) -> FunctionRef {
        FunctionRef::Numbered(self.linker.add_function(usize::MAX, code.finish()))
    }

    fn literal_accesses(&self, literal: &Literal) -> usize {
        match literal {
            Literal::Datum(datum) => self.accesses(*datum, HEAP_ACCESSES_PER_FUNCTION),
            Literal::Symbols(symbols) => symbols.len(),
        }
    }

    /// How often the code for an object accesses the heap; any number above `limit` if that is more.
    fn accesses(&self, datum: Datum, limit: usize) -> usize {
        match datum {
            Datum::Symbol(_) => 0,
            Datum::Fixnum(value) if is_fixnum(value) => 0,
            Datum::Cons(_) => {
                let (mut count, mut rest) = (0, datum);
                while let Some((car, cdr)) = self.heap().uncons(rest) {
                    count += 1;
                    let Some(left) = limit.checked_sub(count) else { break };
                    count += self.accesses(car, left);
                    rest = cdr;
                }
                count
            }
            Datum::Object(id) if let Object::Vector(elements) = self.heap().get(id) => {
                elements.iter().fold(elements.len(), |count, element| match limit.checked_sub(count) {
                    Some(left) => count + self.accesses(*element, left),
                    None => count,
                })
            }
            _ => 1,
        }
    }

    /// Leaves the object on the stack.
    fn datum(&mut self, code: &mut CodeBuilder, datum: Datum, depth: u32) -> Result<(), LinkError> {
        if depth > DEPTH_LIMIT {
            return Err(LinkError::Literal("a circular or very deep constant".to_owned()));
        }
        match datum {
            Datum::Symbol(symbol) => self.linker.symbol(code, symbol),
            Datum::Fixnum(value) if is_fixnum(value) => {
                code.i32(value as i32);
                code.op(&Instruction::RefI31);
            }
            Datum::Fixnum(value) => self.integer(code, &BigInt::from(value)),
            Datum::Char(character) => character_code(code, character),
            Datum::Single(value) => {
                code.op(&Instruction::F32Const(value.into()));
                code.op(&Instruction::StructNew(GcType::Single.index()));
            }
            Datum::Double(value) => {
                code.op(&Instruction::F64Const(value.into()));
                code.op(&Instruction::StructNew(GcType::Double.index()));
            }
            Datum::Cons(_) => self.list(code, datum, depth)?,
            Datum::Object(id) => self.object(code, &self.heap().get(id).clone(), depth)?,
        }
        Ok(())
    }

    fn object(&mut self, code: &mut CodeBuilder, object: &Object, depth: u32) -> Result<(), LinkError> {
        match object {
            Object::Big(value) => self.integer(code, value),
            Object::Ratio(value) => {
                self.any_integer(code, value.numer());
                self.any_integer(code, value.denom());
                code.op(&Instruction::StructNew(GcType::Ratio.index()));
            }
            Object::Complex(real, imaginary) => {
                self.datum(code, *real, depth + 1)?;
                self.datum(code, *imaginary, depth + 1)?;
                code.op(&Instruction::StructNew(GcType::Complex.index()));
            }
            Object::String(text) => self.string(code, text),
            Object::Vector(elements) => self.vector(code, elements, depth)?,
            Object::Bits(bits) => {
                self.octets(code, GcType::BitVector, bits.len(), bits.iter().map(|bit| u8::from(*bit)))
            }
            Object::Numbers(numbers) => self.number_vector(code, numbers),
            other => return Err(LinkError::Literal(format!("a constant of kind {}", kind(other)))),
        }
        Ok(())
    }

    /// Any integer, fixnums included.
    fn any_integer(&mut self, code: &mut CodeBuilder, value: &BigInt) {
        match i64::try_from(value) {
            Ok(small) if is_fixnum(small) => {
                code.i32(small as i32);
                code.op(&Instruction::RefI31);
            }
            _ => self.integer(code, value),
        }
    }

    /// An integer beyond the fixnum range.
    fn integer(&mut self, code: &mut CodeBuilder, value: &BigInt) {
        code.i32(if value.sign() == Sign::Minus { -1 } else { 1 });
        let digits = value.magnitude().to_u32_digits();
        self.octets(code, GcType::Limbs, digits.len(), digits.iter().flat_map(|digit| digit.to_le_bytes()));
        code.op(&Instruction::StructNew(GcType::Bignum.index()));
    }

    /// A string from the data segment.
    fn string(&mut self, code: &mut CodeBuilder, text: &str) {
        code.i32(self.linker.data.len() as i32);
        code.i32(text.len() as i32);
        self.linker.data.extend_from_slice(text.as_bytes());
        code.call(self.string_function);
    }

    fn list(&mut self, code: &mut CodeBuilder, list: Datum, depth: u32) -> Result<(), LinkError> {
        let (elements, end) = self.elements(list)?;
        let parts = self.parts(&elements);
        if parts.len() <= 1 {
            self.data(code, &elements, depth + 1)?;
            self.datum(code, end, depth + 1)?;
            conses(code, elements.len());
            return Ok(());
        }
        self.datum(code, end, depth + 1)?;
        for part in parts.into_iter().rev() {
            let mut before = CodeBuilder::new("literal".to_owned(), vec![eq_ref()], eq_ref());
            self.data(&mut before, &elements[part.clone()], depth + 1)?;
            before.get(0);
            conses(&mut before, part.len());
            code.call(self.add_function(before));
        }
        Ok(())
    }

    /// The elements of a list, and what is behind the last one.
    fn elements(&self, list: Datum) -> Result<(Vec<Datum>, Datum), LinkError> {
        let mut elements = Vec::new();
        let mut rest = list;
        while let Some((car, cdr)) = self.heap().uncons(rest) {
            elements.push(car);
            rest = cdr;
            if elements.len() > self.heap().size() {
                return Err(LinkError::Literal("a circular list".to_owned()));
            }
        }
        Ok((elements, rest))
    }

    fn vector(&mut self, code: &mut CodeBuilder, elements: &[Datum], depth: u32) -> Result<(), LinkError> {
        let parts = self.parts(elements);
        if parts.len() <= 1 {
            self.data(code, elements, depth + 1)?;
            fixed(code, GcType::SimpleVector, elements.len());
            return Ok(());
        }
        let vector = ref_to(GcType::SimpleVector);
        code.i32(0);
        code.op(&Instruction::RefI31);
        code.i32(elements.len() as i32);
        code.op(&Instruction::ArrayNew(GcType::SimpleVector.index()));
        for part in parts {
            let mut filled = CodeBuilder::new("literal".to_owned(), vec![vector], vector);
            for (index, element) in (part.start..).zip(&elements[part]) {
                filled.get(0);
                filled.i32(index as i32);
                self.datum(&mut filled, *element, depth + 1)?;
                filled.op(&Instruction::ArraySet(GcType::SimpleVector.index()));
            }
            filled.get(0);
            code.call(self.add_function(filled));
        }
        Ok(())
    }

    /// The objects, one above the other.
    fn data(&mut self, code: &mut CodeBuilder, elements: &[Datum], depth: u32) -> Result<(), LinkError> {
        elements.iter().try_for_each(|element| self.datum(code, *element, depth))
    }

    fn parts(&self, elements: &[Datum]) -> Vec<Range<usize>> {
        parts(elements, |element| self.accesses(*element, HEAP_ACCESSES_PER_FUNCTION))
    }

    /// A vector of symbols.
    fn symbols(&self, code: &mut CodeBuilder, symbols: &[Symbol]) {
        for symbol in symbols {
            self.linker.symbol(code, *symbol);
        }
        fixed(code, GcType::SimpleVector, symbols.len());
    }

    /// A vector whose elements are in the data segment.
    fn octets(&mut self, code: &mut CodeBuilder, ty: GcType, count: usize, octets: impl IntoIterator<Item = u8>) {
        code.i32(self.linker.data.len() as i32);
        code.i32(count as i32);
        self.linker.data.extend(octets);
        code.op(&Instruction::ArrayNewData { array_type_index: ty.index(), array_data_index: LITERAL_DATA });
    }

    fn number_vector(&mut self, code: &mut CodeBuilder, numbers: &NumberVector) {
        use GcType as G;
        match numbers {
            NumberVector::U8(values) => self.octets(code, G::U8Vector, values.len(), values.iter().copied()),
            NumberVector::U16(values) => {
                self.octets(code, G::U16Vector, values.len(), values.iter().flat_map(|value| value.to_le_bytes()));
            }
            NumberVector::U32(values) => {
                self.octets(code, G::U32Vector, values.len(), values.iter().flat_map(|value| value.to_le_bytes()));
            }
            NumberVector::S32(values) => {
                self.octets(code, G::S32Vector, values.len(), values.iter().flat_map(|value| value.to_le_bytes()));
            }
            NumberVector::F32(values) => {
                self.octets(code, G::F32Vector, values.len(), values.iter().flat_map(|value| value.to_le_bytes()));
            }
            NumberVector::F64(values) => {
                self.octets(code, G::F64Vector, values.len(), values.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
    }
}

/// Divides a sequence so that the parts don't access the heap too often, or consist of one element; each accesses it once by itself.
fn parts<T>(elements: &[T], accesses: impl Fn(&T) -> usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut count) = (0, 0);
    for (index, element) in elements.iter().enumerate() {
        let more = 1 + accesses(element);
        if index > start && count + more > HEAP_ACCESSES_PER_FUNCTION {
            parts.push(start..index);
            (start, count) = (index, 0);
        }
        count += more;
    }
    if start < elements.len() {
        parts.push(start..elements.len());
    }
    parts
}

/// A list of the objects on the stack, before the topmost one.
fn conses(code: &mut CodeBuilder, count: usize) {
    for _ in 0..count {
        code.i32(0);
        code.op(&Instruction::StructNew(GcType::Cons.index()));
    }
}

fn is_fixnum(value: i64) -> bool {
    (clysm_ast::FIXNUM_MIN..=clysm_ast::FIXNUM_MAX).contains(&value)
}

fn fixed(code: &mut CodeBuilder, ty: GcType, count: usize) {
    let array_size = u32::try_from(count).unwrap_or(u32::MAX);
    code.op(&Instruction::ArrayNewFixed { array_type_index: ty.index(), array_size });
}

fn character_code(code: &mut CodeBuilder, character: char) {
    let point = u32::from(character) as i32;
    if point < 256 {
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::Characters));
        code.i32(point);
        code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
    } else {
        code.i32(point);
        code.op(&Instruction::StructNew(GcType::Character.index()));
    }
}

fn kind(object: &Object) -> &'static str {
    match object {
        Object::Array { .. } => "array",
        Object::Pathname(_) => "pathname",
        Object::Structure(_) => "structure",
        Object::Foreign(_) => "live object",
        _ => "object",
    }
}
