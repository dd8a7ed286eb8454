//! Functions of the host that Lisp code calls.

use std::any::Any;
use std::fmt::Display;
use std::ops::{Bound, RangeBounds};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clysm_compiler::context::Context;
use clysm_host::{CallError, Guest, HostError, HostFunction};
use clysm_reader::{Datum, Heap, NoReadEval, PackageId, Reader, Symbol, Symbols};
use clysm_report::{SourceMap, Span};
use num_bigint::BigInt;
use num_rational::BigRational;

use crate::engine::{self, Work, read_name};
use crate::image::SharedImage;
use crate::live::{Live, decode, encode};
use crate::{ConversionError, Engine, Error, FromValue, Value};

/// What a function of the host may do with the engine that called it.
///
/// Lisp code that is called sees the handlers, restarts and catch tags of the code that called the function, and its exits
/// may lead there: the call then returns [`Error::Ended`], and the exit goes on when the function returns.
pub struct Caller<'a, 'g> {
    cx: &'a mut Context,
    live: Live<'a, Guest<'g>>,
    /// What ended a call and so will end the outer ones.
    fatal: Option<HostError>,
}

impl std::fmt::Debug for Caller<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("fatal", &self.fatal).finish_non_exhaustive()
    }
}

impl Caller<'_, '_> {
    /// Calls a Lisp function, as [`Engine::call`] does, within the budget of the outer call.
    ///
    /// # Errors
    /// Those of [`Engine::call`]; [`Error::Ended`] when a limit is reached, the program asks to end, or control goes elsewhere. The
    /// function should then return: whatever it returns does not matter.
    pub fn call(&mut self, function: &str, args: &[Value]) -> Result<Value, Error> {
        let symbol = read_name(self.cx, function)?;
        self.run(symbol.into(), args)
    }

    /// Calls a function object, such as an argument.
    ///
    /// # Errors
    /// Those of [`Caller::call`].
    pub fn funcall(&mut self, function: &Value, args: &[Value]) -> Result<Value, Error> {
        let function = function.to_datum(&mut self.cx.heap, &mut self.cx.symbols);
        self.run(function, args)
    }

    /// Evaluates the forms of a text in the image's evaluator; the first value of the last one.
    ///
    /// # Errors
    /// Those of [`Caller::call`].
    pub fn eval(&mut self, source: &str) -> Result<Value, Error> {
        let evaluate = self.cx.system("%EVAL-TEXT");
        self.run(evaluate.into(), &[source.into()])
    }

    fn run(&mut self, function: Datum, args: &[Value]) -> Result<Value, Error> {
        let values = engine::call(self.cx, &mut self.live, function, args);
        match values {
            Ok(values) => Ok(values.into_iter().next().unwrap_or(Value::Nil)),
            Err(Error::Host(error)) => {
                let text = error.to_string();
                self.fatal = Some(error);
                Err(Error::Ended(text))
            }
            Err(error) => Err(error),
        }
    }
}

/// Why a function of the host did not return a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Lisp code sees a `clysm:host-error` with this text as its report.
    Error(String),
    /// Lisp code sees a `type-error`.
    Type(ConversionError),
}

impl From<ConversionError> for Failure {
    fn from(error: ConversionError) -> Self {
        Self::Type(error)
    }
}

/// What functions of the host may return: anything that becomes a [`Value`], or a `Result` of that and an error that can be
/// displayed.
pub trait HostResult {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// The function failed.
    fn into_value(self) -> Result<Value, Failure>;
}

impl<T: HostResult, E: Display> HostResult for Result<T, E> {
    fn into_value(self) -> Result<Value, Failure> {
        self.map_err(|error| Failure::Error(error.to_string())).and_then(T::into_value)
    }
}

macro_rules! host_results {
    ($($ty:ty)*) => {$(
        impl HostResult for $ty {
            fn into_value(self) -> Result<Value, Failure> {
                Ok(self.into())
            }
        }
    )*};
}

host_results! {
    () bool i8 i16 i32 i64 u8 u16 u32 u64 usize f32 f64 char &'static str String BigInt BigRational Value
}

impl<T: Into<Value>> HostResult for Vec<T> {
    fn into_value(self) -> Result<Value, Failure> {
        Ok(self.into())
    }
}

impl<T: Into<Value>> HostResult for Option<T> {
    fn into_value(self) -> Result<Value, Failure> {
        Ok(self.into())
    }
}

/// A closure with parameters of Rust types, made a function of values: see [`Engine::register`]. `Args` is the tuple of
/// the parameters' types.
pub trait IntoHostFunction<Args>: Send + Sync + 'static {
    /// The number of arguments.
    const ARITY: usize;

    /// Calls it.
    ///
    /// # Errors
    /// An argument does not convert, or the function failed.
    fn call(&self, args: &[Value]) -> Result<Value, Failure>;
}

