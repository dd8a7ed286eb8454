//! `compile`, `compile-file` and the loading of what that wrote, in a running image: what stands behind the import `clysm:code` `compile`.

use std::sync::Arc;

use clysm_compiler::checks::{check_form, finish_unit};
use clysm_compiler::context::Context;
use clysm_compiler::toplevel::compile_expression;
use clysm_host::{CodeService, Guest, HostError};
use clysm_reader::{Datum, NumberVector, Object, PackageId, Symbol};
use clysm_report::{Diagnostic, Severity, SourceMap, Span};

use crate::compiled_file::{compile_file, load_file};
use crate::image::SharedImage;
use crate::live::{Live, decode, encode};
use crate::{Error, facts};

/// The service for an image.
pub fn service(image: &SharedImage) -> CodeService {
    let image = image.clone();
    Arc::new(move |guest, request| {
        image.serve(guest, request, |cx, live, request| {
            let [noted, Datum::Symbol(operation), ref operands @ ..] = *request else {
                return Err(Error::Protocol("a request that is no facts, an operation and its operands"));
            };
            facts::follow(cx, noted)?;
            match (cx.symbols.name(operation), operands) {
                ("COMPILE", [definition]) => compile(cx, live, *definition),
                ("COMPILE-FILE", [path, text]) => compile_text(cx, live, *path, *text),
                ("LOAD", [path, octets]) => load(cx, live, *path, *octets),
                _ => Err(Error::Protocol("a request that nobody knows")),
            }
        })
    })
}

impl SharedImage {
    /// Answers a request of the running image. An error of ours ends the program, unless the work makes it an answer.
    fn serve(
        &self,
        guest: &mut Guest<'_>,
        request: &[u8],
        work: impl FnOnce(&mut Context, &mut Live<'_, Guest<'_>>, &[Datum]) -> Result<Datum, Error>,
    ) -> Result<Vec<u8>, HostError> {
        self.with_context(|cx| {
            let request = decode(&mut self.lock(), cx, request, &[])?;
            let arguments = cx.heap.proper_list(cx.heap.cdr(request)).unwrap_or_default();
            let answer = work(cx, &mut Live { place: guest, image: self }, &arguments)?;
            Ok(encode(&mut self.lock(), cx, answer).octets)
        })
        .map_err(|error| match error {
            Error::Host(error) => error,
            Error::Lisp(report) => HostError::Lisp(report),
            error => HostError::Engine(error.to_string()),
        })
    }

    /// Does something with the compiler's state while the image waits.
    pub(crate) fn with_context<T>(&self, work: impl FnOnce(&mut Context) -> Result<T, Error>) -> Result<T, Error> {
        let mut cx = self.lock().borrow()?;
        let result = work(&mut cx);
        self.lock().give_back(cx);
        result
    }
}

/// Compiles a lambda expression: the function is left in the image; the answer is T and what the compiler had to say.
fn compile(cx: &mut Context, live: &mut Live<'_, Guest<'_>>, definition: Datum) -> Result<Datum, Error> {
    let said = cx.diagnostics.len();
    let note = cx.system("%NOTE-COMPILED");
    let function = cx.heap.list(&[Symbol::FUNCTION.into(), definition], Span::NONE);
    let form = cx.heap.list(&[note.into(), function], Span::NONE);
    // A compilation unit of its own: what is undefined here is told at once.
    let unit = std::mem::take(&mut cx.unit);
    let compiled = compile_expression(cx, live, form);
    if let Ok(form) = &compiled {
        check_form(cx, form);
    }
    finish_unit(cx, live);
    cx.unit = unit;
    let mut notes: Vec<Datum> = cx.diagnostics.split_off(said).iter().map(|warning| self::note(cx, warning)).collect();
    match compiled {
        Ok(form) => live.link(cx, &[form])?,
        Err(error) => match live.image.lock().failure.take() {
            Some(failure @ Error::Host(_)) => return Err(failure),
            _ => notes.push(self::note(cx, &error.diagnostic())),
        },
    }
    let notes = cx.heap.list(&notes, Span::NONE);
    Ok(cx.heap.cons(Datum::T, notes, Span::NONE))
}

/// Compiles a file's text: the answer is the module's octets, or NIL if there is none; the texts of its forms; and what the compiler had
/// to say.
fn compile_text(cx: &mut Context, live: &mut Live<'_, Guest<'_>>, path: Datum, text: Datum) -> Result<Datum, Error> {
    let malformed = Error::Protocol("a file without path or text");
    let (Some(path), Some(text)) = (cx.heap.text(path), cx.heap.text(text)) else { return Err(malformed) };
    let (path, text, mut sources) = (path.to_owned(), text.to_owned(), SourceMap::new());
    let compiled = compile_file(cx, live, &mut sources, &path, &text)?;
    let octets = match compiled.octets {
        Some(octets) => cx.heap.push(Object::Numbers(NumberVector::U8(octets))),
        None => Datum::NIL,
    };
    let forms: Vec<Datum> = compiled.forms.into_iter().map(|form| cx.heap.string(form)).collect();
    let forms = cx.heap.list(&forms, Span::NONE);
    let notes: Vec<Datum> = compiled.diagnostics.iter().map(|diagnostic| placed(cx, diagnostic, &sources)).collect();
    let notes = cx.heap.list(&notes, Span::NONE);
    Ok(cx.heap.list_star(&[octets, forms], notes, Span::NONE))
}

/// Runs what [`compile_text`] made.
fn load(cx: &mut Context, live: &mut Live<'_, Guest<'_>>, path: Datum, octets: Datum) -> Result<Datum, Error> {
    let path = cx.heap.text(path).unwrap_or_default().to_owned();
    let Some(Object::Numbers(NumberVector::U8(octets))) = cx.heap.object(octets).cloned() else {
        return Err(Error::Protocol("a module that is no octets"));
    };
    match load_file(cx, live, &path, &octets) {
        Ok(()) => Ok(cx.heap.list(&[Datum::T], Span::NONE)),
        Err(Error::CompiledFile { error, .. }) => {
            let reason = cx.heap.string(error.to_string());
            Ok(cx.heap.list(&[Datum::NIL, reason], Span::NONE))
        }
        Err(error) => Err(error),
    }
}

/// A note that begins with its place.
fn placed(cx: &mut Context, diagnostic: &Diagnostic, sources: &SourceMap) -> Datum {
    let title = &diagnostic.title;
    let text =
        sources.location(diagnostic.span()).map_or_else(|| title.to_string(), |place| format!("{place}: {title}"));
    noted(cx, diagnostic.severity, text)
}

/// `(kind . text)`.
fn note(cx: &mut Context, diagnostic: &Diagnostic) -> Datum {
    noted(cx, diagnostic.severity, diagnostic.title.to_string())
}

fn noted(cx: &mut Context, severity: Severity, text: String) -> Datum {
    let kind = match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::StyleWarning | Severity::Note => "STYLE-WARNING",
    };
    let kind = cx.symbols.intern(PackageId::KEYWORD, kind);
    let text = cx.heap.string(text);
    cx.heap.cons(kind.into(), text, Span::NONE)
}
