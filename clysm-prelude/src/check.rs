//! Analysis of a program that is compiled against preludes, before anything of it runs.

use std::collections::{BTreeSet, HashSet};

use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_compiler::primitives::{Operation, SpecialOperation, TypedOperation};
use clysm_compiler::world::Signature;
use clysm_gc_types::GcType;
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, Span};
use thiserror::Error;

use crate::error::{did_you_mean, with_hint};
use crate::export::{Export, Kind};
use crate::names::full_name;
use crate::preludes::Preludes;
use crate::protected::{Target, changed};
use crate::references::{Access, Argument, Call, Count, Mention, Position, PrimitiveUse, References, requirement};

/// What is wrong with a program. Symbols are written as Lisp writes them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum AnalysisErrorKind {
    /// A name that a prelude keeps to itself.
    #[error("{name} is private to its prelude: {package} does not export it to programs")]
    PrivateReference {
        /// The symbol.
        name: String,
        /// The package.
        package: String,
        /// Exports that are similar.
        similar: Vec<String>,
    },
    /// A name that a prelude's package does not have.
    #[error("{package} has no export {name}")]
    MissingExport {
        /// The symbol.
        name: String,
        /// The package.
        package: String,
        /// Exports that are similar.
        similar: Vec<String>,
    },
    /// An internal name of the system.
    #[error("{name} is internal to the system")]
    SystemInternal {
        /// The symbol.
        name: String,
    },
    /// A definition of a name that is not the program's.
    #[error("a program can't define or change {name}, which belongs to a locked package")]
    Redefinition {
        /// The symbol.
        name: String,
    },
    /// A change of a package that is not the program's, or work within it.
    #[error("a program can't change package {package}, or be in it")]
    LockedPackage {
        /// The package.
        package: String,
    },
    /// An assignment or a binding of a prelude's variable.
    #[error("{name} belongs to a prelude and can't be {}", match .access {
        Access::Bind => "bound",
        Access::Assign | Access::Read => "assigned",
    })]
    Assignment {
        /// The symbol.
        name: String,
        /// What is done to it.
        access: Access,
    },
    /// A call with too few or too many arguments.
    #[error("{name} takes {expected}, got {given}")]
    ArgumentCount {
        /// The symbol.
        name: String,
        /// What it takes.
        expected: String,
        /// What the call has.
        given: String,
    },
    /// A constant that is called with arguments.
    #[error("{name} is a constant: a call of it takes no arguments and yields its value, got {given}")]
    ConstantCall {
        /// The symbol.
        name: String,
        /// What the call has.
        given: String,
    },
    /// A keyword that the function does not take.
    #[error("{name} has no keyword parameter {keyword}")]
    UnknownKeyword {
        /// The symbol.
        name: String,
        /// The keyword.
        keyword: String,
        /// Keywords that are similar.
        similar: Vec<String>,
    },
    /// A keyword without a value.
    #[error("{name} is called with an odd number of keyword arguments")]
    OddKeywords {
        /// The symbol.
        name: String,
    },
    /// A condition type that is called, or used as a variable.
    #[error("{name} is a condition type, and neither a function nor a variable")]
    ConditionType {
        /// The symbol.
        name: String,
    },
    /// An operation beneath Lisp.
    #[error("the primitive {name} is not for programs")]
    Primitive {
        /// The primitive.
        name: String,
    },
    /// A constant that is an object of the image.
    #[error("a constant is a live object of the compiler's image, which a program can't have")]
    LiveObject,
    /// Something that can't be the name of a tool.
    #[error("{name:?} can't be the name of a tool")]
    ToolName {
        /// The name.
        name: String,
    },
}

impl AnalysisErrorKind {
    /// The diagnostic code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PrivateReference { .. } => "private-reference",
            Self::MissingExport { .. } => "missing-export",
            Self::SystemInternal { .. } => "system-internal",
            Self::Redefinition { .. } => "redefinition",
            Self::LockedPackage { .. } => "locked-package",
            Self::Assignment { .. } => "assigned-export",
            Self::ArgumentCount { .. } | Self::ConstantCall { .. } => "wrong-argument-count",
            Self::UnknownKeyword { .. } => "unknown-keyword",
            Self::OddKeywords { .. } => "odd-keyword-arguments",
            Self::ConditionType { .. } => "condition-type",
            Self::Primitive { .. } => "forbidden-primitive",
            Self::LiveObject => "live-object",
            Self::ToolName { .. } => "tool-name",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::PrivateReference { similar, .. }
            | Self::MissingExport { similar, .. }
            | Self::UnknownKeyword { similar, .. } => did_you_mean(similar),
            _ => None,
        }
    }
}