macro_rules! closures {
    ($($count:literal ($($arg:ident)*);)*) => {$(
        impl<F, R, $($arg),*> IntoHostFunction<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> R + Send + Sync + 'static,
            R: HostResult,
            $($arg: FromValue,)*
        {
            const ARITY: usize = $count;

            #[allow(non_snake_case, unused_mut, unused_variables, reason = "the names are those of the types")]
            fn call(&self, args: &[Value]) -> Result<Value, Failure> {
                let mut args = args.iter().cloned();
                $(let $arg = <$arg as FromValue>::from_value(args.next().unwrap_or(Value::Nil))?;)*
                self($($arg),*).into_value()
            }
        }
    )*};
}

closures! {
    0 ();
    1 (A);
    2 (A B);
    3 (A B C);
    4 (A B C D);
    5 (A B C D E);
    6 (A B C D E G);
    7 (A B C D E G H);
    8 (A B C D E G H I);
}

impl Engine {
    /// Makes a Rust closure a function of the image. The name is as the reader reads it, with a package, such as
    /// `"geometry:distance"`; the package is made if there is none, and the symbol exported from it.
    ///
    /// Arguments are converted with [`FromValue`]: one that does not convert is a `type-error` in Lisp, a wrong number of them a
    /// `program-error`. What the closure returns as `Err` becomes a condition of type `clysm:host-error`, an `error`, with the
    /// text as its report; so does a panic, which does not leave the closure.
    ///
    /// ```
    /// let mut engine = clysm::Engine::builder().build()?;
    /// engine.register("config:parse-port", |text: String| text.parse::<u16>())?;
    /// assert_eq!(engine.eval(r#"(config:parse-port "8080")"#)?, 8080.into());
    /// let handled = engine.eval(r#"(handler-case (config:parse-port "x") (error (e) (princ-to-string e)))"#)?;
    /// assert_eq!(handled, "invalid digit found in string".into());
    /// # Ok::<(), clysm::Error>(())
    /// ```
    ///
    /// # Errors
    /// The name is not that of a symbol in a package, or of one in COMMON-LISP.
    pub fn register<Args>(&mut self, name: &str, function: impl IntoHostFunction<Args>) -> Result<(), Error> {
        let arity = arity_of(&function);
        self.add(name, arity, Some(arity), Arc::new(move |_: &mut Caller<'_, '_>, args: &[Value]| function.call(args)))
    }

