//! Loading modules and calling their exports: from outside, and from within host functions.

use std::sync::Arc;

use clysm_dispatch::imports::{self, NamedKind};
use wasmtime::{
    ArrayRef, ArrayRefPre, AsContextMut, Extern, Func, Global, GlobalType, ImportType, RootScope, StoreContextMut, Val,
};

use crate::engine::octet_array;
use crate::frames::LispReport;
use crate::shim::tool;
use crate::state::{OctetsFunction, State};
use crate::times::Activity;
use crate::{CompiledModule, HostError};

/// A module in a session. It lives as long as the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instance {
    session: u64,
    index: usize,
}

/// The import module by which dynamic modules see the image they are linked to.
const IMAGE: &str = "image";
/// The import of [`IMAGE`] that is made for each module: the vector of its literals.
const LITERALS: &str = "literals";
/// What precedes an index in the names of the imports that are its elements.
const LITERAL: &str = "literal-";

/// What may be done with a running session: the view that host functions get, so that they can call back into it.
pub struct Guest<'a> {
    store: StoreContextMut<'a, State>,
}

impl<'a> Guest<'a> {
    pub(crate) const fn new(store: StoreContextMut<'a, State>) -> Self {
        Self { store }
    }

    /// Loads a module whose imports are all host imports: a standalone module or a base image. Its start function, if
    /// it has one, runs.
    ///
    /// # Errors
    /// An import is missing or not granted, the module was compiled by another engine, or starting it failed.
    pub fn load(&mut self, module: &CompiledModule) -> Result<Instance, HostError> {
        let _measurement = self.store.data().engine.clock.start(Activity::Loading);
        self.check_engine(module)?;
        let imports: Result<Vec<Extern>, HostError> =
            module.inner.imports().map(|import| self.host_import(&import)).collect();
        self.instantiate(module, &imports?)
    }

    /// Loads a dynamic module and links it to an image. Its imports from `image` are what modules linked before
    /// export, the last definition first, and else what the image exports; `image` `literals` is the vector that the image's
    /// export `decode-literals` makes of the octets, and an import `image` `literal-3` after it is its element 3. Then
    /// its export `init`, if it has one, is called.
    ///
    /// What the module exports is there for the next ones from before `init` runs, and stays even when that fails.
    ///
    /// # Errors
    /// An import is missing or not granted, the literals cannot be decoded, or starting or initialising it failed.
    pub fn load_linked(
        &mut self,
        module: &CompiledModule,
        image: Instance,
        literals: &[u8],
    ) -> Result<Instance, HostError> {
        let _measurement = self.store.data().engine.clock.start(Activity::Loading);
        self.check_engine(module)?;
        let mut vector = None;
        let imports: Result<Vec<Extern>, HostError> = module
            .inner
            .imports()
            .map(|import| match (import.module(), import.name()) {
                (IMAGE, LITERALS) => {
                    let made = self.literals(&import, image, literals)?;
                    vector = Some(made);
                    Ok(made.into())
                }
                (IMAGE, name) => match literal_index(name) {
                    Some(index) => self.literal(&import, vector, index),
                    None => self.image_export(image, name),
                },
                _ => self.host_import(&import),
            })
            .collect();
        let instance = self.instantiate(module, &imports?)?;
        self.note_exports(image, instance, module)?;
        if module.has_export("init") {
            self.call_unit(instance, "init")?;
        }
        Ok(instance)
    }

    fn check_engine(&mut self, module: &CompiledModule) -> Result<(), HostError> {
        let state = self.store.data_mut();
        if !wasmtime::Engine::same(&state.engine.inner, module.inner.engine()) {
            return Err(HostError::Engine("the module was compiled by another engine".to_owned()));
        }
        state.note_module(&module.inner, module.id());
        if state.octets.is_none() {
            let ty = state.engine.octets_type.clone();
            let allocator = Arc::new(ArrayRefPre::new(&mut self.store, ty));
            self.store.data_mut().octets = Some(allocator);
        }
        Ok(())
    }

