//! `clysm exec`: runs a standalone module.

use std::fs;
use std::path::Path;
use std::process;

use clysm::prelude::{HostPolicy, Tools, limits as under, module_service};
use clysm_host::compiler::COMPILE_FORM;
use clysm_host::{
    Access, Capabilities, CodeCache, Engine, EngineOptions, HostError, ImportSpec, Input, Instance, Limits, NamedKind,
    Random, Session, ToolService, WasmModule,
};
use clysm_report::ExitCode;

use crate::commands::image::program_code;
use crate::commands::prelude::policy;
use crate::failure::{Failure, Outcome};
use crate::flags::{Exec, LimitFlags};
use crate::output::replace_file;
use crate::tools;

/// Runs the command.
pub fn run(flags: Exec) -> Outcome {
    let policy = flags.policy.as_deref().map(|file| policy(Some(file))).transpose()?;
    let limits = limits(&flags.limits, policy.as_ref());
    let path = flags.module.clone();
    let about = |error: HostError| Failure::of_module(&path, error);
    let mut module = WasmModule::open(&path).map_err(|error| about(error.into()))?;
    let engine = Engine::new(EngineOptions::for_limits(&limits))?;
    match flags.cache.directory() {
        Some(directory) => module.load_cached(&engine, &CodeCache::new(directory)),
        None => module.load(&engine),
    }
    .map_err(about)?;
    let compilation = flags.expr.clone().zip(flags.output.clone());
    let tools = tool_service(&flags, &module, policy.as_ref())?;
    let mut session = Session::new(&engine, capabilities(flags)?, limits)?;
    if let Some(tools) = tools {
        session.set_tool_service(tools);
    }
    let instance = module.instantiate(&mut session).map_err(about)?;
    if let Some((text, output)) = compilation {
        if !module.exports.iter().any(|export| export == COMPILE_FORM) {
            let title = format!("{} does not export {COMPILE_FORM}: it is no compiler", path.display());
            return Err(Failure::new(ExitCode::Skip, "no-compiler", title));
        }
        module.start(&mut session).map_err(about)?;
        session.restart_budget()?;
        return compile(&mut session, instance, &text, &output);
    }
    match (module.start(&mut session), session.take_report()) {
        // An error that nothing handled ends the program in an orderly way; what it leaves is its report.
        (Ok(()) | Err(HostError::Trap { .. }), Some(report)) => Err(Failure::from(HostError::Lisp(report))),
        (Ok(()), None) => Ok(process::ExitCode::SUCCESS),
        (Err(HostError::Exit(code)), _) => Ok(program_code(code)),
        (Err(error @ HostError::NoExport { .. }), _) => Err(about(error)),
        (Err(error), _) => {
            let failure = Failure::from(error);
            Err(policy.iter().fold(failure, |failure, policy| failure.under(&policy.limits)))
        }
    }
}

/// Has a compiler write a module that prints the values of a text's last form.
fn compile(session: &mut Session, instance: Instance, text: &str, output: &Path) -> Outcome {
    // What is wrong with the text has its place in the text itself.
    let printing = format!("(format t \"~{{~S~%~}}\" (multiple-value-list (progn {text}\n)))");
    for text in [text, &printing] {
        match session.compile_text(instance, text)? {
            Ok(module) => replace_file(output, &module).map_err(|error| Failure::unwritable(output, &error))?,
            Err(diagnostics) => {
                eprint!("{diagnostics}");
                return Ok(ExitCode::Failure.into());
            }
        }
    }
    Ok(process::ExitCode::SUCCESS)
}

/// The tools that the module may call. One that is offered none may import none.
fn tool_service(
    flags: &Exec,
    module: &WasmModule,
    policy: Option<&HostPolicy>,
) -> Result<Option<ToolService>, Failure> {
    let is_tool = |import: &ImportSpec| NamedKind::ALL.iter().any(|kind| kind.module() == import.module);
    if flags.tools.is_none() && !module.imports.iter().any(is_tool) {
        return Ok(None);
    }
    let tools = flags.tools.as_deref().map_or_else(|| Ok(Tools::new()), tools::read)?;
    let wasm = fs::read(&flags.module).map_err(|error| Failure::unreadable(&flags.module, &error))?;
    module_service(&wasm, tools, policy).map(Some).map_err(|error| {
        let failure = Failure::new(error.exit_code(), error.code(), format!("{}: {error}", flags.module.display()));
        if flags.tools.is_none() { failure.with_hint("--tools offers tools") } else { failure }
    })
}

fn limits(flags: &LimitFlags, policy: Option<&HostPolicy>) -> Limits {
    let given = Limits { fuel: flags.fuel, time: flags.timeout, heap_bytes: flags.memory, ..Limits::default() };
    policy.map_or_else(|| given.clone(), |policy| under(policy, &given))
}

fn capabilities(flags: Exec) -> Result<Capabilities, Failure> {
    let mut arguments = vec![flags.module.display().to_string()];
    arguments.extend(flags.arguments);
    let mut capabilities =
        Capabilities::new().clock(0).random(Random::System).environment(arguments, []).refuse_at_call();
    for directory in flags.limits.granted()? {
        capabilities = capabilities.own_directory(directory, Access::ReadWrite);
    }
    for directory in clysm::code_directories(flags.cache.directory().as_deref()) {
        capabilities = capabilities.protect(directory);
    }
    if let Some(path) = flags.stdin {
        if !path.exists() {
            return Err(Failure::missing(&path));
        }
        capabilities = capabilities.input(Input::File(path));
    }
    Ok(capabilities)
}