    /// Makes a Rust closure a function of the image that takes any number of arguments in a range, and may call back into the
    /// engine.
    ///
    /// ```
    /// let mut engine = clysm::Engine::builder().build()?;
    /// engine.register_with("host:sum-of-calls", 1.., |caller, args| {
    ///     let mut sum = 0_i64;
    ///     for arg in &args[1..] {
    ///         sum += i64::try_from(caller.funcall(&args[0], &[arg.clone()])?)?;
    ///     }
    ///     Ok::<_, Box<dyn std::error::Error>>(sum)
    /// })?;
    /// assert_eq!(engine.eval("(host:sum-of-calls #'1+ 1 2 3)")?, 9.into());
    /// # Ok::<(), clysm::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Engine::register`].
    pub fn register_with<R: HostResult>(
        &mut self,
        name: &str,
        arity: impl RangeBounds<usize>,
        function: impl Fn(&mut Caller<'_, '_>, &[Value]) -> R + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let minimum = match arity.start_bound() {
            Bound::Included(bound) => *bound,
            Bound::Excluded(bound) => bound.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let maximum = match arity.end_bound() {
            Bound::Included(bound) => Some(*bound),
            Bound::Excluded(bound) => Some(bound.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        let function = move |caller: &mut Caller<'_, '_>, args: &[Value]| function(caller, args).into_value();
        self.add(name, minimum, maximum, Arc::new(function))
    }

    fn add(&mut self, name: &str, minimum: usize, maximum: Option<usize>, function: Function) -> Result<(), Error> {
        let symbol = self.work(|work| work.host_name(name))?;
        let number = self.session.add_host_function(host_function(&self.image, function))?;
        let count = |count: usize| Value::from(count);
        let bounds = [Value::from(number), count(minimum), maximum.map(count).into()];
        self.work(|work| {
            let mut args = vec![Datum::Symbol(symbol)];
            args.extend(bounds.iter().map(|bound| bound.to_datum(&mut work.cx.heap, &mut work.cx.symbols)));
            work.live.call_system(work.cx, "%DEFINE-HOST-FUNCTION", &args).map(|_| ())
        })
    }
}

fn arity_of<Args, F: IntoHostFunction<Args>>(_: &F) -> usize {
    F::ARITY
}

impl Work<'_> {
    /// The symbol for a function of the host, in a package that is made if need be, external.
    fn host_name(&mut self, name: &str) -> Result<Symbol, Error> {
        let wrong = |reason| Error::Name { name: name.to_owned(), reason };
        let (package, rest) = name.split_once(':').ok_or_else(|| wrong("has no package"))?;
        let package = package.to_uppercase();
        if self.cx.symbols.find_package(&package).is_none() {
            let (made, use_, none) = (self.cx.heap.string(package.as_str()), Value::keyword("USE"), Datum::NIL);
            let use_ = use_.to_datum(&mut self.cx.heap, &mut self.cx.symbols);
            let make = self.cx.standard("MAKE-PACKAGE");
            self.live.call_values(self.cx, make, &[made, use_, none])?;
        }
        let symbol = read_name(self.cx, &format!("{package}::{}", rest.trim_start_matches(':')))?;
        let home = self.cx.symbols.package(symbol);
        if home == Some(PackageId::COMMON_LISP) {
            return Err(wrong("is a standard function"));
        }
        let (export, package) = (self.cx.standard("EXPORT"), self.cx.heap.string(package));
        self.live.call_values(self.cx, export, &[symbol.into(), package])?;
        Ok(symbol)
    }
}

type Function = Arc<dyn Fn(&mut Caller<'_, '_>, &[Value]) -> Result<Value, Failure> + Send + Sync>;

/// A function between messages.
fn host_function(image: &SharedImage, function: Function) -> HostFunction {
    let image = image.clone();
    Arc::new(move |guest, request| {
        let mut fatal = None;
        let answer = image.with_context(|cx| {
            let request = decode(&mut image.lock(), cx, request, &[])?;
            let args = cx.heap.proper_list(cx.heap.cdr(request)).unwrap_or_default();
            let args: Result<Vec<Value>, Error> =
                args.into_iter().map(|arg| Value::from_datum(&cx.heap, &cx.symbols, arg)).collect();
            let args = args?;
            let mut caller = Caller { cx, live: Live { place: guest, image: &image }, fatal: None };
            let result = caught(|| function(&mut caller, &args));
            fatal = caller.fatal.take();
            let answer = answer(cx, result)?;
            Ok(encode(&mut image.lock(), cx, answer).octets)
        });
        match (fatal, answer) {
            (Some(error), _) | (None, Err(Error::Host(error))) => Err(CallError::Fatal(error)),
            (None, Ok(octets)) => Ok(octets),
            (None, Err(error)) => Err(CallError::Failed(error.to_string())),
        }
    })
}

/// What a function of the host returns; a panic becomes an error.
pub(crate) fn caught(function: impl FnOnce() -> Result<Value, Failure>) -> Result<Value, Failure> {
    match catch_unwind(AssertUnwindSafe(function)) {
        Ok(result) => result,
        Err(panic) => Err(Failure::Error(format!("the host function panicked: {}", panic_text(&*panic)))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

/// `(t value)`, `(:error text)` or `(:type-error datum type)`.
fn answer(cx: &mut Context, result: Result<Value, Failure>) -> Result<Datum, Error> {
    let keyword = |cx: &mut Context, name: &str| Datum::Symbol(cx.symbols.intern(PackageId::KEYWORD, name));
    let elements = match result {
        Ok(value) => vec![Datum::T, value.to_datum(&mut cx.heap, &mut cx.symbols)],
        Err(Failure::Error(text)) => vec![keyword(cx, "ERROR"), cx.heap.string(text)],
        Err(Failure::Type(error)) => {
            let datum = error.value.to_datum(&mut cx.heap, &mut cx.symbols);
            vec![keyword(cx, "TYPE-ERROR"), datum, read_type(cx, error.expected)?]
        }
    };
    Ok(cx.heap.list(&elements, Span::NONE))
}

/// A type specifier of standard symbols.
fn read_type(cx: &mut Context, text: &str) -> Result<Datum, Error> {
    let package = std::mem::replace(&mut cx.symbols.current, PackageId::COMMON_LISP);
    let mut reader = Reader::new(text, SourceMap::new().add("<type>", text));
    let read = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval);
    cx.symbols.current = package;
    Ok(read?.unwrap_or(Datum::T))
}

/// A type specifier of standard symbols as a value.
pub(crate) fn type_value(text: &str) -> Value {
    let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
    symbols.current = PackageId::COMMON_LISP;
    let mut reader = Reader::new(text, SourceMap::new().add("<type>", text));
    let read = reader.read(&mut heap, &mut symbols, &mut NoReadEval).ok().flatten();
    read.and_then(|datum| Value::from_datum(&heap, &symbols, datum).ok()).unwrap_or(Value::Nil)
}
