//! The representation in which an expression's value comes most cheaply.

use clysm_ast::{Ast, Callee, LiteralType, Node, NodeKind, Representation};
use clysm_gc_types::{GcType, Layout, Storage};

use super::analysis::Analysis;
use super::intrinsics::{Arithmetic, Intrinsic, Intrinsics};
use crate::context::Context;
use crate::primitives::{Operation, TypedOperation};

use Representation::{Condition, F32, F64, Fixnum, I32, I64, Object};

/// Answers for one context.
#[derive(Debug)]
pub struct Naturals<'a> {
    /// Names and primitives.
    pub cx: &'a Context,
    /// Inline functions.
    pub intrinsics: &'a Intrinsics,
}

impl Naturals<'_> {
    /// The natural representation of an expression.
    pub fn of(&self, ast: &Ast, analysis: &Analysis, node: &Node) -> Representation {
        match &node.kind {
            NodeKind::Literal(literal) => match literal.literal_type {
                LiteralType::Fixnum => Fixnum,
                LiteralType::SingleFloat => F32,
                LiteralType::DoubleFloat => F64,
                _ => Object,
            },
            NodeKind::Local(variable) | NodeKind::SetLocal(variable, _) => analysis.representations[variable.index()],
            NodeKind::Primitive { op, immediates, args } => self.primitive(ast, analysis, *op, *immediates, args),
            NodeKind::If(_, then, otherwise) => self.join(ast, analysis, then, otherwise),
            NodeKind::Progn(nodes) => nodes.last().map_or(Object, |last| self.of(ast, analysis, last)),
            NodeKind::Let(_, body) | NodeKind::LocalFunctions(_, body) | NodeKind::MultipleValueBind(_, _, body) => {
                self.of(ast, analysis, body)
            }
            NodeKind::Call(Callee::Global(name), args) => match self.intrinsic(*name, args.len()) {
                Some(intrinsic) => self.of_intrinsic(ast, analysis, intrinsic, args),
                None => self
                    .cx
                    .world
                    .signature(*name)
                    .and_then(|signature| signature.raw.as_ref())
                    .map_or(Object, |raw| raw.1),
            },
            _ => Object,
        }
    }

    /// The inline code of a call.
    pub fn intrinsic(&self, name: clysm_reader::Symbol, arguments: usize) -> Option<Intrinsic> {
        self.intrinsics.get(name, arguments)
    }

    fn join(&self, ast: &Ast, analysis: &Analysis, then: &Node, otherwise: &Node) -> Representation {
        if is_boolean(then) && is_boolean(otherwise) {
            return Condition;
        }
        let (left, right) = (self.of(ast, analysis, then), self.of(ast, analysis, otherwise));
        match (left, right) {
            _ if left == right => left,
            (Condition, _) if is_boolean(otherwise) => Condition,
            (_, Condition) if is_boolean(then) => Condition,
            (Fixnum, I32) | (I32, Fixnum) => I32,
            _ => Object,
        }
    }

    fn primitive(
        &self,
        ast: &Ast,
        analysis: &Analysis,
        op: u16,
        immediates: [u16; 2],
        args: &[Node],
    ) -> Representation {
        let Some(primitive) = self.cx.primitives.get(usize::from(op)) else { return Object };
        match &primitive.operation {
            Operation::Typed(operation) => typed_result(*operation, immediates, |index| {
                args.get(index).map_or(Object, |node| self.of(ast, analysis, node))
            }),
            _ => primitive.result,
        }
    }

    /// The representation of an inline function's value.
    pub fn of_intrinsic(&self, ast: &Ast, analysis: &Analysis, intrinsic: Intrinsic, args: &[Node]) -> Representation {
        let natural = |index: usize| args.get(index).map_or(Object, |node| self.of(ast, analysis, node));
        match intrinsic {
            Intrinsic::Eq
            | Intrinsic::Eql
            | Intrinsic::Not
            | Intrinsic::Endp
            | Intrinsic::Test(_)
            | Intrinsic::Compare(_)
            | Intrinsic::NotEqual
            | Intrinsic::Sign(_)
            | Intrinsic::CharEqual => Condition,
            Intrinsic::CharCode => Fixnum,
            Intrinsic::Mod | Intrinsic::Rem if natural(0) == Fixnum && natural(1) == Fixnum => Fixnum,
            Intrinsic::Identity => natural(0),
            Intrinsic::Arithmetic(operation) => {
                (1..args.len()).fold(natural(0), |left, index| arithmetic_result(operation, left, natural(index)))
            }
            Intrinsic::Aref => vector(analysis, args.first()).map_or(Object, vector_element),
            Intrinsic::SetAref => match vector(analysis, args.get(1)).map_or(Object, vector_element) {
                Object => Object,
                _ => natural(0),
            },
            Intrinsic::Step(operation) => arithmetic_result(operation, natural(0), Fixnum),
            _ => Object,
        }
    }
}

