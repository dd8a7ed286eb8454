//! AST to Wasm function bodies.

mod analysis;
mod calls;
mod closures;
mod code;
mod conditions;
mod control;
mod entries;
mod inline;
mod intrinsics;
mod narrow;
mod natural;
mod numbers;
mod primitive;
mod tagbody;
mod values;

use clysm_ast::{Ast, AstLiteral, FunctionId, LiteralType, Node, NodeKind, Representation, VariableId};
use clysm_gc_types::{GcType, ref_to};
use clysm_reader::Symbol;
use wasm_encoder::{BlockType, Instruction};

use crate::context::Context;
use crate::literals::LiteralPool;

use analysis::Analysis;
use narrow::Narrowed;
use natural::Naturals;

pub use calls::is_direct_call;
pub use code::{
    CodeBuilder, CompiledFunction, FunctionRef, GlobalRef, InitialEntry, Label, Relocation, RuntimeGlobal, StaticData,
    Target, value_type,
};
pub use control::UNWIND_TAG;
pub use entries::{Entries, EntryCode};
pub use intrinsics::{Intrinsic, Intrinsics, TypeTest};
pub use values::VALUE_VECTOR_LENGTH;

/// What surrounds the lowering of a form.
pub struct LowerContext<'a> {
    /// Names, data and primitives.
    pub cx: &'a Context,
    /// Inline functions and runtime functions.
    pub intrinsics: &'a Intrinsics,
    /// Whether calls of a global function may go to its Wasm function directly.
    pub is_direct: &'a dyn Fn(Symbol) -> bool,
    /// Whether a direct call of a global function in tail position keeps the caller's frame, so that errors of the
    /// function have the call's position.
    pub keeps_frame: &'a dyn Fn(Symbol) -> bool,
    /// The unit's literals.
    pub literals: &'a mut LiteralPool,
}

/// One function of a lowered form.
#[derive(Clone, Debug)]
pub struct LoweredFunction {
    /// Its place in the form.
    pub id: FunctionId,
    /// The body.
    pub code: CompiledFunction,
    /// The entries of its function object, if one exists.
    pub entries: Option<Entries>,
}

/// A lowered form.
#[derive(Clone, Debug)]
pub struct LoweredForm {
    /// Its functions; the first is the toplevel.
    pub functions: Vec<LoweredFunction>,
    /// The functions that compute its `load-time-value` forms.
    pub load_time_values: Vec<FunctionId>,
}

/// How the value of an expression is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// Not at all.
    Effect,
    /// The first value, on the stack.
    Value(Representation),
    /// The first value on the stack as an object, the others and their count in the value globals.
    Values,
    /// As the function's own values: control does not continue.
    Return,
}

/// Where a variable is.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// In a local.
    Local(u32, Representation),
    /// In a cell that a local holds.
    Cell(u32),
    /// It is the function object that was called.
    SelfObject,
}

/// Lowers a form.
pub fn lower_form(context: &mut LowerContext, ast: &Ast) -> LoweredForm {
    let naturals = Naturals { cx: context.cx, intrinsics: context.intrinsics };
    let analysis = Analysis::new(ast, &naturals);
    let functions = (0..ast.functions.len())
        .map(|index| {
            let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            Lowerer::function(context, ast, &analysis, id)
        })
        .collect();
    LoweredForm { functions, load_time_values: ast.load_time_values.clone() }
}

struct Lowerer<'a, 'b> {
    context: &'a mut LowerContext<'b>,
    naturals: Naturals<'b>,
    ast: &'a Ast,
    analysis: &'a Analysis,
    function: FunctionId,
    code: CodeBuilder,
    /// Where each variable of the form is, of those that the function refers to.
    slots: Vec<Option<Slot>>,
    /// What is known of variables' types.
    narrowed: Vec<Narrowed>,
    frames: Vec<control::Frame>,
    result: Representation,
}

impl Lowerer<'_, '_> {
    fn natural(&self, node: &Node) -> Representation {
        self.naturals.of(self.ast, self.analysis, node)
    }

