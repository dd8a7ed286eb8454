//! Tree shaking: which forms of a program that is known as a whole its standalone module needs.
//!
//! The forms of the program itself are what it does; those of the library are there for what they define. So reachability
//! starts at the program's expressions, and follows what the lowered code refers to:
//!
//! - a function is needed when code that is needed calls it, or reads its symbol's function cell, or when the program
//!   mentions its name as data (it could be called by that); the library's own code calls by name only functions of its
//!   own packages, by names that are constants of their own;
//! - a `defpackage` is needed only when things are found by name at run time: the module describes its packages;
//! - another form of the library is needed when the name for which it defines something is mentioned;
//! - names that the library gives to errors are needed when the program may look at conditions;
//! - a variable of the library that is nil at first and that nothing assigns stays so;
//! - a function whose name stands in a string of the program as `~/name/` is needed, as `format` may call it;
//! - a branch that is taken for objects of one type or structure only is needed when code that is needed makes such objects.
//!
//! The last rule makes this a fixpoint: it begins with the assumption that no objects are made but those that every module
//! has, and takes assumptions back until none fails. A program that computes names (with `intern`, `read`, `eval` …) can
//! name anything, and gets everything.

mod control_strings;
mod decide;
mod structures;

use clysm_ast::{Ast, Callee, FunctionId, LambdaFunction, Node, NodeKind};
use clysm_gc_types::{GcType, TypeSet};
use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{Datum, PackageId, Symbol};

use self::control_strings::named_functions;
use self::decide::{ClosedWorld, Decider};
use self::structures::Structures;
use crate::context::{Context, FormKind, TopForm};
use crate::definitions::Definitions;
use crate::literals::{Literal, types_of};
use crate::lower::{
    CompiledFunction, EntryCode, FunctionRef, GlobalRef, Intrinsics, LoweredFunction, StaticData, Target,
};
use crate::module::{Lowering, Unit, UnitForm, complete_unit, linker_calls, object_calls};
use crate::world::VariableFact;

/// Functions through which a program can name what it does not mention.
const NAMING: &[(PackageId, &str)] = &[
    (PackageId::COMMON_LISP, "EVAL"),
    (PackageId::COMMON_LISP, "FIND-SYMBOL"),
    (PackageId::COMMON_LISP, "INTERN"),
    (PackageId::COMMON_LISP, "MACRO-FUNCTION"),
    (PackageId::COMMON_LISP, "MACROEXPAND-1"),
    (PackageId::CLYSM, "%ACCESSIBLE-SYMBOLS"),
    (PackageId::CLYSM, "%ALL-SYMBOLS"),
    (PackageId::CLYSM, "%EXTERNAL-SYMBOLS"),
];

/// Internal functions that record something for the name that is their first argument, and the key under which it is looked
/// up. For all others the name alone decides.
const RECORDERS: &[(&str, &str)] = &[
    ("%DEFINE-CONDITION", "CLASS"),
    ("%DEFINE-STRUCTURE-CLASS", "CLASS"),
    ("%MAKE-INITIAL-CLASS", "CLASS"),
    ("%MAKE-JOINED-CLASS", "CLASS"),
    ("%SET-BASIC-TYPE", "TYPE-TEST"),
    ("%SET-COMPILER-MACRO", "COMPILER-MACRO"),
    ("%SET-DOCUMENTATION", "DOCUMENTATION"),
    ("%SET-INITIAL-METACLASS", "CLASS"),
    ("%SET-MACRO-FUNCTION", "MACRO"),
    ("%SET-SETF-EXPANDER", "SETF-EXPANDER"),
    ("%SET-STRUCTURE-PRINTERS", "PRINT-OBJECT"),
    ("%SET-STRUCTURE-SLOTS", "STRUCTURE-SLOTS"),
    ("%SET-TYPE-EXPANDER", "TYPE-EXPANDER"),
];