/// The kind of simple vector that an expression is said to give.
pub fn vector(analysis: &Analysis, node: Option<&Node>) -> Option<GcType> {
    let NodeKind::Local(variable) = node?.kind else { return None };
    analysis.vectors[variable.index()]
}

/// The representation of a vector's elements as Lisp has them.
pub const fn vector_element(ty: GcType) -> Representation {
    match ty {
        GcType::BitVector | GcType::U8Vector | GcType::U16Vector => Fixnum,
        GcType::F32Vector => F32,
        GcType::F64Vector => F64,
        _ => Object,
    }
}

/// A literal that is `nil` or `t`.
fn is_boolean(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(literal) if matches!(literal.literal_type, LiteralType::Nil | LiteralType::T))
}

/// The representation in which an operation on two numbers is done and its result comes.
pub const fn arithmetic_result(operation: Arithmetic, left: Representation, right: Representation) -> Representation {
    match (left, right) {
        (Fixnum, Fixnum) => match operation {
            Arithmetic::Add | Arithmetic::Subtract => I32,
            Arithmetic::Multiply => I64,
            _ => Fixnum,
        },
        (Fixnum | I32, Fixnum | I32) => match operation {
            Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply => I64,
            _ => I32,
        },
        (F64, F64 | F32 | Fixnum) | (F32 | Fixnum, F64) if !operation.is_bitwise() => F64,
        (F32, F32 | Fixnum) | (Fixnum, F32) if !operation.is_bitwise() => F32,
        _ => Object,
    }
}

/// The result of a typed primitive.
pub fn typed_result(
    operation: TypedOperation,
    immediates: [u16; 2],
    operand: impl Fn(usize) -> Representation,
) -> Representation {
    let ty = GcType::TABLE.get(usize::from(immediates[0])).copied();
    match operation {
        TypedOperation::Is | TypedOperation::Possible => Condition,
        TypedOperation::ArrayLength => Fixnum,
        TypedOperation::Get => ty.map_or(Object, |ty| field_read(ty, immediates[1])),
        TypedOperation::ArrayRef => ty.map_or(Object, element_read),
        // The value of an assignment is its new value, as it was given.
        TypedOperation::Set => operand(1),
        TypedOperation::ArraySet => operand(2),
        _ => Object,
    }
}

/// The representation of a field's value.
pub fn field_read(ty: GcType, field: u16) -> Representation {
    match ty.layout() {
        Layout::Struct(fields) => match (ty, fields.get(usize::from(field)).map(|field| field.storage)) {
            (GcType::Character, Some(Storage::I32)) => Fixnum,
            (_, Some(storage)) => storage_representation(storage),
            (_, None) => Object,
        },
        Layout::Array(_) => Object,
    }
}

/// The representation of an array's elements.
pub const fn element_read(ty: GcType) -> Representation {
    match (ty, ty.element()) {
        // Code points, octets and 16-bit integers are fixnums.
        (GcType::String, _) | (_, Some(Storage::I8 | Storage::I16)) => Fixnum,
        (_, Some(storage)) => storage_representation(storage),
        (_, None) => Object,
    }
}

const fn storage_representation(storage: Storage) -> Representation {
    match storage {
        Storage::Value | Storage::Ref(_) | Storage::NullRef(_) => Object,
        Storage::I8 | Storage::I16 | Storage::I32 => I32,
        Storage::F32 => F32,
        Storage::F64 => F64,
    }
}