    fn host_import(&mut self, import: &ImportType<'_>) -> Result<Extern, HostError> {
        let (module, name) = (import.module(), import.name());
        let missing = || HostError::MissingImport { module: module.to_owned(), name: name.to_owned() };
        let named = NamedKind::by_module(module);
        if named.is_none() {
            imports::find(module, name).ok_or_else(missing)?;
        }
        let grants = &self.store.data().grants;
        if !grants.allow(module) && !grants.refuse_at_call {
            return Err(State::not_granted(module, name));
        }
        if let Some(kind) = named {
            return self.named_import(import, kind);
        }
        let linker = Arc::clone(&self.store.data().engine.linker);
        let found = linker.try_get_by_import(&mut self.store, import);
        found.map_err(|error| self.error(error))?.ok_or_else(missing)
    }

    fn named_import(&mut self, import: &ImportType<'_>, kind: NamedKind) -> Result<Extern, HostError> {
        let function = tool::named(&mut self.store, kind, import.name());
        let fits = import.ty().func().is_some_and(|ty| ty.matches(&function.ty(&self.store)));
        if fits { Ok(function.into()) } else { Err(tool::wrong_type(kind, import.name())) }
    }

    fn image_export(&mut self, image: Instance, name: &str) -> Result<Extern, HostError> {
        if let Some(definition) = self.store.data().linked(image, name) {
            return Ok(definition);
        }
        let missing = || HostError::MissingImport { module: IMAGE.to_owned(), name: name.to_owned() };
        self.instance(image)?.get_export(&mut self.store, name).ok_or_else(missing)
    }

    /// The global that holds a module's literals.
    fn literals(&mut self, import: &ImportType<'_>, image: Instance, octets: &[u8]) -> Result<Global, HostError> {
        let ty = global_type(import)?;
        let decode = self.octets_function(image, "decode-literals")?;
        let mut scope = RootScope::new(&mut self.store);
        let made = call_with_octets(&mut scope, &decode, octets).and_then(|vector| Global::new(&mut scope, ty, vector));
        drop(scope);
        made.map_err(|error| self.error(error))
    }

    /// A global that holds an element of the vector in another.
    fn literal(&mut self, import: &ImportType<'_>, vector: Option<Global>, index: u32) -> Result<Extern, HostError> {
        let missing = || HostError::MissingImport { module: IMAGE.to_owned(), name: import.name().to_owned() };
        let vector = vector.ok_or_else(missing)?;
        let ty = global_type(import)?;
        let mut scope = RootScope::new(&mut self.store);
        let element = element(&mut scope, vector, index);
        let made = element.map(|element| element.map(|element| Global::new(&mut scope, ty, element)));
        drop(scope);
        let made = made.map_err(|error| self.error(error))?.ok_or_else(missing)?;
        made.map(Extern::Global).map_err(|error| self.error(error))
    }

    fn instantiate(&mut self, module: &CompiledModule, imports: &[Extern]) -> Result<Instance, HostError> {
        let mut scope = RootScope::new(&mut self.store);
        let made = wasmtime::Instance::new(&mut scope, &module.inner, imports);
        drop(scope);
        let made = made.map_err(|error| self.error(error))?;
        let state = self.store.data_mut();
        state.instances.push(made);
        Ok(Instance { session: state.session, index: state.instances.len() - 1 })
    }

    fn note_exports(&mut self, image: Instance, instance: Instance, module: &CompiledModule) -> Result<(), HostError> {
        let linked = self.instance(instance)?;
        let mut exports = Vec::new();
        for export in module.inner.exports().filter(|export| export.name() != "init") {
            if let Some(definition) = linked.get_export(&mut self.store, export.name()) {
                exports.push((export.name().to_owned(), definition));
            }
        }
        self.store.data_mut().link(image, exports);
        Ok(())
    }