/// What is wrong with a program, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct AnalysisError {
    /// What is wrong.
    pub kind: AnalysisErrorKind,
    /// Where.
    pub span: Span,
    /// Where the name is defined that it is about.
    pub definition: Span,
}

impl AnalysisError {
    /// The diagnostic for it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.kind.code(), self.kind.to_string())
            .at(self.span, "")
            .also(self.definition, "defined here");
        with_hint(diagnostic, self.kind.hint())
    }
}

/// A program, compiled and not yet run.
pub struct Program<'a> {
    /// The compiler's state after the program.
    pub cx: &'a Context,
    /// The program's forms.
    pub forms: &'a [TopForm],
    /// The symbols that stand in its text, with their places.
    pub read: &'a [(Symbol, Span)],
    /// The preludes that it may use.
    pub preludes: &'a Preludes,
    /// The system's packages: a program defines nothing there, and its text has none of their internal names.
    pub system: &'a BTreeSet<PackageId>,
}

impl Program<'_> {
    /// Checks the program against the exports of its preludes, dead branches and functions that nobody calls included, and
    /// returns what it refers to, for [`guard`](crate::guard()).
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the places.
    pub fn analyse(&self) -> Result<References, Vec<AnalysisError>> {
        let mut analysis = Analysis { program: self, cx: self.cx, read: HashSet::new(), errors: Vec::new() };
        analysis.text();
        let mut all = References::default();
        for form in self.forms {
            let references = References::of(self.cx, form);
            analysis.form(form, &references);
            all.extend(references);
        }
        let mut errors = analysis.errors;
        if errors.is_empty() {
            return Ok(all);
        }
        errors.sort_by(|left, right| (left.span, &left.kind).cmp(&(right.span, &right.kind)));
        errors.dedup();
        Err(errors)
    }
}

struct Analysis<'a> {
    program: &'a Program<'a>,
    cx: &'a Context,
    /// The symbols of the text that were told about.
    read: HashSet<Symbol>,
    errors: Vec<AnalysisError>,
}

