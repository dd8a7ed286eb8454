//! Function calls.

use clysm_ast::{Callee, FunctionId, LiteralType, Node, NodeKind, Representation};
use clysm_gc_types::{Entry, GcType, eq_ref, ref_to};
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;
use wasm_encoder::{BlockType, HeapType, Instruction};

use super::{FunctionRef, GlobalRef, Lowerer, RuntimeGlobal, Want};
use crate::world::Signature;

/// The index of a function object's code field.
const FUNCTION_CODE: u32 = 0;

/// What a direct call passes for each parameter of the callee.
enum Argument {
    /// The argument expression with that number.
    Given(usize),
    /// The marker of a missing argument.
    Missing,
    /// A list of the argument expressions from that number on.
    Rest(usize),
}

/// How a call through a function object leaves its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// The caller's frame stays.
    No,
    /// The callee's frame takes the place of the caller's.
    Yes,
    /// The same, unless the function is undefined: the error that signals this has the call's position then.
    IfDefined,
}

impl Lowerer<'_, '_> {
    pub(super) fn call(&mut self, callee: &Callee, args: &[Node], span: Span, want: Want) {
        match callee {
            Callee::Global(name) => self.call_global(*name, args, span, want),
            Callee::NotInline(name) => self.call_notinline(*name, args, span, want),
            Callee::Local(function) => self.call_local(*function, args, span, want),
            Callee::Computed(function) => {
                let function = self.function_designator(function);
                self.call_object(function, args, span, want, self.tail(want));
                self.code.release(function);
            }
        }
    }

    fn call_global(&mut self, name: Symbol, args: &[Node], span: Span, want: Want) {
        if let Some(intrinsic) = self.naturals.intrinsic(name, args.len()) {
            let representation = self.intrinsic(intrinsic, name, args, span);
            return self.deliver(representation, want);
        }
        if self.never_returns(name) && !(want == Want::Return && self.may_tail_call()) {
            self.call_function(name, args, span, Want::Effect);
            // What is alive only after the call need not survive it.
            return self.code.op(&Instruction::Unreachable);
        }
        self.call_function(name, args, span, want);
    }

    /// Whether a call of a global function never comes back.
    pub(super) fn never_returns(&self, name: Symbol) -> bool {
        self.context.intrinsics.never_returns(name) && (self.context.is_direct)(name)
    }

    fn call_function(&mut self, name: Symbol, args: &[Node], span: Span, want: Want) {
        if (self.context.is_direct)(name)
            && let Some(signature) = self.context.cx.world.signature(name).cloned()
        {
            if let Some((params, result)) = &signature.raw {
                return self.call_raw_function(name, params, *result, args, span, want);
            }
            if let Some(plan) = plan(&signature, args) {
                let target = FunctionRef::Global(name);
                return self.call_planned(target, None, &plan, args, span, want);
            }
        }
        self.call_cell(name, args, span, want);
    }

    /// Calls a global function that is `notinline`. One with a raw signature has no function object.
    fn call_notinline(&mut self, name: Symbol, args: &[Node], span: Span, want: Want) {
        if self.context.cx.world.signature(name).is_some_and(|signature| signature.raw.is_some()) {
            return self.call_function(name, args, span, want);
        }
        self.call_cell(name, args, span, want);
    }

    /// Calls a global function through the symbol's function cell.
    fn call_cell(&mut self, name: Symbol, args: &[Node], span: Span, want: Want) {
        let tail = self.cell_tail(name, args.len(), want);
        let function = self.begin_call(name);
        self.call_object(function, args, span, want, tail);
        self.code.release(function);
    }

    /// How a call through a symbol's function cell leaves its caller. What is known to fail keeps the frame, since it is
    /// what gives the error a position.
    fn cell_tail(&self, name: Symbol, count: usize, want: Want) -> Tail {
        let fits = |signature: &Signature| u32::try_from(count).is_ok_and(|count| signature.accepts(count));
        match (self.tail(want), self.context.cx.world.signature(name)) {
            (Tail::Yes, None) => Tail::IfDefined,
            (Tail::Yes, Some(signature)) if !fits(signature) => Tail::No,
            (tail, _) => tail,
        }
    }

    fn tail(&self, want: Want) -> Tail {
        if want == Want::Return && self.may_tail_call() { Tail::Yes } else { Tail::No }
    }

    /// The function object in a symbol's function cell, in a local.
    fn begin_call(&mut self, name: Symbol) -> u32 {
        self.global_function(name);
        let function = self.code.local(ref_to(GcType::Function));
        self.code.set(function);
        function
    }

    /// Pushes the function object of a call through a function cell.
    pub(super) fn begin_cell_call(&mut self, name: Symbol) -> u32 {
        let function = self.begin_call(name);
        self.code.get(function);
        function
    }

    /// Calls the function object in a local, under its arguments on the stack.
    pub(super) fn finish_cell_call(&mut self, function: u32, count: u32) {
        self.call_entry(function, Entry::for_count(count), Tail::No);
        self.code.release(function);
    }