/// Internal functions that signal errors, and their argument that a program sees only if it looks at conditions.
const SIGNALLERS: &[(&str, usize)] = &[("%ERROR", 0), ("%TYPE-ERROR", 1)];

/// The internal function that has the library signal conditions.
const USE_CONDITIONS: &str = "%USE-CONDITIONS";

/// The types of which every module has objects: the start code makes them, or the host.
const ALWAYS: &[GcType] = &[
    GcType::Symbol,
    GcType::Function,
    GcType::Character,
    GcType::String,
    GcType::SimpleVector,
    GcType::U8Vector,
    GcType::U32Vector,
    GcType::Marker,
];

/// What a form of the library is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    /// Its effect: it is always needed.
    Effect,
    /// A function.
    Function(Symbol),
    /// Something about these names: it is needed when one of them is mentioned, and the key under which it is recorded, if
    /// that is known.
    Names { names: Vec<Symbol>, key: Option<Symbol> },
    /// The compiler and the evaluator only.
    Compiling,
}

/// What a form's code refers to.
#[derive(Default)]
struct References {
    calls: Vec<Symbol>,
    cells: Vec<Symbol>,
    /// Symbols that are constants of their own.
    symbols: Vec<Symbol>,
    /// Symbols within other constants, and such as are only mentioned.
    parts: Vec<Symbol>,
    /// Library variables that it may assign.
    assigned: Vec<Symbol>,
    makes: TypeSet,
    packages: bool,
    calls_objects: bool,
}

/// The constants that a form gives to errors, each as often as it does.
type Reported = NameMap<Datum, usize>;

/// What may be assumed of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumptions {
    /// Nothing: what code that is needed refers to is needed.
    None,
    /// That nothing is added to it at run time.
    ClosedWorld,
}

/// Makes the unit of a standalone module. The first `library` forms are the library's; `packages` describes the packages.
#[must_use]
pub fn shake(
    cx: &Context,
    intrinsics: &Intrinsics,
    (forms, library): (&[TopForm], usize),
    assumptions: Assumptions,
    packages: Datum,
) -> Unit {
    let mut shaker = Shaker::new(cx, intrinsics, forms, library);
    shaker.run(assumptions);
    if shaker.names_anything() { shaker.everything(packages) } else { shaker.unit(packages) }
}

/// Whether a program can name what it does not mention, so that its module holds everything.
#[must_use]
pub fn names_anything(
    cx: &Context,
    intrinsics: &Intrinsics,
    (forms, library): (&[TopForm], usize),
    assumptions: Assumptions,
) -> bool {
    let mut shaker = Shaker::new(cx, intrinsics, forms, library);
    shaker.run(assumptions);
    shaker.names_anything()
}

struct Shaker<'a> {
    cx: &'a Context,
    intrinsics: &'a Intrinsics,
    forms: &'a [TopForm],
    library: usize,
    purposes: Vec<Purpose>,
    definitions: Definitions,
    /// Forms by the names that they define something for, and by the keys under which that is recorded.
    by_name: NameMap<Symbol, Vec<usize>>,
    world: ClosedWorld,
    needed: Vec<bool>,
    pending: Vec<usize>,
    mentioned: NameSet<Symbol>,
    /// Functions that get into their symbols' function cells.
    installed: NameSet<Symbol>,
    made: TypeSet,
    structures: Structures,
    /// Variables of the library that are nil until they are assigned, and are never bound.
    switches: NameSet<Symbol>,
    packages: bool,
    calls_objects: bool,
    /// Whether the program may look at conditions.
    conditions: bool,
}