    /// Writes an expression.
    fn node(&mut self, node: &Node, want: Want) {
        self.code.position(node.span);
        match &node.kind {
            NodeKind::Literal(literal) => self.literal(literal, want),
            NodeKind::Local(variable) => {
                let representation = self.read_variable(*variable);
                self.deliver(representation, want);
            }
            NodeKind::SetLocal(variable, value) => self.set_variable(*variable, value, want),
            NodeKind::Special(symbol) => {
                self.special(*symbol);
                self.deliver(Representation::Object, want);
            }
            NodeKind::SetSpecial(symbol, value) => self.set_special(*symbol, value, want),
            NodeKind::GlobalFunction(symbol) => {
                self.global_function(*symbol);
                self.deliver(Representation::Object, want);
            }
            NodeKind::Closure(function) => {
                self.function_object(*function);
                self.deliver(Representation::Object, want);
            }
            NodeKind::Call(callee, args) => self.call(callee, args, node.span, want),
            NodeKind::Primitive { op, immediates, args } => self.primitive(*op, *immediates, args, want),
            NodeKind::If(test, then, otherwise) => self.conditional(test, then, otherwise, want),
            NodeKind::Progn(nodes) => self.progn(nodes, want),
            NodeKind::Let(bindings, body) => self.let_(bindings, body, want),
            NodeKind::BindSpecial(bindings, body) => self.bind_special(bindings, body, want),
            NodeKind::Progv(symbols, values, body) => self.progv(symbols, values, body, want),
            NodeKind::Block(block, body) => self.block(*block, body, want),
            NodeKind::ReturnFrom(block, value) => self.return_from(*block, value),
            NodeKind::Tagbody(tagbody, segments) => self.tagbody(*tagbody, segments, want),
            NodeKind::Go(tagbody, segment) => self.go(*tagbody, *segment),
            NodeKind::Catch(tag, body) => self.catch(tag, body, want),
            NodeKind::Throw(tag, values) => self.throw(tag, values),
            NodeKind::UnwindProtect(body, cleanup) => self.unwind_protect(body, cleanup, want),
            NodeKind::LocalFunctions(functions, body) => self.local_functions(functions, body, want),
            NodeKind::Values(nodes) => self.values(nodes, want),
            NodeKind::MultipleValueBind(variables, values, body) => {
                self.multiple_value_bind(variables, values, body, want)
            }
            NodeKind::MultipleValueCall(function, args) => self.multiple_value_call(function, args, want),
            NodeKind::MultipleValueProg1(first, rest) => self.multiple_value_prog1(first, rest, want),
            NodeKind::LoadTimeValue(index) => {
                self.code.global_get(GlobalRef::LoadTimeValue(*index));
                self.deliver(Representation::Object, want);
            }
        }
    }

    /// Writes an expression whose value is wanted in its natural representation, which is returned.
    fn natural_node(&mut self, node: &Node) -> Representation {
        let representation = self.natural(node);
        self.node(node, Want::Value(representation));
        representation
    }

    fn object(&mut self, node: &Node) {
        self.node(node, Want::Value(Representation::Object));
    }

    /// An object in a new local.
    fn object_local(&mut self, node: &Node) -> u32 {
        self.object(node);
        self.store_object()
    }

    /// Moves the object on the stack to a new local.
    fn store_object(&mut self) -> u32 {
        let local = self.code.local(clysm_gc_types::eq_ref());
        self.code.set(local);
        local
    }

