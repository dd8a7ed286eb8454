//! Capability preludes: programs that nobody trusts, run against an interface that somebody wrote for them.
//!
//! A *prelude* is Lisp source of whoever deploys: packages whose exported definitions wrap the *tools* of a host. A *program* is compiled
//! against it and can do nothing else: it names exports, these call tools, and before any of it runs the host knows which tools it can
//! reach, that its calls fit, and that a policy grants them.
//!
//! ```
//! use clysm::Engine;
//! use clysm::prelude::{HostPolicy, Prelude, Tools, attach};
//!
//! let prelude = Prelude::compile(
//!     "crm.lisp",
//!     r#"(defpackage :crm (:use :common-lisp) (:export #:greeting #:delete-user))
//!        (in-package :crm)
//!        (defun greeting (id) (format nil "Dear ~A," (getf (clysm:call-tool "get_user" id) :name)))
//!        (defun delete-user (id) (clysm:call-tool "delete_user" id))"#,
//! )?;
//! let policy = HostPolicy::from_toml(
//!     r#"grants = ["tool:get_user", "tool:delete_user"]
//!        program.tools = ["get_user"]"#,
//! )?;
//! let user = |id: i64| clysm::Value::list([clysm::Value::keyword("NAME"), format!("user {id}").into()]);
//! let tools = Tools::new().function("get_user", user).function("delete_user", |_: i64| ());
//! let attached = attach(&prelude, &policy, tools)?;
//!
//! let mut engine = Engine::builder().attach(&attached).build()?;
//! let run = engine.run_guarded("hello.lisp", "(crm:greeting 7)")?;
//! assert_eq!(run.values, ["Dear user 7,".into()]);
//! assert_eq!(run.calls["get_user"], 1);
//!
//! let denied = engine.run_guarded("bye.lisp", "(when nil (crm:delete-user 7))").unwrap_err();
//! assert!(denied.to_string().contains("delete_user"), "{denied}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is checked when is in the documentation of [`Engine::run_guarded`](crate::Engine::run_guarded); records, policies and their
//! JSON are those of the crate `clysm-prelude`.

mod attach;
mod build;
mod compile;
mod error;
mod examine;
mod facts;
mod gate;
pub mod json;
mod load;
mod records;
mod rehearsal;
mod run;
mod seal;
mod tools;
mod wire;

pub use attach::{Attached, attach, limits};
pub use build::{GuardedBuild, GuardedBuildError, build_guarded};
pub use clysm_prelude::{
    AttachError, Effect, Export, HostPolicy, Inventory, Kind, LimitsPolicy, Listed, Requirement, Visibility,
};
pub use compile::{Prelude, PreludeBuilder};
pub use error::{AttachFailure, GuardedError, PreludeError};
pub use run::Run;
pub use tools::{Tool, Tools};

pub use clysm_prelude::{Discrepancy, ExportSection, SectionError, read_section, recheck};
pub use gate::{ModuleToolsError, module_service};

pub(crate) use gate::Gate;
pub(crate) use run::Guarded;
pub(crate) use seal::seal;
