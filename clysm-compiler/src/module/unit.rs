//! Forms that become one module, and how they get there: each is lowered with the unit's literals.

use std::collections::BTreeMap;

use clysm_ast::FunctionId;
use clysm_reader::{Datum, Symbol};

use crate::context::{Context, FormKind, TopForm};
use crate::definitions::Definitions;
use crate::literals::LiteralPool;
use crate::lower::{Intrinsics, LowerContext, LoweredForm, lower_form};

/// A form ready to be linked.
#[derive(Clone, Debug)]
pub struct UnitForm {
    /// What it is.
    pub kind: FormKind,
    /// Its code.
    pub lowered: LoweredForm,
    /// The names of its functions that have one.
    pub names: BTreeMap<FunctionId, Symbol>,
    /// For the definition of a function: whether it gets into the symbol's function cell. Otherwise it is only called
    /// directly.
    pub installed: bool,
}

/// Forms that become one module.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The forms in order.
    pub forms: Vec<UnitForm>,
    /// Their literals.
    pub literals: LiteralPool,
    /// For a root module: the number of the literal that describes the packages, where a form asks for it.
    pub packages: Option<u32>,
    /// Whether a root module brings all symbols of its packages, beyond those that its code refers to.
    pub all_symbols: bool,
    /// Whether anything calls function objects. Otherwise a root module has no entries for them.
    pub calls_objects: bool,
    /// Whether the module names its functions, for stack traces.
    pub function_names: bool,
    /// Whether the module is a program, which ends when its forms have run.
    pub is_program: bool,
    /// For a root module: paths and texts that it keeps.
    pub sources: Vec<(String, String)>,
    /// Whether the module exports its functions for direct calls by others, a root module with all that an image provides.
    pub export_definitions: bool,
}

/// How the forms of a unit are lowered.
#[derive(Clone, Copy)]
pub struct Lowering<'a> {
    /// Inline functions and runtime functions.
    pub intrinsics: &'a Intrinsics,
    /// Whether calls of a global function go to its Wasm function directly.
    pub is_direct: &'a dyn Fn(Symbol) -> bool,
}

impl Unit {
    /// A unit for a root module in which everything can be found by name at run time. `packages` describes the packages.
    #[must_use]
    pub fn complete(cx: &Context, packages: Datum) -> Self {
        let mut unit = Self { all_symbols: true, calls_objects: true, function_names: true, ..Self::default() };
        unit.literals.coalesce();
        unit.packages = Some(unit.literals.add(&cx.heap, packages));
        unit
    }

    /// Lowers a form and adds it.
    pub fn add(&mut self, cx: &Context, lowering: Lowering, form: &TopForm) {
        let own = defined_function(form.kind);
        let inlined = own.filter(|symbol| !cx.world.facts(*symbol).notinline);
        let is_direct = |symbol: Symbol| inlined == Some(symbol) || (lowering.is_direct)(symbol);
        // What a program calls in the library comes back soon; but APPLY may call what called it.
        let in_program = !own.is_some_and(|own| cx.is_system(own));
        let apply = cx.names.known.apply;
        let keeps_frame = |symbol: Symbol| in_program && symbol != apply && cx.is_system(symbol);
        let mut context = LowerContext {
            cx,
            intrinsics: lowering.intrinsics,
            is_direct: &is_direct,
            keeps_frame: &keeps_frame,
            literals: &mut self.literals,
        };
        let lowered = lower_form(&mut context, &form.ast);
        let names = (0..)
            .map(FunctionId)
            .zip(&form.ast.functions)
            .filter_map(|(id, function)| function.name.map(|name| (id, name)))
            .collect();
        self.forms.push(UnitForm { kind: form.kind, lowered, names, installed: true });
    }

    /// Lowers forms and adds them: the definitions of a function that is defined again take effect when they run.
    fn add_all(&mut self, cx: &Context, lowering: Lowering, forms: &[TopForm], definitions: &Definitions) {
        for form in forms {
            match definitions.kind(form.kind) {
                kind if kind == form.kind => self.add(cx, lowering, form),
                kind => self.add(cx, lowering, &TopForm { kind, ..form.clone() }),
            }
        }
    }
}

/// The unit of a root module of all forms, in which everything can be found by name at run time.
#[must_use]
pub fn complete_unit(cx: &Context, intrinsics: &Intrinsics, forms: &[TopForm], packages: Datum) -> Unit {
    let definitions = Definitions::of(cx, forms);
    let is_direct = |symbol: Symbol| definitions.is_direct(symbol);
    let lowering = Lowering { intrinsics, is_direct: &is_direct };
    let mut unit = Unit::complete(cx, packages);
    unit.add_all(cx, lowering, forms, &definitions);
    unit
}

/// The unit of a compiled file: forms that call those functions of the library directly which `is_library` names.
#[must_use]
pub fn file_unit(
    cx: &Context,
    intrinsics: &Intrinsics,
    forms: &[TopForm],
    is_library: &dyn Fn(Symbol) -> bool,
) -> Unit {
    let own = Definitions::of(cx, forms);
    let is_direct = |symbol: Symbol| is_library(symbol) && !own.defines(symbol);
    let lowering = Lowering { intrinsics, is_direct: &is_direct };
    let mut unit = Unit { calls_objects: true, ..Unit::default() };
    unit.literals.coalesce();
    unit.add_all(cx, lowering, forms, &own);
    unit
}

/// The global function that a form defines.
#[must_use]
pub const fn defined_function(kind: FormKind) -> Option<Symbol> {
    match kind {
        FormKind::Function(symbol, _) | FormKind::Raw(symbol, _) => Some(symbol),
        FormKind::Macro(_) | FormKind::Expression(_) => None,
    }
}
