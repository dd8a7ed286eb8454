//! Tools that a JSON file declares: answers that are always the same, and commands.
//!
//! ```json
//! { "tools": { "get_user": { "returns": { "name": "Ada" } },
//!              "delete_user": { "error": "nobody may do that" },
//!              "say": { "echo": true },
//!              "add": { "command": ["python3", "add.py"], "timeout_ms": 2000 } },
//!   "upstreams": { "crm": { "get_user": { "returns": null } } } }
//! ```
//!
//! A command gets the arguments as JSON on its standard input, and answers with JSON on its standard output; when it ends with another
//! code than 0, its standard error tells why the tool failed.

use std::collections::BTreeMap;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use clysm::Value;
use clysm::prelude::Tools;
use clysm::prelude::json::{arguments_to_json, value_from_json};
use clysm_report::ExitCode;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::failure::Failure;

/// A file of tools.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tools: BTreeMap<String, Declared>,
    #[serde(default)]
    upstreams: BTreeMap<String, BTreeMap<String, Declared>>,
}

/// One tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Fields")]
enum Declared {
    /// It always returns this.
    Returns(Json),
    /// It always fails.
    Error(String),
    /// It returns its arguments, if true.
    Echo(bool),
    /// A command and its arguments.
    Command { command: Vec<String>, timeout: Duration },
}

/// What may stand in a tool's declaration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, deserialize_with = "given")]
    returns: Option<Json>,
    error: Option<String>,
    echo: Option<bool>,
    command: Option<Vec<String>>,
    timeout_ms: Option<u64>,
}

/// A field that is there, even if it is null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl TryFrom<Fields> for Declared {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, &'static str> {
        let Fields { returns, error, echo, command, timeout_ms } = fields;
        let timeout = timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        match (returns, error, echo, command, timeout_ms) {
            (Some(value), None, None, None, None) => Ok(Self::Returns(value)),
            (None, Some(text), None, None, None) => Ok(Self::Error(text)),
            (None, None, Some(echo), None, None) => Ok(Self::Echo(echo)),
            (None, None, None, Some(command), _) if command.is_empty() => Err("a command has at least a program"),
            (None, None, None, Some(command), _) => Ok(Self::Command { command, timeout }),
            _ => Err("a tool has one of returns, error, echo and command; timeout_ms goes with command"),
        }
    }
}

const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);

/// Reads a file of tools. Commands run in the directory that the file is in.
pub fn read(path: &Path) -> Result<Tools, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::unreadable(path, &error))?;
    let file: File = serde_json::from_str(&text).map_err(|error| {
        Failure::new(ExitCode::Failure, "invalid-tools", format!("{}:{}", path.display(), placed(&error)))
    })?;
    let directory = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let mut tools = Tools::new();
    for (name, declared) in file.tools {
        tools = tools.tool(name, tool(declared, directory.clone()));
    }
    for (server, operations) in file.upstreams {
        for (name, declared) in operations {
            tools = tools.upstream(&server, &name, tool(declared, directory.clone()));
        }
    }
    Ok(tools)
}

/// An error of JSON with its place in front, as diagnostics have it.
fn placed(error: &serde_json::Error) -> String {
    let (line, column, text) = (error.line(), error.column(), error.to_string());
    let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    format!("{line}:{column}: {reason}")
}

fn tool(declared: Declared, directory: PathBuf) -> impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static {
    move |arguments: &[Value]| match &declared {
        Declared::Returns(json) => Ok(value_from_json(json)),
        Declared::Error(text) => Err(text.clone()),
        Declared::Echo(true) => Ok(value_from_json(&arguments_to_json(arguments))),
        Declared::Echo(false) => Ok(Value::Nil),
        Declared::Command { command, timeout } => {
            run_command(command, &directory, &arguments_to_json(arguments), *timeout).map(|json| value_from_json(&json))
        }
    }
}

