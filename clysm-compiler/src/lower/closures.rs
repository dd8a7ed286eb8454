//! Functions: prologues, function objects and local functions.

use clysm_ast::{Ast, FunctionId, Node, Representation};
use clysm_gc_types::{GcType, eq_ref, ref_to};
use wasm_encoder::{Instruction, ValType};

use super::analysis::Analysis;
use super::entries::Entries;
use super::natural::Naturals;
use super::values::captured_type;
use super::{CodeBuilder, GlobalRef, LowerContext, LoweredFunction, Lowerer, Slot, Target, Want, value_type};

impl<'a, 'b> Lowerer<'a, 'b> {
    /// Lowers one function of a form.
    pub(super) fn function(
        context: &mut LowerContext<'b>,
        ast: &Ast,
        analysis: &Analysis,
        id: FunctionId,
    ) -> LoweredFunction {
        let function = ast.function(id);
        let name = function_name(context, ast, id);
        let params = parameter_types(ast, analysis, id);
        let result = function.raw.as_ref().map_or(Representation::Object, |(_, result)| *result);
        let naturals = Naturals { cx: context.cx, intrinsics: context.intrinsics };
        let mut lowerer = Lowerer {
            context,
            naturals,
            ast,
            analysis,
            function: id,
            code: CodeBuilder::new(name.clone(), params, value_type(result)),
            slots: vec![None; ast.variables.len()],
            narrowed: Vec::new(),
            frames: Vec::new(),
            result,
        };
        lowerer.prologue();
        lowerer.node(&function.body, Want::Return);
        let mut code = lowerer.code;
        code.op(&Instruction::Unreachable);
        let entries = function.escapes.then(|| Entries::new(context, &function.parameters, &name, id));
        LoweredFunction { id, code: code.finish(), entries }
    }

    fn prologue(&mut self) {
        let function = self.ast.function(self.function);
        let mut local = u32::from(function.raw.is_none());
        if let Some(holder) = function.holder {
            self.slots[holder.index()] = Some(Slot::SelfObject);
        }
        for variable in function.parameters.variables() {
            self.bind_parameter(variable, local, self.analysis.representations[variable.index()]);
            local += 1;
        }
        let captures = &self.analysis.captures[self.function.index()];
        for (index, variable) in (0..).zip(captures) {
            let is_cell = self.analysis.cells[variable.index()];
            if function.escapes {
                self.load_captured(*variable, index, is_cell);
                continue;
            }
            let slot = if is_cell {
                Slot::Cell(local)
            } else {
                Slot::Local(local, self.analysis.representations[variable.index()])
            };
            self.slots[variable.index()] = Some(slot);
            local += 1;
        }
    }

    /// Takes a closed-over value out of the function object.
    fn load_captured(&mut self, variable: clysm_ast::VariableId, index: i32, is_cell: bool) {
        self.code.get(0);
        self.code
            .op(&Instruction::StructGet { struct_type_index: GcType::Function.index(), field_index: FUNCTION_ENV });
        self.code.i32(index);
        self.code.op(&Instruction::ArrayGet(GcType::Env.index()));
        let slot = if is_cell {
            self.cast(GcType::Cell);
            let local = self.code.local(ref_to(GcType::Cell));
            self.code.set(local);
            Slot::Cell(local)
        } else {
            Slot::Local(self.store_object(), Representation::Object)
        };
        self.slots[variable.index()] = Some(slot);
    }

    /// The function object of a lambda expression or local function.
    pub(super) fn function_object(&mut self, id: FunctionId) {
        let function = self.ast.function(id);
        match function.holder {
            Some(holder) => {
                let representation = self.read_variable(holder);
                self.convert(representation, Representation::Object);
            }
            None => self.make_function(id),
        }
    }

    /// Makes a function object, or refers to the one that a function without captures has.
    fn make_function(&mut self, id: FunctionId) {
        let captures = self.analysis.captures[id.index()].clone();
        if captures.is_empty() {
            return self.code.global_get(GlobalRef::StaticFunction(id));
        }
        self.code.relocate(Target::CodeIndex(id));
        for variable in &captures {
            self.captured_value(*variable, Representation::Object);
        }
        let count = u32::try_from(captures.len()).unwrap_or(u32::MAX);
        self.code.op(&Instruction::ArrayNewFixed { array_type_index: GcType::Env.index(), array_size: count });
        match self.ast.function(id).name {
            Some(name) => self.code.global_get(GlobalRef::Symbol(name)),
            None => self.nil(),
        }
        self.code.i32(0);
        self.code.op(&Instruction::StructNew(GcType::Function.index()));
    }

    /// `flet` and `labels`: makes the function objects that are needed, each visible to the others.
    pub(super) fn local_functions(&mut self, functions: &[FunctionId], body: &Node, want: Want) {
        let escaping: Vec<(FunctionId, clysm_ast::VariableId)> = functions
            .iter()
            .filter(|id| self.ast.function(**id).escapes)
            .filter_map(|id| self.ast.function(*id).holder.map(|holder| (*id, holder)))
            .collect();
        for (_, holder) in escaping.iter().filter(|(_, holder)| self.analysis.cells[holder.index()]) {
            self.nil();
            self.bind_cell(*holder);
        }
        for (id, holder) in &escaping {
            match self.slots[holder.index()] {
                Some(Slot::Cell(cell)) if self.analysis.cells[holder.index()] => {
                    self.code.get(cell);
                    self.make_function(*id);
                    self.code.op(&Instruction::StructSet { struct_type_index: GcType::Cell.index(), field_index: 0 });
                }
                _ => {
                    self.make_function(*id);
                    self.bind_object(*holder);
                }
            }
        }
        self.node(body, want);
    }
}

/// The index of a function object's environment field.
const FUNCTION_ENV: u32 = 1;

fn parameter_types(ast: &Ast, analysis: &Analysis, id: FunctionId) -> Vec<ValType> {
    let function = ast.function(id);
    let mut types = Vec::new();
    if function.raw.is_none() {
        types.push(clysm_gc_types::function_self());
    }
    for variable in function.parameters.variables() {
        let representation = analysis.representations[variable.index()];
        types.push(if function.raw.is_some() { value_type(representation) } else { eq_ref() });
    }
    if !function.escapes {
        types.extend(analysis.captures[id.index()].iter().map(|variable| {
            captured_type(analysis.cells[variable.index()], analysis.representations[variable.index()])
        }));
    }
    types
}

/// The name for stack traces: the function's own, or that of the function it is written in.
fn function_name(context: &LowerContext, ast: &Ast, id: FunctionId) -> String {
    let mut current = Some(id);
    let mut nested = false;
    while let Some(id) = current {
        let function = ast.function(id);
        if let Some(name) = function.name {
            let name = match context.cx.symbols.setf_base(name) {
                Some(base) => format!("(SETF {})", context.cx.symbols.qualified_name(base)),
                None => context.cx.symbols.qualified_name(name),
            };
            return if nested { format!("(LAMBDA in {name})") } else { name };
        }
        nested = true;
        current = function.parent;
    }
    "toplevel".to_owned()
}
