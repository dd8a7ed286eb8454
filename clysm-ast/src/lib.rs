//! clysm-ast
