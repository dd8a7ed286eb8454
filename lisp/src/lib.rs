//! clysm-lisp
