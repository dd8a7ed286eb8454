//! The arenas of one toplevel form.

use clysm_reader::Symbol;

use crate::Node;

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its arena.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A lexical variable of an [`Ast`].
    VariableId
}
id! {
    /// A function of an [`Ast`].
    FunctionId
}
id! {
    /// A block of an [`Ast`].
    BlockId
}
id! {
    /// A tagbody of an [`Ast`].
    TagbodyId
}

/// How a value travels in Wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Representation {
    /// A Lisp object: `(ref eq)`.
    Object,
    /// A fixnum as an `i32` within 31 bits.
    Fixnum,
    /// An `i32`, as a Lisp integer signed.
    I32,
    /// An `i64`, as a Lisp integer signed.
    I64,
    /// An `f32`.
    F32,
    /// An `f64`.
    F64,
    /// An `i32` that is zero for false.
    Condition,
}

/// A lexical variable. Every binding has its own.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name in the source.
    pub name: Symbol,
    /// The function whose invocation binds it.
    pub owner: FunctionId,
    /// A representation that declarations guarantee.
    pub declared: Option<Representation>,
    /// The kind of simple vector that declarations promise, by the number of its type. A hint: code must still check.
    pub vector: Option<u16>,
    /// Whether anything assigns it after its binding.
    pub assigned: bool,
    /// Whether a function other than its owner refers to it.
    pub captured: bool,
    /// How many expressions read it.
    pub reads: u32,
}

/// An optional parameter: the variable that receives the argument or the missing-argument marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Optional {
    /// The parameter.
    pub variable: VariableId,
}

/// A keyword parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The name in calls.
    pub keyword: Symbol,
    /// The variable that receives the argument or the missing-argument marker.
    pub variable: VariableId,
}

/// The parameters of a function, in the order in which its Wasm function takes them. Default values, supplied-p
/// variables, `&aux` and special bindings are part of the body.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// Required parameters.
    pub required: Vec<VariableId>,
    /// `&optional` parameters.
    pub optional: Vec<Optional>,
    /// The `&rest` parameter.
    pub rest: Option<VariableId>,
    /// `&key` parameters.
    pub keywords: Vec<Keyword>,
    /// Whether `&key` is present, even without parameters.
    pub accepts_keywords: bool,
    /// Whether `&allow-other-keys` is present.
    pub allow_other_keys: bool,
}

impl Parameters {
    /// Every parameter variable in calling order.
    pub fn variables(&self) -> impl Iterator<Item = VariableId> + '_ {
        let required = self.required.iter().copied();
        let optional = self.optional.iter().map(|optional| optional.variable);
        let keywords = self.keywords.iter().map(|keyword| keyword.variable);
        required.chain(optional).chain(self.rest).chain(keywords)
    }

    /// The number of required parameters.
    #[must_use]
    pub fn min_count(&self) -> u32 {
        u32::try_from(self.required.len()).unwrap_or(u32::MAX)
    }

    /// The largest argument count, none when there is no limit.
    #[must_use]
    pub fn max_count(&self) -> Option<u32> {
        if self.rest.is_some() || self.accepts_keywords {
            return None;
        }
        u32::try_from(self.required.len() + self.optional.len()).ok()
    }
}

/// A function: a lambda expression, a local function, or the toplevel form itself.
#[derive(Clone, Debug)]
pub struct LambdaFunction {
    /// Its name, for error messages and stack traces.
    pub name: Option<Symbol>,
    /// The function it is written in; the toplevel function has none.
    pub parent: Option<FunctionId>,
    /// Its parameters.
    pub parameters: Parameters,
    /// Its body.
    pub body: Node,
    /// Whether its function object is needed, beyond direct calls.
    pub escapes: bool,
    /// For a function of `flet` or `labels`: the variable that holds its function object if it escapes.
    pub holder: Option<VariableId>,
    /// For a function with a raw Wasm signature: the parameters' and the result's representations.
    pub raw: Option<(Vec<Representation>, Representation)>,
}

