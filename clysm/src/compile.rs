//! `compile` in a running image: what stands behind the import `clysm:code` `compile`.

use std::sync::Arc;

use clysm_compiler::checks::{check_form, finish_unit};
use clysm_compiler::context::Context;
use clysm_compiler::toplevel::compile_expression;
use clysm_host::{CodeService, Guest, HostError};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, Severity, Span};

use crate::image::SharedImage;
use crate::live::{Live, decode, encode};
use crate::{Error, facts};

/// The service for an image.
pub fn service(image: &SharedImage) -> CodeService {
    let image = image.clone();
    Arc::new(move |guest, request| {
        image.serve(guest, request, |cx, live, request| {
            let [Datum::Symbol(operation), definition, noted] = *request else {
                return Err(Error::Protocol("a request that is no operation and its operands"));
            };
            facts::follow(cx, noted)?;
            match cx.symbols.name(operation) {
                "COMPILE" => compile(cx, live, definition),
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

/// `(kind . text)`.
fn note(cx: &mut Context, diagnostic: &Diagnostic) -> Datum {
    let kind = match diagnostic.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::StyleWarning | Severity::Note => "STYLE-WARNING",
    };
    let kind = cx.symbols.intern(PackageId::KEYWORD, kind);
    let text = cx.heap.string(diagnostic.title.as_str());
    cx.heap.cons(kind.into(), text, Span::NONE)
}
