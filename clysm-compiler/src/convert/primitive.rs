//! Primitive operations: operands that name types and fields are resolved here, the others are ordinary forms.

use clysm_ast::{Node, NodeKind};
use clysm_dispatch::imports::{NamedImport, NamedKind};
use clysm_gc_types::{GcType, Layout};
use clysm_reader::Datum;

use super::{Converter, Result};
use crate::error::{CompileError, CompileErrorKind};
use crate::primitives::{Operation, SpecialOperation, TypedOperation};

impl Converter<'_> {
    pub(super) fn primitive(&mut self, number: u16, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        let primitive = self.cx.primitives[usize::from(number)].clone();
        match primitive.operation {
            Operation::Typed(operation) => self.typed_primitive(number, &primitive.name, operation, &operands),
            Operation::Named(kind) => self.named_import(number, kind, &operands),
            Operation::Special(SpecialOperation::Funcall) => self.checked(number, &primitive.name, &operands, None),
            _ => self.checked(number, &primitive.name, &operands, Some(primitive.params.len())),
        }
    }

    fn checked(&mut self, number: u16, name: &str, operands: &[Datum], count: Option<usize>) -> Result<Node> {
        if count.is_some_and(|count| count != operands.len()) {
            return Err(self.misuse(name, &format!("{} operands", operands.len())));
        }
        self.primitive_node(number, [0, 0], operands)
    }

    /// `(%tool.invoke "name" octets)`: the name becomes that of an import.
    fn named_import(&mut self, number: u16, kind: NamedKind, operands: &[Datum]) -> Result<Node> {
        let name = operands.first().and_then(|name| self.cx.heap.text(*name)).filter(|name| !name.is_empty());
        let (Some(name), [_, octets]) = (name.map(str::to_owned), operands) else {
            return Err(self.misuse(kind.primitive_name(), "the operands are not a literal name and octets"));
        };
        let import = self.cx.named_import(NamedImport { kind, name });
        let import = import.ok_or_else(|| self.misuse(kind.primitive_name(), "too many names"))?;
        self.primitive_node(number, [import, 0], &[*octets])
    }

    fn primitive_node(&mut self, op: u16, immediates: [u16; 2], operands: &[Datum]) -> Result<Node> {
        let args = self.nodes(operands)?;
        Ok(self.node(NodeKind::Primitive { op, immediates, args }))
    }

    fn typed_primitive(
        &mut self,
        number: u16,
        name: &str,
        operation: TypedOperation,
        operands: &[Datum],
    ) -> Result<Node> {
        let Some((first, rest)) = operands.split_first() else { return Err(self.misuse(name, "no type")) };
        let ty = self.type_operand(name, *first)?;
        let type_number = ty.index() as u16;
        let expect = |count: usize| {
            if rest.len() == count { Ok(()) } else { Err(self.misuse(name, "wrong number of operands")) }
        };
        match operation {
            TypedOperation::Is => expect(1)?,
            TypedOperation::Possible => expect(0)?,
            TypedOperation::New => match ty.layout() {
                Layout::Struct(fields) => expect(fields.len())?,
                Layout::Array(_) => return Err(self.misuse(name, "an array type")),
            },
            TypedOperation::Get | TypedOperation::Set => {
                let Some((field, values)) = rest.split_first() else { return Err(self.misuse(name, "no field")) };
                let count = if operation == TypedOperation::Get { 1 } else { 2 };
                if values.len() != count {
                    return Err(self.misuse(name, "wrong number of operands"));
                }
                let index = self.field_operand(name, ty, *field)?;
                return self.primitive_node(number, [type_number, index], values);
            }
            _ => return self.array_primitive(number, name, operation, ty, rest),
        }
        self.primitive_node(number, [type_number, 0], rest)
    }

    fn array_primitive(
        &mut self,
        number: u16,
        name: &str,
        operation: TypedOperation,
        ty: GcType,
        rest: &[Datum],
    ) -> Result<Node> {
        if ty.element().is_none() {
            return Err(self.misuse(name, "not an array type"));
        }
        let type_number = ty.index() as u16;
        if operation == TypedOperation::ArrayCopy {
            let [dst, dst_start, source_type, src, src_start, count] = rest[..] else {
                return Err(self.misuse(name, "wrong number of operands"));
            };
            let source = self.type_operand(name, source_type)?;
            return self.primitive_node(
                number,
                [type_number, source.index() as u16],
                &[dst, dst_start, src, src_start, count],
            );
        }
        let count = match operation {
            TypedOperation::ArrayLength => 1,
            TypedOperation::ArraySet => 3,
            TypedOperation::ArrayFill => 4,
            _ => 2,
        };
        if rest.len() != count {
            return Err(self.misuse(name, "wrong number of operands"));
        }
        self.primitive_node(number, [type_number, 0], rest)
    }

    fn type_operand(&self, name: &str, operand: Datum) -> Result<GcType> {
        operand
            .as_symbol()
            .and_then(|symbol| GcType::by_name(&self.cx.symbols.name(symbol).to_lowercase()))
            .ok_or_else(|| self.misuse(name, "the first operand is not the name of a type"))
    }

    fn field_operand(&self, name: &str, ty: GcType, operand: Datum) -> Result<u16> {
        operand
            .as_symbol()
            .and_then(|symbol| ty.field(&self.cx.symbols.name(symbol).to_lowercase()))
            .map(|(index, _)| index as u16)
            .ok_or_else(|| self.misuse(name, &format!("{} has no such field", ty.name())))
    }

    fn misuse(&self, name: &str, reason: &str) -> CompileError {
        self.error(CompileErrorKind::Primitive { name: name.to_owned(), reason: reason.to_owned() })
    }

    /// A primitive without type operands, by name.
    pub(super) fn system_primitive(&mut self, name: &str, args: Vec<Node>) -> Node {
        let symbol = self.cx.system(name);
        let op = self.cx.primitive_numbers.get(&symbol).copied().unwrap_or(u16::MAX);
        self.node(NodeKind::Primitive { op, immediates: [0, 0], args })
    }
}