    fn call_raw_function(
        &mut self,
        name: Symbol,
        params: &[Representation],
        result: Representation,
        args: &[Node],
        span: Span,
        want: Want,
    ) {
        for (arg, representation) in args.iter().zip(params) {
            self.node(arg, Want::Value(*representation));
        }
        self.code.position(span);
        self.code.call(FunctionRef::Global(name));
        self.deliver(result, want);
    }

    fn call_planned(
        &mut self,
        target: FunctionRef,
        object: Option<u32>,
        plan: &[Argument],
        args: &[Node],
        span: Span,
        want: Want,
    ) {
        self.pass(object, plan, args);
        self.code.position(span);
        self.finish_call(target, want);
    }

    /// Pushes the function object and the parameters of a call.
    fn pass(&mut self, object: Option<u32>, plan: &[Argument], args: &[Node]) {
        // Arguments are evaluated in the order in which they are written; parameters may come in another.
        let given: Vec<usize> = plan
            .iter()
            .filter_map(|argument| match argument {
                Argument::Given(index) => Some(*index),
                _ => None,
            })
            .collect();
        let mut locals: Vec<Option<u32>> = vec![None; args.len()];
        if !given.is_sorted() {
            let mut order = given;
            order.sort_unstable();
            for index in order {
                locals[index] = Some(self.object_local(&args[index]));
            }
        }
        self.push_self(object);
        for argument in plan {
            match argument {
                Argument::Given(index) => match locals[*index] {
                    Some(local) => self.code.get(local),
                    None => self.object(&args[*index]),
                },
                Argument::Missing => self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unsupplied)),
                Argument::Rest(first) => self.list_of(&args[*first..]),
            }
        }
        for local in locals.into_iter().flatten() {
            self.code.release(local);
        }
    }

    fn push_self(&mut self, object: Option<u32>) {
        match object {
            Some(object) => self.code.get(object),
            None => self.code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index()))),
        }
    }

    fn finish_call(&mut self, target: FunctionRef, want: Want) {
        let keeps_frame = matches!(target, FunctionRef::Global(name) if (self.context.keeps_frame)(name));
        if self.tail(want) == Tail::Yes && !keeps_frame {
            return self.code.return_call(target);
        }
        self.code.call(target);
        self.deliver_values(want);
    }

    /// Whether a call in tail position may replace this function's frame: the result types must agree.
    fn may_tail_call(&self) -> bool {
        self.result == Representation::Object && self.ast.function(self.function).raw.is_none()
    }

    /// A fresh list of the values of expressions.
    pub(super) fn list_of(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.object(node);
        }
        self.nil();
        for _ in nodes {
            self.code.i32(0);
            self.code.op(&Instruction::StructNew(GcType::Cons.index()));
        }
    }

    fn call_local(&mut self, id: FunctionId, args: &[Node], span: Span, want: Want) {
        let function = self.ast.function(id);
        let signature = Signature::new(&function.parameters, None, Span::NONE);
        if function.escapes {
            let holder = function.holder;
            let object = self.code.local(ref_to(GcType::Function));
            match holder {
                Some(holder) => {
                    self.read_variable(holder);
                    self.cast(GcType::Function);
                }
                None => self.code.op(&Instruction::Unreachable),
            }
            self.code.set(object);
            match plan(&signature, args) {
                Some(plan) => self.call_planned(FunctionRef::Local(id), Some(object), &plan, args, span, want),
                None => self.call_object(object, args, span, want, self.tail(want)),
            }
            self.code.release(object);
            return;
        }
        match plan(&signature, args) {
            Some(plan) => self.call_lifted(id, &plan, args, span, want),
            // The conversion gives a function that is called like that a function object.
            None => self.code.op(&Instruction::Unreachable),
        }
    }

    /// Calls a local function that has no function object: what it closes over follows its parameters.
    fn call_lifted(&mut self, id: FunctionId, plan: &[Argument], args: &[Node], span: Span, want: Want) {
        self.pass(None, plan, args);
        for variable in self.analysis.captures[id.index()].clone() {
            let representation = self.analysis.representations[variable.index()];
            self.captured_value(variable, representation);
        }
        self.code.position(span);
        self.finish_call(FunctionRef::Local(id), want);
    }

    /// The function that an expression designates, in a local: a function object is itself, a symbol stands for its
    /// global function.
    fn function_designator(&mut self, node: &Node) -> u32 {
        let function = self.code.local(ref_to(GcType::Function));
        match &node.kind {
            NodeKind::Closure(_) | NodeKind::GlobalFunction(_) => {
                self.object(node);
                self.cast(GcType::Function);
                self.code.set(function);
            }
            _ => {
                self.object(node);
                self.coerce_to_function(function);
            }
        }
        function
    }

    /// Moves the function that the object on the stack designates to a local.
    fn coerce_to_function(&mut self, function: u32) {
        let object = self.store_object();
        self.code.get(object);
        self.test(GcType::Function);
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.get(object);
        self.code.else_();
        self.call_runtime("coerce-to-function", |lowerer| lowerer.code.get(object));
        self.code.end();
        self.cast(GcType::Function);
        self.code.set(function);
        self.code.release(object);
    }

    /// Calls the function object in a local with the values of expressions.
    fn call_object(&mut self, function: u32, args: &[Node], span: Span, want: Want, tail: Tail) {
        let count = u32::try_from(args.len()).unwrap_or(u32::MAX);
        self.code.get(function);
        for arg in args {
            self.object(arg);
        }
        let entry = Entry::for_count(count);
        if entry == Entry::Vector {
            self.code
                .op(&Instruction::ArrayNewFixed { array_type_index: GcType::SimpleVector.index(), array_size: count });
        }
        self.code.position(span);
        self.call_entry(function, entry, tail);
        if tail != Tail::Yes {
            self.deliver_values(want);
        }
    }

    /// `call_indirect` through the entry table.
    fn call_entry(&mut self, function: u32, entry: Entry, tail: Tail) {
        let (type_index, table_index) = (entry.type_index(), entry.table());
        self.function_code(function);
        match tail {
            Tail::No => self.code.op(&Instruction::CallIndirect { type_index, table_index }),
            Tail::Yes => self.code.op(&Instruction::ReturnCallIndirect { type_index, table_index }),
            Tail::IfDefined => {
                // The parameters on the stack are those of the block as well.
                self.code.if_(BlockType::FunctionType(type_index));
                self.call_entry(function, entry, Tail::Yes);
                self.code.else_();
                self.call_entry(function, entry, Tail::No);
                self.code.end();
            }
        }
    }

    /// Pushes a function object's code index, which is zero if it stands for an undefined function.
    fn function_code(&mut self, function: u32) {
        self.code.get(function);
        self.code
            .op(&Instruction::StructGet { struct_type_index: GcType::Function.index(), field_index: FUNCTION_CODE });
    }

    /// `(%funcall function argument…)`: the function is known to be an object.
    pub(super) fn primitive_funcall(&mut self, args: &[Node], want: Want) {
        let Some((function, args)) = args.split_first() else { return self.code.op(&Instruction::Unreachable) };
        let local = self.code.local(ref_to(GcType::Function));
        self.object(function);
        self.cast(GcType::Function);
        self.code.set(local);
        self.call_object(local, args, Span::NONE, want, self.tail(want));
        self.code.release(local);
    }

    /// `(%funcall-vector function vector)`.
    pub(super) fn primitive_funcall_vector(&mut self, args: &[Node], want: Want) {
        let local = self.code.local(ref_to(GcType::Function));
        self.object(&args[0]);
        self.cast(GcType::Function);
        self.code.tee(local);
        self.object(&args[1]);
        self.cast(GcType::SimpleVector);
        let tail = self.tail(want);
        self.call_entry(local, Entry::Vector, tail);
        self.code.release(local);
        if tail == Tail::No {
            self.deliver_values(want);
        }
    }
}

