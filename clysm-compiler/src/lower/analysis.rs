//! What lowering must know of a whole form before it writes the first function: which variables each function closes
//! over, which live in cells, and how each is represented.

use std::collections::BTreeSet;

use clysm_ast::{Ast, Callee, FunctionId, Node, NodeKind, Representation, VariableId};

use clysm_gc_types::GcType;

use super::natural::Naturals;

/// The results, by variable and by function.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The free variables of each function, in order.
    pub captures: Vec<Vec<VariableId>>,
    /// Whether a variable lives in a cell.
    pub cells: Vec<bool>,
    /// Each variable's representation.
    pub representations: Vec<Representation>,
    /// The kind of simple vector that each variable is said to hold.
    pub vectors: Vec<Option<GcType>>,
}

impl Analysis {
    /// Analyses a form.
    pub fn new(ast: &Ast, naturals: &Naturals) -> Self {
        let (captures, groups) = captures(ast);
        let captured_by_closure = closure_captures(ast, &captures);
        let captured: BTreeSet<VariableId> = captures.iter().flatten().copied().collect();
        let early: BTreeSet<VariableId> = groups.into_iter().flat_map(|group| early(ast, group, &captures)).collect();
        let cells = (0..)
            .map(VariableId)
            .zip(&ast.variables)
            .map(|(id, variable)| early.contains(&id) || variable.assigned && captured.contains(&id))
            .collect();
        let vectors = ast.variables.iter().map(|variable| vector_type(variable.vector?)).collect();
        let representations = vec![Representation::Object; ast.variables.len()];
        let mut analysis = Self { captures, cells, representations, vectors };
        for function in &ast.functions {
            if let Some((parameters, _)) = &function.raw {
                for (variable, representation) in function.parameters.variables().zip(parameters) {
                    analysis.representations[variable.index()] = *representation;
                }
            }
        }
        for function in &ast.functions {
            analysis.represent(ast, naturals, &captured_by_closure, &function.body);
        }
        analysis
    }

    fn represent(&mut self, ast: &Ast, naturals: &Naturals, closed: &BTreeSet<VariableId>, node: &Node) {
        if let NodeKind::Let(bindings, body) = &node.kind {
            for (variable, init) in bindings {
                self.represent(ast, naturals, closed, init);
                if let NodeKind::Local(other) = init.kind
                    && self.vectors[variable.index()].is_none()
                {
                    self.vectors[variable.index()] = self.vectors[other.index()];
                }
                if !closed.contains(variable) && !self.cells[variable.index()] {
                    self.representations[variable.index()] = self.choose(ast, naturals, *variable, init);
                }
            }
            self.represent(ast, naturals, closed, body);
        } else {
            node.for_each_child(&mut |child| self.represent(ast, naturals, closed, child));
        }
    }

    fn choose(&self, ast: &Ast, naturals: &Naturals, variable: VariableId, init: &Node) -> Representation {
        let variable = ast.variable(variable);
        if let Some(declared) = variable.declared {
            return declared;
        }
        let natural = naturals.of(ast, self, init);
        let explicit = matches!(init.kind, NodeKind::Primitive { .. });
        match natural {
            Representation::Condition | Representation::Object => Representation::Object,
            Representation::F32 | Representation::F64 if matches!(init.kind, NodeKind::Literal(_)) => {
                Representation::Object
            }
            Representation::Fixnum if explicit && variable.assigned => Representation::I32,
            _ if variable.assigned && !explicit => Representation::Object,
            _ => natural,
        }
    }
}

fn vector_type(number: u16) -> Option<GcType> {
    GcType::TABLE.get(usize::from(number)).copied()
}