impl<'a> Shaker<'a> {
    fn new(cx: &'a Context, intrinsics: &'a Intrinsics, forms: &'a [TopForm], library: usize) -> Self {
        let mut shaker = Self {
            cx,
            intrinsics,
            forms,
            library,
            purposes: Vec::with_capacity(forms.len()),
            definitions: Definitions::of(cx, forms),
            by_name: NameMap::default(),
            world: ClosedWorld::default(),
            needed: vec![false; forms.len()],
            pending: Vec::new(),
            mentioned: NameSet::default(),
            installed: NameSet::default(),
            made: ALWAYS.iter().copied().collect(),
            structures: Structures::new(cx, forms),
            switches: switches(cx, &forms[..library]),
            packages: false,
            calls_objects: false,
            conditions: false,
        };
        shaker.classify();
        shaker
    }

    fn classify(&mut self) {
        for (index, form) in self.forms.iter().enumerate() {
            let purpose = self.purpose(form, index < self.library);
            if let Purpose::Names { names, key } = &purpose {
                for name in names.iter().chain(key) {
                    self.by_name.entry(*name).or_default().push(index);
                }
            }
            self.purposes.push(purpose);
        }
    }

    fn purpose(&self, form: &TopForm, of_library: bool) -> Purpose {
        match form.kind {
            FormKind::Function(symbol, _) if self.definitions.again.contains(&symbol) => Purpose::Effect,
            FormKind::Function(symbol, _) | FormKind::Raw(symbol, _) => Purpose::Function(symbol),
            FormKind::Macro(_) => Purpose::Compiling,
            FormKind::Expression(_) if !of_library && self.defines_package(form) => Purpose::Compiling,
            FormKind::Expression(_) if !of_library && !self.documents(form) => Purpose::Effect,
            FormKind::Expression(Some(symbol)) => Purpose::Names { names: vec![symbol], key: None },
            FormKind::Expression(None) => self.purpose_of(&form.ast.function(Ast::TOPLEVEL).body),
        }
    }

    /// Whether an expression is a `defpackage`: a module has its packages from the start, as they are after the whole program was
    /// compiled. Only what finds things by name could tell the difference, and then everything is there.
    fn defines_package(&self, form: &TopForm) -> bool {
        let define = self.cx.symbols.find(PackageId::CLYSM, "%DEFPACKAGE").map(|(symbol, _)| symbol);
        let NodeKind::Call(Callee::Global(function), args) = &form.ast.function(Ast::TOPLEVEL).body.kind else {
            return false;
        };
        let documentation = args.last().map(|arg| &arg.kind);
        Some(*function) == define
            && matches!(documentation, Some(NodeKind::Literal(literal)) if literal.value.is_nil())
            && args.iter().all(|arg| matches!(arg.kind, NodeKind::Literal(_)))
    }

    /// Whether an expression records a docstring and does nothing else.
    fn documents(&self, form: &TopForm) -> bool {
        let NodeKind::Progn(nodes) = &form.ast.function(Ast::TOPLEVEL).body.kind else { return false };
        let record = self.cx.symbols.find(PackageId::CLYSM, "%SET-DOCUMENTATION").map(|(symbol, _)| symbol);
        matches!(nodes.as_slice(), [Node { kind: NodeKind::Call(Callee::Global(function), _), .. }, value]
            if Some(*function) == record && matches!(value.kind, NodeKind::Literal(_)))
    }

    /// What an expression of the library is for: an assignment for its variable, a call of an internal function with a
    /// name as its first argument for that name.
    fn purpose_of(&self, node: &Node) -> Purpose {
        match &node.kind {
            NodeKind::Literal(_) => Purpose::Names { names: Vec::new(), key: None },
            NodeKind::SetSpecial(symbol, _) => Purpose::Names { names: vec![*symbol], key: None },
            NodeKind::Progn(nodes) => nodes
                .iter()
                .map(|node| self.purpose_of(node))
                .reduce(join)
                .unwrap_or(Purpose::Names { names: Vec::new(), key: None }),
            NodeKind::Call(Callee::Global(function), args)
                if self.cx.symbols.package(*function) == Some(PackageId::CLYSM) =>
            {
                let function = self.cx.symbols.name(*function);
                let name = |index: usize| args.get(index).and_then(literal_symbol);
                match (function, name(0)) {
                    ("%IN-PACKAGE", _) => Purpose::Compiling,
                    ("%SET-INFO" | "%SET-OPERATION", Some(symbol)) => {
                        Purpose::Names { names: vec![symbol], key: name(1) }
                    }
                    (_, Some(symbol)) => Purpose::Names { names: vec![symbol], key: self.recorder_key(function) },
                    (_, None) => Purpose::Effect,
                }
            }
            _ => Purpose::Effect,
        }
    }