/// How a call with these arguments passes parameters; none when it must go through the function object.
fn plan(signature: &Signature, args: &[Node]) -> Option<Vec<Argument>> {
    let count = u32::try_from(args.len()).ok()?;
    if !signature.accepts(count) {
        return None;
    }
    let required = signature.required as usize;
    let optional = signature.optional as usize;
    let mut plan: Vec<Argument> = (0..required).map(Argument::Given).collect();
    plan.extend(
        (required..required + optional)
            .map(|index| if index < args.len() { Argument::Given(index) } else { Argument::Missing }),
    );
    let first_key = (required + optional).min(args.len());
    if signature.rest {
        plan.push(Argument::Rest(first_key));
    }
    if signature.accepts_keywords {
        plan.extend(plan_keywords(signature, args, first_key)?);
    }
    // A list argument evaluates the expressions that keywords would evaluate again.
    let both = signature.rest && signature.accepts_keywords && first_key < args.len();
    (!both).then_some(plan)
}

fn plan_keywords(signature: &Signature, args: &[Node], first: usize) -> Option<Vec<Argument>> {
    let pairs = &args[first..];
    if !pairs.len().is_multiple_of(2) {
        return None;
    }
    let mut given: Vec<Option<usize>> = vec![None; signature.keywords.len()];
    for (index, key) in pairs.iter().enumerate().step_by(2) {
        let keyword = literal_symbol(key)?;
        let position = signature.keywords.iter().position(|known| *known == keyword)?;
        if given[position].is_some() {
            return None;
        }
        given[position] = Some(first + index + 1);
    }
    Some(given.into_iter().map(|value| value.map_or(Argument::Missing, Argument::Given)).collect())
}

/// Whether a call with these arguments can be made without the function object, which sorts out what can't be known
/// before the call: unknown and repeated keywords, keywords that are computed, wrong counts.
pub fn is_direct_call(signature: &Signature, args: &[Node]) -> bool {
    plan(signature, args).is_some()
}

fn literal_symbol(node: &Node) -> Option<Symbol> {
    match &node.kind {
        NodeKind::Literal(literal)
            if matches!(literal.literal_type, LiteralType::Symbol | LiteralType::Nil | LiteralType::T) =>
        {
            match literal.value {
                Datum::Symbol(symbol) => Some(symbol),
                _ => None,
            }
        }
        _ => None,
    }
}