    fn instance(&self, instance: Instance) -> Result<wasmtime::Instance, HostError> {
        let state = self.store.data();
        let own = state.instances.get(instance.index).filter(|_| instance.session == state.session);
        own.copied().ok_or_else(|| HostError::Engine("the instance belongs to another session".to_owned()))
    }

    fn function(&mut self, instance: Instance, name: &str) -> Result<Func, HostError> {
        let export = self.instance(instance)?.get_export(&mut self.store, name);
        let export = export.ok_or_else(|| HostError::NoExport { name: name.to_owned() })?;
        export.into_func().ok_or_else(|| HostError::ExportType { name: name.to_owned(), expected: "a function" })
    }

    /// Whether an instance exports something of that name.
    #[must_use]
    pub fn has_export(&mut self, instance: Instance, name: &str) -> bool {
        self.instance(instance).is_ok_and(|found| found.get_export(&mut self.store, name).is_some())
    }

    /// An export that takes octets and returns one value.
    fn octets_function(&mut self, instance: Instance, name: &str) -> Result<OctetsFunction, HostError> {
        let known = &self.store.data().octets_functions;
        if let Some(known) = known.iter().find(|known| known.instance == instance && *known.name == *name) {
            return Ok(known.clone());
        }
        let function = self.function(instance, name)?;
        let allocator = self.allocator(function, name)?;
        let found = OctetsFunction { instance, name: name.into(), function, allocator };
        self.store.data_mut().octets_functions.push(found.clone());
        Ok(found)
    }

    /// The allocator for the octets that a function takes, which returns one value.
    fn allocator(&mut self, function: Func, name: &str) -> Result<Arc<ArrayRefPre>, HostError> {
        let ty = function.ty(&self.store);
        let (mut params, mut results) = (ty.params(), ty.results());
        let array = match (params.next(), params.next(), results.next(), results.next()) {
            (Some(octets), None, Some(_), None) => octet_array(&octets),
            _ => None,
        };
        let expected = "a function from octets to one value";
        let array = array.ok_or_else(|| HostError::ExportType { name: name.to_owned(), expected })?;
        let state = self.store.data();
        if wasmtime::ArrayType::eq(&array, &state.engine.octets_type)
            && let Some(allocator) = &state.octets
        {
            return Ok(Arc::clone(allocator));
        }
        Ok(Arc::new(ArrayRefPre::new(&mut self.store, array)))
    }

    /// Calls an export that takes octets (a reference to an array of `i8`) and returns octets.
    ///
    /// # Errors
    /// There is no such export, it is of another type, or running it failed.
    pub fn call_octets(&mut self, instance: Instance, export: &str, octets: &[u8]) -> Result<Vec<u8>, HostError> {
        let _measurement = self.store.data().engine.clock.start(Activity::Calling);
        let function = self.octets_function(instance, export)?;
        let mut scope = RootScope::new(&mut self.store);
        let result = call_with_octets(&mut scope, &function, octets).and_then(|result| octets_of(&mut scope, &result));
        drop(scope);
        let octets = result.map_err(|error| self.error(error))?;
        octets.ok_or_else(|| HostError::ExportType { name: export.to_owned(), expected: "a function to octets" })
    }

    /// Calls an export that takes and returns nothing.
    ///
    /// # Errors
    /// There is no such export, it is of another type, or running it failed.
    pub fn call_unit(&mut self, instance: Instance, export: &str) -> Result<(), HostError> {
        let function = self.function(instance, export)?;
        let typed = function.typed::<(), ()>(&self.store).map_err(|_| HostError::ExportType {
            name: export.to_owned(),
            expected: "a function without parameters and results",
        })?;
        let mut scope = RootScope::new(&mut self.store);
        let called = typed.call(&mut scope, ());
        drop(scope);
        called.map_err(|error| self.error(error))
    }