    fn recorder_key(&self, function: &str) -> Option<Symbol> {
        let (_, key) = RECORDERS.iter().find(|(name, _)| *name == function)?;
        self.cx.symbols.find(PackageId::KEYWORD, key).map(|(symbol, _)| symbol)
    }

    /// The constants that a form's code gives to errors.
    fn reported(&self, index: usize) -> Reported {
        let mut reported = Reported::default();
        for function in &self.forms[index].ast.functions {
            self.collect_reported(&function.body, &mut reported);
        }
        reported
    }

    fn collect_reported(&self, node: &Node, reported: &mut Reported) {
        if let NodeKind::Call(Callee::Global(function), args) = &node.kind
            && self.cx.symbols.package(*function) == Some(PackageId::CLYSM)
            && let Some((_, index)) = SIGNALLERS.iter().find(|(name, _)| *name == self.cx.symbols.name(*function))
            && let Some(NodeKind::Literal(literal)) = args.get(*index).map(|arg| &arg.kind)
        {
            *reported.entry(literal.value).or_default() += 1;
        }
        node.for_each_child(&mut |child| self.collect_reported(child, reported));
    }

    fn run(&mut self, assumptions: Assumptions) {
        for index in 0..self.forms.len() {
            if self.purposes[index] == Purpose::Effect {
                self.need(index);
            }
        }
        for symbol in linker_calls(self.cx, self.intrinsics) {
            self.need_function(symbol);
        }
        loop {
            let (world, conditions) = match assumptions {
                Assumptions::None => (ClosedWorld::default(), true),
                Assumptions::ClosedWorld => {
                    (self.assume(), self.conditions || self.is_needed(PackageId::CLYSM, USE_CONDITIONS))
                }
            };
            if world == self.world && conditions == self.conditions && self.pending.is_empty() {
                return;
            }
            self.world = world;
            self.conditions = conditions;
            self.pending = (0..self.forms.len()).filter(|index| self.needed[*index]).collect();
            while let Some(index) = self.pending.pop() {
                let references = self.references(index);
                self.follow(index, references);
            }
        }
    }

    /// What may be assumed while only these types are made.
    fn assume(&self) -> ClosedWorld {
        let never_true =
            self.structures.idle_predicates().filter(|symbol| !self.definitions.again.contains(symbol)).collect();
        let mut world =
            ClosedWorld { absent: TypeSet::ALL.difference(self.made), never_true, never_set: self.switches.clone() };
        loop {
            let decider = Decider { cx: self.cx, intrinsics: self.intrinsics, world: &world };
            let found: Vec<Symbol> = self
                .definitions
                .forms
                .iter()
                .filter(|(symbol, _)| !self.definitions.again.contains(symbol) && !world.never_true.contains(symbol))
                .filter(|(_, index)| self.function_of(**index).is_some_and(|f| decider.decide(&f.body) == Some(false)))
                .map(|(symbol, _)| *symbol)
                .collect();
            if found.is_empty() {
                return world;
            }
            world.never_true.extend(found);
        }
    }

    fn function_of(&self, index: usize) -> Option<&LambdaFunction> {
        match self.forms[index].kind {
            FormKind::Function(_, id) | FormKind::Raw(_, id) => Some(self.forms[index].ast.function(id)),
            _ => None,
        }
    }