    fn literal(&mut self, literal: &AstLiteral, want: Want) {
        use clysm_reader::Datum;
        match (want, literal.value) {
            (Want::Effect, _) => {}
            (Want::Value(Representation::Condition), _) => self.code.i32(i32::from(!literal.is_nil())),
            (Want::Value(representation), Datum::Fixnum(value)) if literal.literal_type == LiteralType::Fixnum => {
                self.fixnum_literal(value as i32, representation);
            }
            (Want::Value(Representation::I64), Datum::Fixnum(value)) => self.code.op(&Instruction::I64Const(value)),
            (Want::Value(Representation::I32), Datum::Fixnum(value)) if i32::try_from(value).is_ok() => {
                self.code.i32(value as i32);
            }
            // Written as unsigned, such as a 32-bit mask.
            (Want::Value(Representation::I32), Datum::Fixnum(value)) if u32::try_from(value).is_ok() => {
                self.code.i32(value as u32 as i32);
            }
            (Want::Value(Representation::F64), Datum::Double(value)) => {
                self.code.op(&Instruction::F64Const(value.into()))
            }
            (Want::Value(Representation::F64), Datum::Single(value)) => {
                self.code.op(&Instruction::F64Const(f64::from(value).into()));
            }
            (Want::Value(Representation::F32), Datum::Single(value)) => {
                self.code.op(&Instruction::F32Const(value.into()))
            }
            _ => {
                self.literal_object(literal);
                self.deliver(Representation::Object, want);
            }
        }
    }

    fn fixnum_literal(&mut self, value: i32, representation: Representation) {
        match representation {
            Representation::Fixnum | Representation::I32 => self.code.i32(value),
            Representation::I64 => self.code.op(&Instruction::I64Const(i64::from(value))),
            Representation::F32 => self.code.op(&Instruction::F32Const((value as f32).into())),
            Representation::F64 => self.code.op(&Instruction::F64Const(f64::from(value).into())),
            Representation::Object | Representation::Condition => {
                self.code.i32(value);
                self.code.op(&Instruction::RefI31);
            }
        }
    }

    fn literal_object(&mut self, literal: &AstLiteral) {
        use clysm_reader::Datum;
        match literal.value {
            Datum::Symbol(symbol) => self.code.global_get(GlobalRef::Symbol(symbol)),
            Datum::Fixnum(value) if literal.literal_type == LiteralType::Fixnum => {
                self.code.i32(value as i32);
                self.code.op(&Instruction::RefI31);
            }
            value => {
                let index = self.context.literals.add(&self.context.cx.heap, value);
                self.code.global_get(GlobalRef::Literal(index));
            }
        }
    }

    fn nil(&mut self) {
        self.code.global_get(GlobalRef::Symbol(Symbol::NIL));
    }

    fn progn(&mut self, nodes: &[Node], want: Want) {
        let Some((last, rest)) = nodes.split_last() else { return self.literal(&AstLiteral::nil(), want) };
        for node in rest {
            self.node(node, Want::Effect);
        }
        self.node(last, want);
    }

    fn let_(&mut self, bindings: &[(VariableId, Node)], body: &Node, want: Want) {
        let locals = self.bind_variables(bindings);
        self.node(body, want);
        self.release_all(locals);
    }

    fn bind_variables(&mut self, bindings: &[(VariableId, Node)]) -> Vec<u32> {
        bindings.iter().map(|(variable, init)| self.bind_variable(*variable, init)).collect()
    }

    fn release_all(&mut self, locals: Vec<u32>) {
        locals.into_iter().for_each(|local| self.code.release(local));
    }

    /// Binds a variable to the value of an expression.
    fn bind_variable(&mut self, variable: VariableId, init: &Node) -> u32 {
        self.forget(variable);
        if self.analysis.cells[variable.index()] {
            self.object(init);
            return self.bind_cell(variable);
        }
        let representation = self.analysis.representations[variable.index()];
        self.node_as_declared(init, representation);
        let local = self.code.local(value_type(representation));
        self.code.set(local);
        self.slots[variable.index()] = Some(Slot::Local(local, representation));
        local
    }

    /// Binds a variable to the object on the stack.
    fn bind_object(&mut self, variable: VariableId) -> u32 {
        self.forget(variable);
        if self.analysis.cells[variable.index()] {
            return self.bind_cell(variable);
        }
        let local = self.store_object();
        self.slots[variable.index()] = Some(Slot::Local(local, Representation::Object));
        local
    }

