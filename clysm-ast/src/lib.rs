//! The abstract syntax tree that both compilers share: what a form means after macroexpansion, with every name
//! resolved, every lexical variable unique and every exit attached to its target.
//!
//! One [`Ast`] holds one toplevel form: arenas of variables, functions, exit points, and the trees between them.
//! [`verify`] checks the invariants that lowering relies on.
//!
//! ```
//! use clysm_ast::{Ast, AstLiteral, LiteralType, Node, NodeKind};
//! use clysm_reader::Datum;
//!
//! let mut ast = Ast::new();
//! let literal = AstLiteral::new(Datum::Fixnum(42));
//! assert_eq!(literal.literal_type, LiteralType::Fixnum);
//! ast.toplevel_mut().body = Node::unlocated(NodeKind::Literal(literal));
//! assert_eq!(clysm_ast::verify(&ast), Ok(()));
//! ```

mod literal;
mod node;
mod tree;
mod verify;

pub use literal::{AstLiteral, FIXNUM_MAX, FIXNUM_MIN, LiteralType};
pub use node::{Callee, Node, NodeKind};
pub use tree::{
    Ast, Block, BlockId, FunctionId, Keyword, LambdaFunction, Optional, Parameters, Representation, Tagbody, TagbodyId,
    Variable, VariableId,
};
pub use verify::{VerifyError, verify};