/// An exit point made by `block`.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its name.
    pub name: Symbol,
    /// The function it stands in.
    pub owner: FunctionId,
    /// Set when another function exits through it: the variable that holds its identity at run time.
    pub token: Option<VariableId>,
}

/// The tags of a `tagbody`.
#[derive(Clone, Debug)]
pub struct Tagbody {
    /// The function it stands in.
    pub owner: FunctionId,
    /// Set when another function jumps into it: the variable that holds its identity at run time.
    pub token: Option<VariableId>,
}

/// One toplevel form.
#[derive(Clone, Debug)]
pub struct Ast {
    /// Every lexical variable.
    pub variables: Vec<Variable>,
    /// Every function; the first is the toplevel form, without parameters.
    pub functions: Vec<LambdaFunction>,
    /// Every block.
    pub blocks: Vec<Block>,
    /// Every tagbody.
    pub tagbodies: Vec<Tagbody>,
    /// The functions, without parameters, that compute `load-time-value` forms.
    pub load_time_values: Vec<FunctionId>,
}

impl Ast {
    /// The toplevel function.
    pub const TOPLEVEL: FunctionId = FunctionId(0);

    /// An empty form whose value is nil.
    #[must_use]
    pub fn new() -> Self {
        let toplevel = LambdaFunction {
            name: None,
            parent: None,
            parameters: Parameters::default(),
            body: Node::nil(),
            escapes: false,
            holder: None,
            raw: None,
        };
        Self {
            variables: Vec::new(),
            functions: vec![toplevel],
            blocks: Vec::new(),
            tagbodies: Vec::new(),
            load_time_values: Vec::new(),
        }
    }

    /// The toplevel function.
    #[must_use]
    pub fn toplevel_mut(&mut self) -> &mut LambdaFunction {
        &mut self.functions[0]
    }

    /// A variable.
    #[must_use]
    pub fn variable(&self, id: VariableId) -> &Variable {
        &self.variables[id.index()]
    }

    /// A function.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> &LambdaFunction {
        &self.functions[id.index()]
    }

    /// A block.
    #[must_use]
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }

    /// A tagbody.
    #[must_use]
    pub fn tagbody(&self, id: TagbodyId) -> &Tagbody {
        &self.tagbodies[id.index()]
    }

    /// Adds a variable.
    pub fn add_variable(&mut self, name: Symbol, owner: FunctionId) -> VariableId {
        let id = VariableId(next_index(self.variables.len()));
        self.variables.push(Variable {
            name,
            owner,
            declared: None,
            vector: None,
            assigned: false,
            captured: false,
            reads: 0,
        });
        id
    }

    /// Adds a function without parameters or body.
    pub fn add_function(&mut self, name: Option<Symbol>, parent: Option<FunctionId>) -> FunctionId {
        let id = FunctionId(next_index(self.functions.len()));
        self.functions.push(LambdaFunction {
            name,
            parent,
            parameters: Parameters::default(),
            body: Node::nil(),
            escapes: false,
            holder: None,
            raw: None,
        });
        id
    }

    /// Adds a block.
    pub fn add_block(&mut self, name: Symbol, owner: FunctionId) -> BlockId {
        let id = BlockId(next_index(self.blocks.len()));
        self.blocks.push(Block { name, owner, token: None });
        id
    }

    /// Adds a tagbody.
    pub fn add_tagbody(&mut self, owner: FunctionId) -> TagbodyId {
        let id = TagbodyId(next_index(self.tagbodies.len()));
        self.tagbodies.push(Tagbody { owner, token: None });
        id
    }
}

impl Default for Ast {
    fn default() -> Self {
        Self::new()
    }
}

/// Arena positions fit 32 bits: each takes more than one octet of source, and sources are limited to 4 GiB.
fn next_index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