/// The free variables of each function, transitively through the local functions it calls, and all groups of local functions.
fn captures(ast: &Ast) -> (Vec<Vec<VariableId>>, Vec<&[FunctionId]>) {
    if !may_close(ast) {
        return (vec![Vec::new(); ast.functions.len()], Vec::new());
    }
    let mut free = Vec::with_capacity(ast.functions.len());
    let mut flows = Vec::with_capacity(ast.functions.len());
    let mut groups = Vec::new();
    for (index, function) in (0..).zip(&ast.functions) {
        let function_id = FunctionId(index);
        let mut references =
            References { ast, function: function_id, variables: BTreeSet::new(), functions: BTreeSet::new(), groups };
        references.visit(&function.body);
        groups = references.groups;
        free.push(references.variables);
        flows.push(references.functions);
    }
    loop {
        let mut changed = false;
        for index in 0..free.len() {
            let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            let mut additions = BTreeSet::new();
            for function in &flows[index] {
                additions.extend(free[function.index()].iter().copied().filter(|variable| is_free(ast, id, *variable)));
            }
            let before = free[index].len();
            free[index].extend(additions);
            changed |= free[index].len() != before;
        }
        if !changed {
            return (free.into_iter().map(|set| set.into_iter().collect()).collect(), groups);
        }
    }
}

/// Whether any function may have a free variable: one that others refer to is marked so, but for those that hold function objects.
fn may_close(ast: &Ast) -> bool {
    ast.variables.iter().any(|variable| variable.captured)
        || ast.functions.iter().any(|function| function.escapes && function.holder.is_some())
}

/// Whether a variable comes from outside a function. The function's own object is its first parameter.
fn is_free(ast: &Ast, function: FunctionId, variable: VariableId) -> bool {
    ast.variable(variable).owner != function && ast.function(function).holder != Some(variable)
}

/// Of a group of local functions, the holders that are closed over by a function object made before theirs: what it holds can
/// only be a cell. All other functions of the group, and those within them, begin to run when every object is made.
fn early(ast: &Ast, group: &[FunctionId], captures: &[Vec<VariableId>]) -> Vec<VariableId> {
    let holder = |id: &FunctionId| Some(ast.function(*id)).filter(|function| function.escapes)?.holder;
    let mut early = Vec::new();
    let mut made = group;
    while let [first, later @ ..] = made {
        if ast.function(*first).escapes {
            let captures = &captures[first.index()];
            early.extend(later.iter().filter_map(holder).filter(|holder| captures.contains(holder)));
        }
        made = later;
    }
    early
}

/// The variables that some function object holds.
fn closure_captures(ast: &Ast, captures: &[Vec<VariableId>]) -> BTreeSet<VariableId> {
    ast.functions
        .iter()
        .zip(captures)
        .filter(|(function, _)| function.escapes)
        .flat_map(|(_, free)| free.iter().copied())
        .collect()
}

struct References<'a> {
    ast: &'a Ast,
    function: FunctionId,
    variables: BTreeSet<VariableId>,
    functions: BTreeSet<FunctionId>,
    groups: Vec<&'a [FunctionId]>,
}

impl<'a> References<'a> {
    fn visit(&mut self, node: &'a Node) {
        match &node.kind {
            NodeKind::Local(variable) | NodeKind::SetLocal(variable, _) => self.variable(*variable),
            NodeKind::ReturnFrom(block, _) => {
                let block = self.ast.block(*block);
                if block.owner != self.function {
                    block.token.into_iter().for_each(|token| self.variable(token));
                }
            }
            NodeKind::Go(tagbody, _) => {
                let tagbody = self.ast.tagbody(*tagbody);
                if tagbody.owner != self.function {
                    tagbody.token.into_iter().for_each(|token| self.variable(token));
                }
            }
            NodeKind::Closure(function) | NodeKind::Call(Callee::Local(function), _) => self.function(*function),
            // The group's own definitions need what the functions close over.
            NodeKind::LocalFunctions(functions, _) => {
                self.groups.push(functions);
                for function in functions {
                    if self.ast.function(*function).escapes {
                        self.functions.insert(*function);
                    }
                }
            }
            _ => {}
        }
        node.for_each_child(&mut |child| self.visit(child));
    }

    /// Most variables are the function's own.
    fn variable(&mut self, id: VariableId) {
        if is_free(self.ast, self.function, id) {
            self.variables.insert(id);
        }
    }

    fn function(&mut self, id: FunctionId) {
        let function = self.ast.function(id);
        match function.holder {
            Some(holder) if function.escapes => {
                if id != self.function {
                    self.variable(holder);
                }
            }
            _ => {
                self.functions.insert(id);
            }
        }
    }
}
