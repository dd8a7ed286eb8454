//! Programs that a language model writes, run against a prelude: what they may call is known before they run.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use clysm::prelude::{GuardedError, HostPolicy, Prelude, Tools, attach};
use clysm::{Engine, HostError, Output, OutputBuffer, Value};

/// The interface: exported functions wrap tools, `fetch` is nobody else's business.
const CRM: &str = r#"
(defpackage :crm (:use :common-lisp) (:export #:get-user #:search-users #:delete-user #:page-size))
(in-package :crm)

(declaim (clysm:export delete-user :visibility :discoverable))

(defconstant page-size 20)

(defun fetch (id)
  (or (clysm:call-tool "get_user" id) (error "There is no user ~D." id)))

(defun get-user (id)
  "The user with that id: (:ID id :NAME name)."
  (fetch id))

(defun search-users (query &key (limit page-size))
  "The ids of up to LIMIT users whose name contains QUERY."
  (clysm:call-tool "search_users" query limit))

(defun delete-user (id)
  "Deletes a user, for ever."
  (clysm:call-tool "delete_user" (getf (fetch id) :id)))
"#;

/// The host could delete users, and lets no program do it.
const POLICY: &str = r#"
grants = ["tool:get_user", "tool:search_users", "tool:delete_user"]
program.tools = ["get_user", "search_users"]
limits.time_ms = 500

[tools]
get_user.effect = "read"
search_users.effect = "read"
delete_user.effect = "write"
"#;

const GREETINGS: &str = r#"
(dolist (id (crm:search-users "a" :limit 2))
  (format t "Dear ~A,~%" (getf (crm:get-user id) :name)))"#;

const CLEANING: &str = r#"
(format t "Cleaning up.~%")
(mapc 'crm:delete-user (crm:search-users "a"))"#;

const WAITING: &str = r#"
(let ((ids (crm:search-users "a")))
  (loop while ids do (setf ids (reverse ids))))"#;

type Users = Arc<Mutex<BTreeMap<i64, &'static str>>>;

/// What the host has to offer: closures over its own state.
fn tools(users: &Users) -> Tools {
    let (getting, searching, deleting) = (Arc::clone(users), Arc::clone(users), Arc::clone(users));
    let user =
        |id: i64, name: &str| Value::list([Value::keyword("ID"), id.into(), Value::keyword("NAME"), name.into()]);
    Tools::new()
        .function("get_user", move |id: i64| {
            getting.lock().map_or(Value::Nil, |users| users.get(&id).map_or(Value::Nil, |name| user(id, name)))
        })
        .function("search_users", move |query: String, limit: usize| {
            let users = searching.lock().map_err(|_| "out of order")?;
            let found = users.iter().filter(|(_, name)| name.contains(&query)).map(|(id, _)| *id);
            Ok::<_, &str>(found.take(limit).collect::<Vec<_>>())
        })
        .function("delete_user", move |id: i64| deleting.lock().is_ok_and(|mut users| users.remove(&id).is_some()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let users: Users = Arc::new(Mutex::new([(7, "Ada"), (8, "Grace"), (9, "Alan")].into()));
    let prelude = Prelude::compile("crm.lisp", CRM)?;
    let attached = attach(&prelude, &HostPolicy::from_toml(POLICY)?, tools(&users))?;
    println!("The model is told:\n\n{}", attached.inventory().text());

    let mut called = Vec::new();
    for (name, program) in [("greetings.lisp", GREETINGS), ("cleaning.lisp", CLEANING), ("waiting.lisp", WAITING)] {
        println!("{name}:\n{program}\n");
        // Each program has an image of its own.
        let output = OutputBuffer::default();
        let mut engine = Engine::builder().output(Output::Buffer(output.clone())).attach(&attached).build()?;
        match engine.run_guarded(name, program) {
            Ok(_) => println!("It printed:\n{}", String::from_utf8_lossy(&output.take())),
            Err(GuardedError::Guard(error)) => {
                println!("Denied: {error}.\n");
                assert!(output.take().is_empty(), "nothing of it has run");
            }
            Err(GuardedError::Run(clysm::Error::Stopped { error: error @ HostError::Timeout { .. }, .. })) => {
                println!("Stopped: {error}.\n");
            }
            Err(error) => return Err(error.into()),
        }
        called.push((name, engine.tool_calls()));
    }

    println!("What was called:");
    for (name, calls) in &called {
        println!("  {name}: {calls:?}");
    }
    assert_eq!(users.lock().map_err(|_| "out of order")?.len(), 3, "nobody was deleted");
    println!("agent_sandbox: ok");
    Ok(())
}
