//! What this side knows of a live image, shared by everything that may work with it: the engine, and host functions that the
//! image calls while the engine waits for it.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use clysm_compiler::context::{Context, TopForm};
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::module::FunctionInfo;
use clysm_dispatch::RegistrationError;
use clysm_host::{CompiledModule, Engine as HostEngine, Instance, ModuleId, Session};
use clysm_reader::Symbol;
use clysm_reader::codec::SymbolIds;

use crate::Error;
use crate::cache::BaseImage;
use crate::live::Live;
use crate::meta::CompilerState;
use crate::source::ReaderState;

/// How forms that are handed over take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The library is being built: its functions call each other directly, and every form is kept.
    Library,
    /// A program: its functions are called through their symbols, and the values of forms are noted.
    Program,
}

/// An image that has just begun, and the compiler's state for it.
pub struct Started {
    pub(crate) cx: Context,
    pub(crate) session: Session,
    pub(crate) image: SharedImage,
}

/// Begins an image in a session.
///
/// # Errors
/// The host fails.
pub fn start(engine: &HostEngine, base: BaseImage, mut session: Session, mode: Mode) -> Result<Started, Error> {
    let CompilerState { mut cx, ids, direct } = base.state;
    let known = Known { intrinsics: Intrinsics::new(&mut cx), ids, direct };
    let machine = Machine { engine: engine.clone(), base: base.module };
    let image = machine.begin(&cx, known, &mut session, mode)?;
    Live { place: &mut session, image: &image }.call_system(&mut cx, "%KEEP-JOURNAL", &[])?;
    Ok(Started { cx, session, image })
}

/// The base image as machine code for an engine.
#[derive(Clone)]
pub struct Machine {
    pub(crate) engine: HostEngine,
    pub(crate) base: CompiledModule,
}

impl Machine {
    /// Runs the base image's own start code in a session. The symbols that the compiler knows now are the image's as well, or will
    /// be when the modules are linked that have them as literals.
    ///
    /// # Errors
    /// The host fails.
    pub(crate) fn begin(
        &self,
        cx: &Context,
        known: Known,
        session: &mut Session,
        mode: Mode,
    ) -> Result<SharedImage, Error> {
        let instance = session.load(&self.base)?;
        session.call_start(instance)?;
        let mut image = Image::new(self.engine.clone(), instance, known, mode);
        image.told = cx.symbols.len();
        Ok(SharedImage::new(image))
    }
}

/// What is to be known of an image, besides the compiler's state, to work with it.
#[derive(Clone)]
pub struct Known {
    pub(crate) intrinsics: Intrinsics,
    pub(crate) ids: SymbolIds,
    /// Functions that may be called directly.
    pub(crate) direct: HashSet<Symbol>,
}

/// The image with the modules linked to it.
pub struct Image {
    pub(crate) engine: HostEngine,
    pub(crate) base: Instance,
    pub(crate) intrinsics: Intrinsics,
    pub(crate) ids: SymbolIds,
    pub(crate) mode: Mode,
    /// Forms that have not taken effect yet.
    pub(crate) pending: Vec<TopForm>,
    /// Functions that may be called directly: those that the image or a module linked to it exports for that.
    pub(crate) direct: HashSet<Symbol>,
    /// The forms of the library so far.
    pub(crate) kept: Vec<TopForm>,
    pub(crate) functions: BTreeMap<ModuleId, Arc<[FunctionInfo]>>,
    /// What ended the last call, for whoever can say more about it than its report.
    pub(crate) failure: Option<Error>,
    /// What the image's reader variables were when it was asked last.
    pub(crate) reader: ReaderState,
    /// The number of symbols that the image has been told of, or need not be.
    pub(crate) told: usize,
    /// The compiler's states that wait for a call of the image to return, outermost first.
    lent: Vec<Context>,
    /// States that stand in for those meanwhile.
    spare: Vec<Context>,
}

impl Image {
    pub(crate) fn new(engine: HostEngine, base: Instance, known: Known, mode: Mode) -> Self {
        let Known { intrinsics, ids, direct } = known;
        Self {
            engine,
            base,
            intrinsics,
            ids,
            mode,
            pending: Vec::new(),
            direct,
            kept: Vec::new(),
            functions: BTreeMap::new(),
            failure: None,
            reader: ReaderState::default(),
            told: 0,
            lent: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Puts the compiler's state where host functions find it.
    pub(crate) fn lend(&mut self, cx: &mut Context) -> Result<(), RegistrationError> {
        let spare = match self.spare.pop() {
            Some(spare) => spare,
            None => stand_in()?,
        };
        self.lent.push(std::mem::replace(cx, spare));
        Ok(())
    }

    /// Undoes [`Image::lend`].
    pub(crate) fn take_back(&mut self, cx: &mut Context) {
        if let Some(lent) = self.lent.pop() {
            self.spare.push(std::mem::replace(cx, lent));
        }
    }

    /// Lets a host function have the compiler's state; it must be given back with [`Image::give_back`].
    pub(crate) fn borrow(&mut self) -> Result<Context, Error> {
        self.lent.pop().ok_or(Error::Protocol("a call to the host out of nowhere"))
    }

    /// Undoes [`Image::borrow`].
    pub(crate) fn give_back(&mut self, cx: Context) {
        self.lent.push(cx);
    }
}

/// A state that nobody works with, to stand in for others.
fn stand_in() -> Result<Context, RegistrationError> {
    static SHARED: OnceLock<Context> = OnceLock::new();
    if let Some(shared) = SHARED.get() {
        return Ok(shared.clone());
    }
    let mut made = Context::new()?;
    made.share();
    Ok(SHARED.get_or_init(|| made).clone())
}

/// An image that several may work with, one at a time; no lock is held while the image runs.
#[derive(Clone)]
pub struct SharedImage(Arc<Mutex<Image>>);

impl SharedImage {
    pub(crate) fn new(image: Image) -> Self {
        Self(Arc::new(Mutex::new(image)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SharedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedImage").finish_non_exhaustive()
    }
}
