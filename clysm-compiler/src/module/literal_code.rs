//! Code that makes the literals of a root module or a compiled file when the module starts.

use clysm_gc_types::GcType;
use clysm_reader::{Datum, Heap, NumberVector, Object, Symbol};
use num_bigint::{BigInt, Sign};
use wasm_encoder::Instruction;

use super::LinkError;
use crate::lower::{CodeBuilder, FunctionRef, GlobalRef, RuntimeGlobal};

/// Lists longer than this are built in pieces, so that the operand stack stays shallow.
const CHUNK: usize = 128;
/// Deeper nesting is taken for circular structure.
const DEPTH_LIMIT: u32 = 1000;

/// Writes literals.
pub struct LiteralCode<'a> {
    pub heap: &'a Heap,
    /// The octets of the literal data segment.
    pub data: &'a mut Vec<u8>,
    /// The function that makes a string of a part of that segment, given by its offset and length in octets.
    pub string_function: FunctionRef,
}

impl LiteralCode<'_> {
    /// Leaves the object on the stack.
    pub fn datum(&mut self, code: &mut CodeBuilder, datum: Datum, depth: u32) -> Result<(), LinkError> {
        if depth > DEPTH_LIMIT {
            return Err(LinkError::Literal("a circular or very deep constant".to_owned()));
        }
        match datum {
            Datum::Symbol(symbol) => code.global_get(GlobalRef::Symbol(symbol)),
            Datum::Fixnum(value) if (clysm_ast::FIXNUM_MIN..=clysm_ast::FIXNUM_MAX).contains(&value) => {
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
            Datum::Object(id) => self.object(code, &self.heap.get(id).clone(), depth)?,
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
                for bit in bits {
                    code.i32(i32::from(*bit));
                }
                fixed(code, GcType::BitVector, bits.len());
            }
            Object::Numbers(numbers) => number_vector(code, numbers),
            other => return Err(LinkError::Literal(format!("a constant of kind {}", kind(other)))),
        }
        Ok(())
    }

    /// Any integer, fixnums included.
    fn any_integer(&mut self, code: &mut CodeBuilder, value: &BigInt) {
        match i64::try_from(value) {
            Ok(small) if (clysm_ast::FIXNUM_MIN..=clysm_ast::FIXNUM_MAX).contains(&small) => {
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
        for digit in &digits {
            code.i32(*digit as i32);
        }
        fixed(code, GcType::Limbs, digits.len());
        code.op(&Instruction::StructNew(GcType::Bignum.index()));
    }

    /// A string from the data segment.
    pub fn string(&mut self, code: &mut CodeBuilder, text: &str) {
        code.i32(self.data.len() as i32);
        code.i32(text.len() as i32);
        self.data.extend_from_slice(text.as_bytes());
        code.call(self.string_function);
    }

    fn list(&mut self, code: &mut CodeBuilder, list: Datum, depth: u32) -> Result<(), LinkError> {
        let mut elements = Vec::new();
        let mut rest = list;
        while let Some((car, cdr)) = self.heap.uncons(rest) {
            elements.push(car);
            rest = cdr;
            if elements.len() > self.heap.size() {
                return Err(LinkError::Literal("a circular list".to_owned()));
            }
        }
        self.datum(code, rest, depth + 1)?;
        let tail = code.local(clysm_gc_types::eq_ref());
        code.set(tail);
        for chunk in elements.rchunks(CHUNK) {
            for element in chunk {
                self.datum(code, *element, depth + 1)?;
            }
            code.get(tail);
            for _ in chunk {
                code.i32(0);
                code.op(&Instruction::StructNew(GcType::Cons.index()));
            }
            code.set(tail);
        }
        code.get(tail);
        code.release(tail);
        Ok(())
    }

    fn vector(&mut self, code: &mut CodeBuilder, elements: &[Datum], depth: u32) -> Result<(), LinkError> {
        if elements.len() <= CHUNK {
            for element in elements {
                self.datum(code, *element, depth + 1)?;
            }
            fixed(code, GcType::SimpleVector, elements.len());
            return Ok(());
        }
        let vector = code.local(clysm_gc_types::ref_to(GcType::SimpleVector));
        code.i32(0);
        code.op(&Instruction::RefI31);
        code.i32(elements.len() as i32);
        code.op(&Instruction::ArrayNew(GcType::SimpleVector.index()));
        code.set(vector);
        for (index, element) in (0..).zip(elements) {
            code.get(vector);
            code.i32(index);
            self.datum(code, *element, depth + 1)?;
            code.op(&Instruction::ArraySet(GcType::SimpleVector.index()));
        }
        code.get(vector);
        code.release(vector);
        Ok(())
    }

    /// A vector of symbols.
    pub fn symbols(&self, code: &mut CodeBuilder, symbols: &[Symbol]) {
        for symbol in symbols {
            code.global_get(GlobalRef::Symbol(*symbol));
        }
        fixed(code, GcType::SimpleVector, symbols.len());
    }
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

fn number_vector(code: &mut CodeBuilder, numbers: &NumberVector) {
    let (ty, count) = match numbers {
        NumberVector::U8(values) => {
            values.iter().for_each(|value| code.i32(i32::from(*value)));
            (GcType::U8Vector, values.len())
        }
        NumberVector::U16(values) => {
            values.iter().for_each(|value| code.i32(i32::from(*value)));
            (GcType::U16Vector, values.len())
        }
        NumberVector::U32(values) => {
            values.iter().for_each(|value| code.i32(*value as i32));
            (GcType::U32Vector, values.len())
        }
        NumberVector::S32(values) => {
            values.iter().for_each(|value| code.i32(*value));
            (GcType::S32Vector, values.len())
        }
        NumberVector::F32(values) => {
            values.iter().for_each(|value| code.op(&Instruction::F32Const((*value).into())));
            (GcType::F32Vector, values.len())
        }
        NumberVector::F64(values) => {
            values.iter().for_each(|value| code.op(&Instruction::F64Const((*value).into())));
            (GcType::F64Vector, values.len())
        }
    };
    fixed(code, ty, count);
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
