//! Loading a source file, and giving it a directory, arguments and an output of its own.

use std::fs;

use clysm::{Engine, Output, OutputBuffer};

const PROGRAM: &str = r#"
(defun line-lengths (path)
  (with-open-file (in path)
    (loop for line = (read-line in nil) while line collect (length line))))

(defparameter *lengths* (line-lengths (second (clysm:argv))))
(format t "~{~D~^, ~}~%" *lengths*)
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::temp_dir().join(format!("clysm-load-file-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let (program, data) = (directory.join("lengths.lisp"), directory.join("data.txt"));
    fs::write(&program, PROGRAM)?;
    fs::write(&data, "one\nthree\n")?;

    let output = OutputBuffer::default();
    let mut engine = Engine::builder()
        .directory(&directory)
        .args(vec!["lengths".to_owned(), data.display().to_string()])
        .output(Output::Buffer(output.clone()))
        .build()?;
    engine.load_file(&program)?;
    assert_eq!(output.take(), b"3, 5\n");
    assert_eq!(engine.eval("*lengths*")?, vec![3, 5].into());

    // Nothing outside of the directory is there.
    assert!(engine.eval(r#"(open "/etc/passwd")"#).is_err());
    fs::remove_dir_all(&directory)?;
    println!("load_file: ok");
    Ok(())
}