impl Analysis<'_> {
    fn error(&mut self, kind: AnalysisErrorKind, span: Span, about: Option<Symbol>) {
        let definition = about.and_then(|symbol| self.program.preludes.definition(symbol)).unwrap_or_default();
        self.errors.push(AnalysisError { kind, span, definition });
    }

    fn name(&self, symbol: Symbol) -> String {
        full_name(&self.cx.symbols, symbol)
    }

    /// Checks the names in the text.
    fn text(&mut self) {
        for (symbol, span) in self.program.read {
            if self.not_for_programs(*symbol, *span) {
                self.read.insert(*symbol);
            }
            let home = self.cx.symbols.package(*symbol).filter(|home| self.program.system.contains(home));
            let is_external = |home| self.cx.symbols.find_external(home, self.cx.symbols.name(*symbol)).is_some();
            if home.is_some_and(|home| !is_external(home)) {
                let name = self.name(*symbol);
                self.error(AnalysisErrorKind::SystemInternal { name }, *span, None);
            }
        }
    }

    /// Whether a symbol is a prelude's and not public, which is an error. There are no records of `(setf name)`: programs can't use
    /// such functions of preludes.
    fn not_for_programs(&mut self, symbol: Symbol, span: Span) -> bool {
        let preludes = self.program.preludes;
        let Some(package) = preludes.home(self.cx, symbol).filter(|_| !preludes.is_public(symbol)) else {
            return false;
        };
        let similar = preludes.nearest(self.cx, package, self.cx.symbols.name(symbol));
        let (name, package) = (self.name(symbol), self.cx.symbols.package_name(package).to_owned());
        let kind = match preludes.definition(symbol) {
            Some(_) => AnalysisErrorKind::PrivateReference { name, package, similar },
            None => {
                let name = self.cx.symbols.name(symbol).to_owned();
                AnalysisErrorKind::MissingExport { name, package, similar }
            }
        };
        self.error(kind, span, Some(symbol));
        true
    }

    fn form(&mut self, form: &TopForm, references: &References) {
        let own = |span: Span| span.or(form.span);
        let mentions = references.mentions.iter().map(|mention| (mention.symbol, mention.span));
        let variables = references.variables.iter().map(|variable| (variable.symbol, variable.span));
        for (symbol, span) in mentions.chain(variables) {
            if !self.read.contains(&symbol) {
                self.not_for_programs(symbol, own(span));
            }
        }
        self.definitions(form, references);
        self.assignments(references);
        self.condition_types(form, references);
        for call in &references.calls {
            self.call(call, own(call.span));
        }
        for primitive in references.primitives.iter().filter(|primitive| !is_allowed(self.cx, primitive)) {
            let known = self.cx.primitives.get(usize::from(primitive.op));
            let name = known.map_or_else(String::new, |known| known.name.clone());
            self.error(AnalysisErrorKind::Primitive { name }, own(primitive.span), None);
        }
        for span in &references.live_objects {
            self.error(AnalysisErrorKind::LiveObject, own(*span), None);
        }
        for invocation in references.invocations.iter().filter(|call| requirement(&call.import).is_none()) {
            let name = invocation.import.name.clone();
            self.error(AnalysisErrorKind::ToolName { name }, own(invocation.span), None);
        }
    }

    /// Whether a name belongs to a package that is not the program's.
    fn is_locked(&self, symbol: Symbol) -> bool {
        let base = self.cx.symbols.setf_base(symbol).unwrap_or(symbol);
        self.cx.symbols.package(base).is_some_and(|home| self.is_locked_package(home))
    }

    fn is_locked_package(&self, package: PackageId) -> bool {
        self.program.preludes.packages().contains(&package) || self.program.system.contains(&package)
    }

    fn definitions(&mut self, form: &TopForm, references: &References) {
        let defined = match form.kind {
            FormKind::Function(symbol, _) | FormKind::Raw(symbol, _) | FormKind::Macro(symbol) => Some(symbol),
            FormKind::Expression(symbol) => symbol,
        };
        let calls = references.calls.iter().flat_map(|call| {
            let span = call.span.or(form.span);
            changed(self.cx, call).into_iter().map(move |target| (target, span))
        });
        let defined = defined.map(|symbol| (Target::Name(symbol), form.span));
        let targets: Vec<(Target, Span)> = defined.into_iter().chain(calls).collect();
        let mut told = HashSet::new();
        for (target, span) in targets {
            match target {
                Target::Name(symbol) if self.is_locked(symbol) && told.insert(symbol) => {
                    let name = self.name(symbol);
                    self.error(AnalysisErrorKind::Redefinition { name }, span, Some(symbol));
                }
                Target::Package(package) if self.is_locked_package(package) => {
                    let package = self.cx.symbols.package_name(package).to_owned();
                    self.error(AnalysisErrorKind::LockedPackage { package }, span, None);
                }
                Target::Name(_) | Target::Package(_) => {}
            }
        }
    }

    /// Variables of the system are rebound by many of its macros; which of them change nothing that matters is the business of
    /// its locks at run time.
    fn assignments(&mut self, references: &References) {
        let changed = references.variables.iter().filter(|variable| variable.access != Access::Read);
        let changed = changed.map(|variable| (variable.symbol, variable.access, variable.span));
        let by_progv = references.progv.iter().map(|(symbol, span)| (*symbol, Access::Bind, *span));
        for (symbol, access, span) in changed.chain(by_progv) {
            if self.program.preludes.home(self.cx, symbol).is_some() {
                let name = self.name(symbol);
                self.error(AnalysisErrorKind::Assignment { name, access }, span, Some(symbol));
            }
        }
    }

    fn condition_types(&mut self, form: &TopForm, references: &References) {
        let is_function = |mention: &&Mention| matches!(mention.position, Position::Called | Position::Function);
        let functions = references.mentions.iter().filter(is_function).map(|mention| (mention.symbol, mention.span));
        let variables = references.variables.iter().map(|variable| (variable.symbol, variable.span));
        for (symbol, span) in functions.chain(variables) {
            if self.program.preludes.is_condition(symbol) {
                let name = self.name(symbol);
                self.error(AnalysisErrorKind::ConditionType { name }, span.or(form.span), Some(symbol));
            }
        }
    }

    fn call(&mut self, call: &Call, span: Span) {
        let Some(export) = self.program.preludes.export(call.function) else { return };
        let kind = self.count_error(export, call).or_else(|| {
            let signature = self.cx.world.signature(call.function).filter(|_| export.kind == Kind::Function)?;
            self.keyword_error(call, signature)
        });
        if let Some(kind) = kind {
            self.error(kind, span, Some(call.function));
        }
    }

    fn count_error(&self, export: &Export, call: &Call) -> Option<AnalysisErrorKind> {
        let (fits, given) = match call.count {
            Count::Exactly(count) => (export.accepts(count), count.to_string()),
            Count::AtLeast(count) => (export.max_arity.is_none_or(|max| count <= max), format!("at least {count}")),
        };
        if fits {
            return None;
        }
        let name = self.name(call.function);
        Some(match export.kind {
            Kind::Constant => AnalysisErrorKind::ConstantCall { name, given },
            Kind::Function => AnalysisErrorKind::ArgumentCount { name, expected: export.expected(), given },
        })
    }

    fn keyword_error(&self, call: &Call, signature: &Signature) -> Option<AnalysisErrorKind> {
        let Count::Exactly(_) = call.count else { return None };
        let first = (signature.required + signature.optional) as usize;
        let arguments = call.arguments.get(first..).filter(|_| signature.accepts_keywords)?;
        let name = || self.name(call.function);
        if !arguments.len().is_multiple_of(2) {
            return Some(AnalysisErrorKind::OddKeywords { name: name() });
        }
        let keys = || {
            arguments.iter().step_by(2).filter_map(|argument| match argument {
                Argument::Literal(value) => Some(*value),
                Argument::Function(_) | Argument::Closure(_) | Argument::Other => None,
            })
        };
        let allows = |key: Datum| key.as_symbol().is_some_and(|key| self.cx.symbols.name(key) == "ALLOW-OTHER-KEYS");
        if signature.allow_other_keys || keys().any(allows) {
            return None;
        }
        let is_known = |key: &Datum| key.as_symbol().is_some_and(|key| signature.keywords.contains(&key));
        let unknown = keys().find(|key| !is_known(key))?;
        let keyword = clysm_reader::prin1(&self.cx.heap, &self.cx.symbols, unknown);
        let known = signature.keywords.iter().map(|keyword| self.cx.symbols.name(*keyword));
        let similar = clysm_reader::nearest(keyword.trim_start_matches(':'), known);
        let similar = similar.into_iter().map(|keyword| format!(":{keyword}")).collect();
        Some(AnalysisErrorKind::UnknownKeyword { name: name(), keyword, similar })
    }
}