    fn bind_cell(&mut self, variable: VariableId) -> u32 {
        self.code.op(&Instruction::StructNew(GcType::Cell.index()));
        let local = self.code.local(ref_to(GcType::Cell));
        self.code.set(local);
        self.slots[variable.index()] = Some(Slot::Cell(local));
        local
    }

    fn read_variable(&mut self, variable: VariableId) -> Representation {
        match &self.slots[variable.index()] {
            Some(Slot::Local(local, representation)) => {
                self.code.get(*local);
                *representation
            }
            Some(Slot::Cell(local)) => {
                self.code.get(*local);
                self.code.op(&Instruction::StructGet { struct_type_index: GcType::Cell.index(), field_index: 0 });
                Representation::Object
            }
            Some(Slot::SelfObject) => {
                self.code.get(0);
                self.code.op(&Instruction::RefAsNonNull);
                Representation::Object
            }
            // Reached only in code that an exit before it has made unreachable.
            None => {
                self.code.op(&Instruction::Unreachable);
                Representation::Object
            }
        }
    }

    fn set_variable(&mut self, variable: VariableId, value: &Node, want: Want) {
        match self.slots[variable.index()] {
            Some(Slot::Local(local, representation)) => {
                self.node_as_declared(value, representation);
                self.forget(variable);
                if want == Want::Effect {
                    self.code.set(local);
                } else {
                    self.code.tee(local);
                    self.deliver(representation, want);
                }
            }
            Some(Slot::Cell(cell)) => {
                let object = self.object_local(value);
                self.code.get(cell);
                self.code.get(object);
                self.code.op(&Instruction::StructSet { struct_type_index: GcType::Cell.index(), field_index: 0 });
                if want != Want::Effect {
                    self.code.get(object);
                    self.deliver(Representation::Object, want);
                }
                self.code.release(object);
            }
            Some(Slot::SelfObject) | None => {
                self.node(value, Want::Effect);
                self.code.op(&Instruction::Unreachable);
            }
        }
    }

    /// The value of a dynamic variable.
    fn special(&mut self, symbol: Symbol) {
        use crate::world::VariableFact;
        self.code.global_get(GlobalRef::Symbol(symbol));
        self.code.op(&Instruction::StructGet { struct_type_index: GcType::Symbol.index(), field_index: SYMBOL_VALUE });
        let fact = self.context.cx.world.facts(symbol).variable;
        if matches!(fact, VariableFact::Global | VariableFact::Constant(_)) {
            return;
        }
        let value = self.store_object();
        self.code.get(value);
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unbound));
        self.code.op(&Instruction::RefEq);
        self.code.if_(BlockType::Result(clysm_gc_types::eq_ref()));
        self.call_runtime("signal-unbound-variable", |lowerer| lowerer.code.global_get(GlobalRef::Symbol(symbol)));
        self.code.else_();
        self.code.get(value);
        self.code.end();
        self.code.release(value);
    }

    fn set_special(&mut self, symbol: Symbol, value: &Node, want: Want) {
        let object = self.object_local(value);
        self.code.global_get(GlobalRef::Symbol(symbol));
        self.code.get(object);
        self.code.op(&Instruction::StructSet { struct_type_index: GcType::Symbol.index(), field_index: SYMBOL_VALUE });
        if want != Want::Effect {
            self.code.get(object);
            self.deliver(Representation::Object, want);
        }
        self.code.release(object);
    }

    /// The function object in a symbol's function cell.
    fn global_function(&mut self, symbol: Symbol) {
        self.context.literals.note_function(symbol);
        self.code.global_get(GlobalRef::Symbol(symbol));
        self.code
            .op(&Instruction::StructGet { struct_type_index: GcType::Symbol.index(), field_index: SYMBOL_FUNCTION });
    }
}

/// The index of a symbol's value field.
const SYMBOL_VALUE: u32 = 2;
/// The index of a symbol's function field.
const SYMBOL_FUNCTION: u32 = 3;

fn is_nil(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(literal) if literal.is_nil())
}