    fn need(&mut self, index: usize) {
        if !self.needed[index] {
            self.needed[index] = true;
            self.pending.push(index);
        }
    }

    fn add_to(&self, unit: &mut Unit, index: usize) {
        let is_direct = |symbol: Symbol| self.definitions.is_direct(symbol);
        let lowering = Lowering { intrinsics: self.intrinsics, is_direct: &is_direct };
        let decider = Decider { cx: self.cx, intrinsics: self.intrinsics, world: &self.world };
        let mut form = match self.assignment(index) {
            Some(form) => decider.fold(&form),
            None => decider.fold(&self.forms[index]),
        };
        form.kind = self.definitions.kind(form.kind);
        unit.add(self.cx, lowering, &form);
        if let Some(form) = unit.forms.last_mut() {
            self.trim(form);
        }
    }

    /// The definition of a variable of the library without the declaration, which matters to the evaluator only.
    fn assignment(&self, index: usize) -> Option<TopForm> {
        let form = self.forms.get(index).filter(|_| index < self.library)?;
        if !matches!(form.kind, FormKind::Expression(Some(_))) {
            return None;
        }
        let assignment = find_assignment(&form.ast.function(Ast::TOPLEVEL).body)?.clone();
        let mut form = form.clone();
        form.ast.toplevel_mut().body = assignment;
        Some(form)
    }

    /// Takes away what a form's module does not need: the code that would define a function at run time, the entries of
    /// one that is only called directly, and functions that were only referred to from code that can't run.
    fn trim(&self, form: &mut UnitForm) {
        let root = match form.kind {
            FormKind::Function(symbol, id) => {
                form.installed = self.installed.contains(&symbol);
                if !form.installed {
                    let own = form.lowered.functions.iter_mut().filter(|lowered| lowered.id == id);
                    own.for_each(|lowered| lowered.entries = None);
                }
                id
            }
            FormKind::Raw(_, id) => id,
            FormKind::Macro(_) | FormKind::Expression(_) => Ast::TOPLEVEL,
        };
        let live = live_functions(form, root);
        form.lowered.functions.retain(|lowered| live.contains(&lowered.id));
    }

    fn references(&self, index: usize) -> References {
        let mut unit = Unit::default();
        self.add_to(&mut unit, index);
        let mut references = References { assigned: self.assigned(index), ..References::default() };
        unit.forms
            .iter()
            .flat_map(|form| &form.lowered.functions)
            .flat_map(all_code)
            .for_each(|code| references.scan(code));
        references.cells.extend(unit.literals.functions());
        let reported =
            if index < self.library && !self.conditions { self.reported(index) } else { Reported::default() };
        references.forget(&reported);
        let mut visited = NameSet::default();
        for literal in unit.literals.objects() {
            if matches!(literal, Literal::Datum(datum) if reported.contains_key(datum)) {
                references.makes.insert(GcType::Cons);
                continue;
            }
            literal.for_each_part(&self.cx.heap, &mut visited, &mut |part| {
                references.parts.extend(part.as_symbol());
                if index >= self.library
                    && let Some(text) = self.cx.heap.text(part)
                {
                    references.parts.extend(named_functions(self.cx, text));
                }
                references.makes = references.makes.union(types_of(&self.cx.heap, part));
            });
            if matches!(literal, Literal::Symbols(_)) {
                references.makes.insert(GcType::SimpleVector);
            }
        }
        references.parts.extend(unit.literals.mentions());
        references
    }

    /// The variables that a form assigns, or mentions as data; what it defines itself as nil does not count.
    fn assigned(&self, index: usize) -> Vec<Symbol> {
        let form = &self.forms[index];
        if index < self.library && switch(self.cx, form).is_some() {
            return Vec::new();
        }
        let mut assigned = Vec::new();
        let decider = Decider { cx: self.cx, intrinsics: self.intrinsics, world: &self.world };
        for function in &decider.fold(form).ast.functions {
            collect_assigned(&function.body, &mut assigned);
        }
        assigned
    }