    /// Calls an export that takes 32-bit integers and returns one.
    ///
    /// # Errors
    /// There is no such export, it is of another type, or running it failed.
    pub fn call_i32(&mut self, instance: Instance, export: &str, arguments: &[i32]) -> Result<i32, HostError> {
        let function = self.function(instance, export)?;
        let ty = function.ty(&self.store);
        let fits = ty.params().len() == arguments.len()
            && ty.params().all(|param| param.is_i32())
            && ty.results().len() == 1
            && ty.results().all(|result| result.is_i32());
        if !fits {
            let expected = "a function of that many 32-bit integers to one";
            return Err(HostError::ExportType { name: export.to_owned(), expected });
        }
        let arguments: Vec<Val> = arguments.iter().map(|&argument| Val::I32(argument)).collect();
        let mut results = [Val::I32(0)];
        let mut scope = RootScope::new(&mut self.store);
        let called = function.call(&mut scope, &arguments, &mut results);
        drop(scope);
        called.map_err(|error| self.error(error))?;
        let [result] = results;
        Ok(result.unwrap_i32())
    }

    /// Takes the report of the last condition that the image reported as unhandled.
    #[must_use]
    pub fn take_report(&mut self) -> Option<LispReport> {
        self.store.data_mut().report.take()
    }

    /// Runs the garbage collector.
    ///
    /// # Errors
    /// The heap cannot be collected.
    pub fn collect(&mut self) -> Result<(), HostError> {
        let collected = self.store.gc(None);
        collected.map_err(|error| self.error(error))
    }

    fn error(&mut self, error: wasmtime::Error) -> HostError {
        if error.is::<wasmtime::ThrownException>() {
            // The exception would else stay in the store, a root forever. When this was a call from within a host function, it
            // goes on in what called that.
            let mut scope = RootScope::new(&mut self.store);
            let thrown = scope.as_context_mut().take_pending_exception();
            let thrown = thrown.and_then(|thrown| thrown.to_owned_rooted(&mut scope).ok());
            scope.as_context_mut().data_mut().thrown = thrown;
        }
        HostError::from_engine(error, self.store.data_mut())
    }
}

/// The place in the vector of literals that an import's name stands for.
fn literal_index(name: &str) -> Option<u32> {
    name.strip_prefix(LITERAL)?.parse().ok()
}

fn global_type(import: &ImportType<'_>) -> Result<GlobalType, HostError> {
    let wrong = || HostError::ExportType { name: import.name().to_owned(), expected: "imported as a global" };
    import.ty().global().cloned().ok_or_else(wrong)
}

/// An element of the vector in a global, none where there is none.
fn element(mut store: impl AsContextMut<Data = State>, vector: Global, index: u32) -> wasmtime::Result<Option<Val>> {
    let vector = vector.get(&mut store);
    let Some(Some(vector)) = vector.any_ref() else { return Ok(None) };
    let Some(vector) = vector.as_array(store.as_context())? else { return Ok(None) };
    if index >= vector.len(store.as_context())? { Ok(None) } else { vector.get(&mut store, index).map(Some) }
}

fn call_with_octets(
    mut store: impl AsContextMut<Data = State>,
    taker: &OctetsFunction,
    octets: &[u8],
) -> wasmtime::Result<Val> {
    let array = ArrayRef::new_from_i8_slice(&mut store, &taker.allocator, octets)?;
    let mut results = [Val::null_any_ref()];
    taker.function.call(&mut store, &[Val::AnyRef(Some(array.to_anyref()))], &mut results)?;
    let [result] = results;
    Ok(result)
}

/// The octets of a value, none if it is no array of octets.
fn octets_of(mut store: impl AsContextMut<Data = State>, value: &Val) -> wasmtime::Result<Option<Vec<u8>>> {
    let Some(Some(reference)) = value.any_ref() else { return Ok(None) };
    let Some(array) = reference.as_array(store.as_context())? else { return Ok(None) };
    if !array.ty(store.as_context())?.element_type().is_i8() {
        return Ok(None);
    }
    let mut octets = vec![0; array.len(store.as_context())? as usize];
    array.copy_to_i8_slice(&mut store, &mut octets)?;
    Ok(Some(octets))
}