fn run_command(command: &[String], directory: &Path, input: &Json, timeout: Duration) -> Result<Json, String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    let mut spawned = Command::new(program);
    spawned.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !directory.as_os_str().is_empty() {
        spawned.current_dir(directory);
    }
    let mut child = spawned.spawn().map_err(|error| format!("{program} can't be started: {error}"))?;
    // Each stream has a thread: none waits for another. A command need not read its input.
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let text = input.to_string();
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
    let (output, errors) = (drain(stdout), drain(stderr));
    let begin = Instant::now();
    let status = wait(&mut child, begin, timeout)?;
    // What a command leaves running may keep its output open.
    let left = timeout.saturating_sub(begin.elapsed()).max(LEAST_WAIT);
    let late = |_| format!("it ended, but its output stayed open for more than {} ms", timeout.as_millis());
    let output = output.recv_timeout(left).map_err(late)?;
    if !status.success() {
        let errors = errors.recv_timeout(left).map_err(late)?;
        return Err(format!("{program} failed: {}", String::from_utf8_lossy(&errors).trim()));
    }
    serde_json::from_slice(&output).map_err(|error| format!("{program} did not answer with JSON: {error}"))
}

/// So long what a command has written is waited for at least, after it has ended.
const LEAST_WAIT: Duration = Duration::from_millis(100);

/// Sends all that a stream holds, once it ends.
fn drain(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut octets = Vec::new();
        // What was read until an error is all that there is; nobody may wait for it any more.
        let _ = stream.map(|mut stream| stream.read_to_end(&mut octets));
        let _ = send.send(octets);
    });
    receive
}

/// Waits for a command to end; one that takes too long is ended.
fn wait(child: &mut Child, begin: Instant, timeout: Duration) -> Result<std::process::ExitStatus, String> {
    const NAP: Duration = Duration::from_millis(2);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if begin.elapsed() < timeout => thread::sleep(NAP),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it took more than {} ms", timeout.as_millis()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn call(declared: &str, arguments: &[Value]) -> Result<Value, String> {
        let declared: Declared = serde_json::from_str(declared).unwrap();
        tool(declared, PathBuf::new())(arguments)
    }

    #[test]
    fn stubs_answer() {
        assert_eq!(call(r#"{"returns": [1, 2]}"#, &[]).unwrap().to_string(), "(1 2)");
        assert_eq!(call(r#"{"error": "no"}"#, &[]), Err("no".to_owned()));
        assert_eq!(call(r#"{"echo": true}"#, &[Value::keyword("ID"), 7.into()]).unwrap().to_string(), "(:ID 7)");
    }

    #[cfg(unix)]
    #[test]
    fn commands_answer_fail_and_are_ended() {
        assert_eq!(call(r#"{"command": ["cat"]}"#, &[Value::keyword("ID"), 7.into()]).unwrap().to_string(), "(:ID 7)");
        let failed = call(r#"{"command": ["sh", "-c", "echo so >&2; exit 1"]}"#, &[]);
        assert_eq!(failed, Err("sh failed: so".to_owned()));
        assert!(call(r#"{"command": ["echo", "{"]}"#, &[]).unwrap_err().contains("did not answer with JSON"));
        let slow = call(r#"{"command": ["sleep", "10"], "timeout_ms": 30}"#, &[]);
        assert_eq!(slow, Err("it took more than 30 ms".to_owned()));
        let left_running = call(r#"{"command": ["sh", "-c", "echo 1; sleep 10 &"], "timeout_ms": 200}"#, &[]);
        assert_eq!(left_running, Err("it ended, but its output stayed open for more than 200 ms".to_owned()));
        assert!(call(r#"{"command": ["no-such-command-here"]}"#, &[]).unwrap_err().contains("can't be started"));
    }

    #[test]
    fn what_is_no_file_of_tools_is_refused() {
        let declared = |text: &str| format!(r#"{{"tools": {{"a": {text}}}}}"#);
        let wrong = [
            r#"{}"#,
            r#"{"returns": 1, "x": 2}"#,
            r#"{"returns": 1, "echo": true}"#,
            r#"{"returns": 1, "timeout_ms": 5}"#,
            r#"{"command": []}"#,
            r#"{"command": "ls"}"#,
            "7",
        ];
        for text in wrong.map(declared).into_iter().chain([r#"{"tool": {}}"#.to_owned()]) {
            assert!(serde_json::from_str::<File>(&text).is_err(), "{text}");
        }
        let null = serde_json::from_str::<File>(&declared(r#"{"returns": null}"#)).unwrap();
        assert!(matches!(null.tools["a"], Declared::Returns(Json::Null)));
        let error = serde_json::from_str::<File>("{\n \"tools\": 7}").unwrap_err();
        assert_eq!(placed(&error), "2:11: invalid type: integer `7`, expected a map");
    }
}