    fn follow(&mut self, index: usize, references: References) {
        let of_library = index < self.library;
        self.made = self.made.union(references.makes);
        self.structures.reach(index);
        self.packages |= references.packages;
        references.assigned.iter().for_each(|symbol| {
            self.switches.remove(symbol);
        });
        if references.calls_objects && !self.calls_objects {
            self.calls_objects = true;
            object_calls(self.intrinsics).into_iter().for_each(|symbol| self.need_function(symbol));
        }
        for symbol in references.calls {
            self.need_function(symbol);
        }
        for symbol in references.cells {
            self.install(symbol);
        }
        let own = match &self.purposes[index] {
            Purpose::Names { key, .. } => *key,
            _ => None,
        };
        let is_own = |symbol: &Symbol| Some(*symbol) == own;
        for symbol in &references.symbols {
            if !of_library || self.cx.symbols.package(*symbol) != Some(PackageId::COMMON_LISP) {
                self.install(*symbol);
            }
        }
        if !of_library {
            references.parts.iter().for_each(|symbol| self.install(*symbol));
        }
        for symbol in references.symbols.into_iter().chain(references.parts).filter(|symbol| !is_own(symbol)) {
            if self.mentioned.insert(symbol) {
                self.need_named(symbol);
            }
        }
    }

    fn need_function(&mut self, symbol: Symbol) {
        if let Some(index) = self.definitions.forms.get(&symbol) {
            self.need(*index);
        }
    }

    /// A function that is called through its symbol.
    fn install(&mut self, symbol: Symbol) {
        let Some(index) = self.definitions.forms.get(&symbol).copied() else { return };
        if self.installed.insert(symbol) && self.needed[index] {
            // Its entries are needed too, now.
            self.pending.push(index);
        }
        self.need(index);
    }

    /// The forms for a name that is mentioned, or whose key that is.
    fn need_named(&mut self, symbol: Symbol) {
        for index in self.by_name.get(&symbol).cloned().unwrap_or_default() {
            if let Purpose::Names { names, key } = &self.purposes[index]
                && names.iter().any(|name| self.mentioned.contains(name))
                && key.is_none_or(|key| self.mentioned.contains(&key))
            {
                self.need(index);
            }
        }
    }

    /// Whether the program can name what it does not mention.
    fn names_anything(&self) -> bool {
        NAMING.iter().any(|(package, name)| self.is_needed(*package, name))
    }

    /// Whether a function of the library is needed.
    fn is_needed(&self, package: PackageId, name: &str) -> bool {
        self.cx
            .symbols
            .find(package, name)
            .and_then(|(symbol, _)| self.definitions.forms.get(&symbol))
            .is_some_and(|index| self.needed[*index])
    }

    fn unit(&self, packages: Datum) -> Unit {
        let mut unit = Unit { is_program: true, calls_objects: self.calls_objects, ..Unit::default() };
        unit.literals.coalesce();
        if self.packages {
            unit.packages = Some(unit.literals.add(&self.cx.heap, packages));
        }
        for index in (0..self.forms.len()).filter(|index| self.needed[*index]) {
            self.add_to(&mut unit, index);
        }
        unit
    }

    fn everything(&self, packages: Datum) -> Unit {
        let unit = complete_unit(self.cx, self.intrinsics, self.forms, packages);
        Unit { is_program: true, ..unit }
    }
}