/// Whether a program may use a primitive. These are what the compiler and the macros of the library expand into in programs; all
/// others reach beneath Lisp's objects.
fn is_allowed(cx: &Context, primitive: &PrimitiveUse) -> bool {
    let is = |types: &[GcType]| types.iter().any(|ty| ty.index() == u32::from(primitive.immediates[0]));
    match cx.primitives.get(usize::from(primitive.op)).map(|known| &known.operation) {
        Some(Operation::Named(_)) => true,
        Some(Operation::Special(operation)) => matches!(
            operation,
            SpecialOperation::Unsupplied
                | SpecialOperation::Unbound
                | SpecialOperation::IsFixnum
                | SpecialOperation::Funcall
        ),
        Some(Operation::Typed(operation)) => match operation {
            // What something is tells nothing else of it.
            TypedOperation::Is => true,
            TypedOperation::ArrayRef | TypedOperation::ArraySet | TypedOperation::ArrayNew => {
                is(&[GcType::Instance, GcType::SimpleVector])
            }
            TypedOperation::ArrayLength => is(&[GcType::Instance, GcType::SimpleVector, GcType::String]),
            TypedOperation::Possible
            | TypedOperation::New
            | TypedOperation::Get
            | TypedOperation::Set
            | TypedOperation::ArrayCopy
            | TypedOperation::ArrayFill => false,
        },
        Some(Operation::Numeric(_) | Operation::Import(_)) | None => false,
    }
}