impl References {
    /// Takes back mentions of names that are only given to errors.
    fn forget(&mut self, reported: &Reported) {
        let mut left = reported.clone();
        self.symbols.retain(|symbol| match left.get_mut(&Datum::Symbol(*symbol)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }

    fn scan(&mut self, code: &CompiledFunction) {
        self.makes = self.makes.union(code.makes);
        self.calls_objects |= code.calls_objects;
        for relocation in &code.relocations {
            match relocation.target {
                Target::Function(FunctionRef::Global(symbol)) => self.calls.push(symbol),
                Target::Global(GlobalRef::Symbol(symbol)) => self.symbols.push(symbol),
                Target::StaticData(StaticData::Packages) => self.packages = true,
                _ => {}
            }
        }
    }
}

/// A function's code, its entries' included.
fn all_code(lowered: &LoweredFunction) -> impl Iterator<Item = &CompiledFunction> {
    let entries = lowered.entries.iter().flat_map(|entries| entries.by_table.values());
    let adaptors = entries.filter_map(|entry| match entry {
        EntryCode::Adaptor(code) => Some(&**code),
        EntryCode::Function | EntryCode::Pack => None,
    });
    std::iter::once(&lowered.code).chain(adaptors)
}

/// The functions of a form that one of them refers to, directly or not, and those that compute load-time values.
fn live_functions(form: &UnitForm, root: FunctionId) -> NameSet<FunctionId> {
    let mut live = NameSet::default();
    let mut pending: Vec<FunctionId> = std::iter::once(root).chain(form.lowered.load_time_values.clone()).collect();
    while let Some(id) = pending.pop() {
        if !live.insert(id) {
            continue;
        }
        for code in form.lowered.functions.iter().filter(|lowered| lowered.id == id).flat_map(all_code) {
            pending.extend(code.relocations.iter().filter_map(|relocation| match relocation.target {
                Target::Function(FunctionRef::Local(id))
                | Target::Global(GlobalRef::StaticFunction(id))
                | Target::CodeIndex(id) => Some(id),
                _ => None,
            }));
        }
    }
    live
}

/// What two parts of an expression are for.
fn join(left: Purpose, right: Purpose) -> Purpose {
    match (left, right) {
        (Purpose::Names { names, .. }, other) | (other, Purpose::Names { names, .. }) if names.is_empty() => other,
        (Purpose::Names { names: mut all, key }, Purpose::Names { names, key: other }) => {
            all.extend(names);
            Purpose::Names { names: all, key: key.filter(|key| Some(*key) == other) }
        }
        _ => Purpose::Effect,
    }
}

/// The variables that library forms define as nil and that are never bound.
fn switches(cx: &Context, library: &[TopForm]) -> NameSet<Symbol> {
    library.iter().filter_map(|form| switch(cx, form)).collect()
}

fn switch(cx: &Context, form: &TopForm) -> Option<Symbol> {
    let FormKind::Expression(Some(symbol)) = form.kind else { return None };
    let is_global = cx.world.facts(symbol).variable == VariableFact::Global;
    match &find_assignment(&form.ast.function(Ast::TOPLEVEL).body)?.kind {
        NodeKind::SetSpecial(_, value) if is_global => {
            matches!(&value.kind, NodeKind::Literal(literal) if literal.is_nil()).then_some(symbol)
        }
        _ => None,
    }
}

fn collect_assigned(node: &Node, assigned: &mut Vec<Symbol>) {
    match &node.kind {
        NodeKind::SetSpecial(symbol, _) => assigned.push(*symbol),
        NodeKind::Literal(literal) => assigned.extend(literal.value.as_symbol()),
        _ => {}
    }
    node.for_each_child(&mut |child| collect_assigned(child, assigned));
}

/// The assignment in what `defvar`, `defparameter` and `defglobal` stand for.
fn find_assignment(node: &Node) -> Option<&Node> {
    match &node.kind {
        NodeKind::SetSpecial(..) => Some(node),
        NodeKind::Progn(nodes) => nodes.iter().find_map(find_assignment),
        NodeKind::If(_, then, _) => find_assignment(then),
        _ => None,
    }
}

fn literal_symbol(node: &Node) -> Option<Symbol> {
    match &node.kind {
        NodeKind::Literal(literal) => literal.value.as_symbol(),
        _ => None,
    }
}
