//! Package operations (CLHS chapter 11): each checks for name conflicts first, and changes nothing when it fails.

use std::sync::Arc;

use thiserror::Error;

use crate::symbol::{PackageId, Present, Status, Symbol, Symbols};

/// Why a package operation was refused. Names are as [`Symbols::qualified_name`] gives them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackageError {
    /// There is no package of that name.
    #[error("there is no package named {name}")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The package was deleted.
    #[error("package {package} has been deleted")]
    Deleted {
        /// Name that the package had.
        package: String,
    },
    /// A name or nickname is in use by another package.
    #[error("a package named {name} already exists")]
    NameTaken {
        /// The name asked for.
        name: String,
    },
    /// The symbol is not accessible in the package.
    #[error("symbol {symbol} is not accessible in package {package}")]
    NotAccessible {
        /// The symbol.
        symbol: String,
        /// Name of the package.
        package: String,
    },
    /// Two distinct symbols of one name would be accessible in a package (CLHS 11.1.1.2.5).
    #[error("name conflict in package {package}: {present} is accessible there, {symbol} would be too")]
    Conflict {
        /// Name of the package in which they conflict.
        package: String,
        /// The symbol that is accessible now.
        present: String,
        /// The symbol that would become accessible.
        symbol: String,
    },
    /// Uninterning a shadowing symbol would uncover a conflict between used packages.
    #[error("uninterning {symbol} from {package} uncovers a conflict between {first} and {second}")]
    Uncovered {
        /// Name of the package.
        package: String,
        /// The shadowing symbol.
        symbol: String,
        /// One inherited symbol.
        first: String,
        /// Another inherited symbol of the same name.
        second: String,
    },
    /// A package that others use can't be deleted.
    #[error("package {package} is used by {}", .users.join(", "))]
    InUse {
        /// Name of the package.
        package: String,
        /// Names of the packages that use it.
        users: Vec<String>,
    },
    /// KEYWORD neither uses packages nor is used, and unexports nothing.
    #[error("package KEYWORD can't {operation}")]
    Keyword {
        /// What was asked of it.
        operation: &'static str,
    },
}

/// A list of shadowing symbols stays short; order is that of shadowing.
fn add_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

impl Symbols {
    /// All packages that are not deleted, in creation order.
    pub fn packages(&self) -> impl Iterator<Item = PackageId> {
        (0..self.packages.len() as u32).map(PackageId).filter(|package| !self.is_deleted(*package))
    }

    /// Whether the package has been deleted.
    pub fn is_deleted(&self, package: PackageId) -> bool {
        self.packages[package.index()].deleted
    }

    /// The package's nicknames, in the order given.
    pub fn nicknames(&self, package: PackageId) -> impl Iterator<Item = &str> {
        self.packages[package.index()].nicknames.iter().map(|name| &**name)
    }

    /// The packages that this one uses, in the order in which they were added.
    pub fn use_list(&self, package: PackageId) -> &[PackageId] {
        &self.packages[package.index()].uses
    }

    /// The packages that use this one, in the order in which they began to.
    pub fn used_by_list(&self, package: PackageId) -> &[PackageId] {
        &self.packages[package.index()].used_by
    }

    /// The package's shadowing symbols, in the order in which they became such.
    pub fn shadowing_symbols(&self, package: PackageId) -> &[Symbol] {
        &self.packages[package.index()].shadowing
    }

    /// The symbols present in the package with their status, in creation order of the symbols.
    pub fn present_symbols(&self, package: PackageId) -> Vec<(Symbol, Status)> {
        let present = self.packages[package.index()].present.values();
        let status = |external| if external { Status::External } else { Status::Internal };
        let mut found: Vec<_> = present.map(|present| (present.symbol, status(present.external))).collect();
        found.sort_unstable_by_key(|(symbol, _)| *symbol);
        found
    }

    /// The external symbols of the package, in creation order of the symbols.
    pub fn external_symbols(&self, package: PackageId) -> Vec<Symbol> {
        let present = self.packages[package.index()].present.values();
        let mut found: Vec<_> = present.filter(|present| present.external).map(|present| present.symbol).collect();
        found.sort_unstable();
        found
    }

    /// Makes a package (CLHS `make-package`).
    ///
    /// # Errors
    /// When a name is taken, a used package is KEYWORD or deleted, or two used packages export different symbols of one
    /// name.
    pub fn make_package(
        &mut self,
        name: &str,
        nicknames: &[&str],
        uses: &[PackageId],
    ) -> Result<PackageId, PackageError> {
        for name in std::iter::once(&name).chain(nicknames) {
            if self.package_names.contains_key(*name) {
                return Err(PackageError::NameTaken { name: (*name).to_owned() });
            }
        }
        for used in uses {
            self.check_usable(*used)?;
        }
        let package = self.add_package(name, nicknames, &[]);
        for used in uses {
            if let Err(error) = self.use_package(package, *used) {
                self.delete_package(package)?;
                return Err(error);
            }
        }
        Ok(package)
    }

    /// Makes accessible symbols external in the package (CLHS `export`); inherited ones are imported first.
    ///
    /// # Errors
    /// When a symbol is not accessible, or a package that uses this one would see two symbols of one name. Then none of
    /// them is exported.
    pub fn export(&mut self, package: PackageId, symbols: &[Symbol]) -> Result<(), PackageError> {
        self.check_live(package)?;
        for symbol in symbols {
            self.check_export(package, *symbol)?;
        }
        for symbol in symbols {
            self.add_present(package, *symbol);
            self.set_external(package, *symbol, true);
        }
        Ok(())
    }

    fn check_export(&self, package: PackageId, symbol: Symbol) -> Result<(), PackageError> {
        let name = self.name(symbol);
        if self.find(package, name).is_none_or(|(found, _)| found != symbol) {
            return Err(self.not_accessible(package, symbol));
        }
        for user in self.used_by_list(package) {
            self.check_inheritable(*user, symbol)?;
        }
        Ok(())
    }

    /// Makes symbols internal again (CLHS `unexport`); one that is accessible and not external is left alone.
    ///
    /// # Errors
    /// When a symbol is not accessible, or the package is KEYWORD.
    pub fn unexport(&mut self, package: PackageId, symbols: &[Symbol]) -> Result<(), PackageError> {
        self.check_live(package)?;
        if package == PackageId::KEYWORD {
            return Err(PackageError::Keyword { operation: "unexport a symbol" });
        }
        for symbol in symbols {
            if self.find(package, self.name(*symbol)).is_none_or(|(found, _)| found != *symbol) {
                return Err(self.not_accessible(package, *symbol));
            }
        }
        for symbol in symbols {
            if self.is_present(package, *symbol) {
                self.set_external(package, *symbol, false);
            }
        }
        Ok(())
    }

    /// Makes symbols present in the package (CLHS `import`); a symbol without home package gets this one.
    ///
    /// # Errors
    /// When another symbol of the same name is accessible. Then none of them is imported.
    pub fn import(&mut self, package: PackageId, symbols: &[Symbol]) -> Result<(), PackageError> {
        self.check_live(package)?;
        for (index, symbol) in symbols.iter().enumerate() {
            let name = self.name(*symbol);
            let earlier = symbols[..index].iter().find(|earlier| self.name(**earlier) == name).copied();
            let found = self.find(package, name).map(|(found, _)| found).or(earlier);
            if let Some(present) = found.filter(|found| found != symbol) {
                return Err(self.conflict(package, present, *symbol));
            }
        }
        for symbol in symbols {
            self.add_present(package, *symbol);
        }
        Ok(())
    }

    /// Makes symbols present and shadowing, whatever else was accessible by their names (CLHS `shadowing-import`).
    ///
    /// # Errors
    /// When the package is deleted.
    pub fn shadowing_import(&mut self, package: PackageId, symbols: &[Symbol]) -> Result<(), PackageError> {
        self.check_live(package)?;
        for symbol in symbols {
            let present = self.packages[package.index()].present.get(self.name(*symbol)).copied();
            if let Some(other) = present.filter(|present| present.symbol != *symbol) {
                self.remove_present(package, other.symbol);
            }
            self.add_present(package, *symbol);
            add_once(&mut self.packages[package.index()].shadowing, *symbol);
        }
        Ok(())
    }

    /// Makes sure that symbols of these names are present in the package, and shadowing (CLHS `shadow`).
    ///
    /// # Errors
    /// When the package is deleted.
    pub fn shadow(&mut self, package: PackageId, names: &[&str]) -> Result<(), PackageError> {
        self.check_live(package)?;
        for name in names {
            let symbol = match self.packages[package.index()].present.get(*name) {
                Some(present) => present.symbol,
                None => self.make_present(package, name),
            };
            add_once(&mut self.packages[package.index()].shadowing, symbol);
        }
        Ok(())
    }

    /// Removes a symbol from a package (CLHS `unintern`); says whether it was present.
    ///
    /// # Errors
    /// When it is shadowing and its removal would uncover a conflict.
    pub fn unintern(&mut self, package: PackageId, symbol: Symbol) -> Result<bool, PackageError> {
        self.check_live(package)?;
        if !self.is_present(package, symbol) {
            return Ok(false);
        }
        if self.shadowing_symbols(package).contains(&symbol) {
            self.check_uncovered(package, symbol)?;
        }
        self.remove_present(package, symbol);
        Ok(true)
    }

    fn check_uncovered(&self, package: PackageId, symbol: Symbol) -> Result<(), PackageError> {
        let name = self.name(symbol);
        let mut inherited = self.use_list(package).iter().filter_map(|used| self.find_external(*used, name));
        let Some(first) = inherited.next() else { return Ok(()) };
        match inherited.find(|other| *other != first) {
            None => Ok(()),
            Some(second) => Err(PackageError::Uncovered {
                package: self.package_name(package).to_owned(),
                symbol: self.qualified_name(symbol),
                first: self.qualified_name(first),
                second: self.qualified_name(second),
            }),
        }
    }

    /// Makes the external symbols of `used` accessible in `package` (CLHS `use-package`).
    ///
    /// # Errors
    /// When either is KEYWORD or deleted, or a symbol conflicts.
    pub fn use_package(&mut self, package: PackageId, used: PackageId) -> Result<(), PackageError> {
        self.check_usable(package)?;
        self.check_usable(used)?;
        if package == used || self.use_list(package).contains(&used) {
            return Ok(());
        }
        for symbol in self.external_symbols(used) {
            self.check_inheritable(package, symbol)?;
        }
        self.add_use(package, used);
        Ok(())
    }

    /// Enters that `package` uses `used`, with which nothing conflicts.
    pub(crate) fn add_use(&mut self, package: PackageId, used: PackageId) {
        add_once(&mut self.packages[package.index()].uses, used);
        add_once(&mut self.packages[used.index()].used_by, package);
    }

    /// Undoes [`Symbols::use_package`] (CLHS `unuse-package`); says whether `used` was used.
    pub fn unuse(&mut self, package: PackageId, used: PackageId) -> bool {
        let uses = &mut self.packages[package.index()].uses;
        let before = uses.len();
        uses.retain(|other| *other != used);
        let removed = uses.len() < before;
        self.packages[used.index()].used_by.retain(|other| *other != package);
        removed
    }

    /// Gives the package a new name and new nicknames (CLHS `rename-package`).
    ///
    /// # Errors
    /// When a name is in use by another package, or the package is deleted.
    pub fn rename(&mut self, package: PackageId, name: &str, nicknames: &[&str]) -> Result<(), PackageError> {
        self.check_live(package)?;
        let names = || std::iter::once(&name).chain(nicknames);
        for name in names() {
            if self.find_package(name).is_some_and(|other| other != package) {
                return Err(PackageError::NameTaken { name: (*name).to_owned() });
            }
        }
        self.package_names.retain(|_, other| *other != package);
        for name in names() {
            self.package_names.insert(Arc::from(*name), package);
        }
        let record = &mut self.packages[package.index()];
        record.name = Arc::from(name);
        record.nicknames = nicknames.iter().map(|name| Arc::from(*name)).collect();
        Ok(())
    }

    /// Deletes the package (CLHS `delete-package`): its names become free, its symbols lose it as home. Says whether it was
    /// not deleted already.
    ///
    /// # Errors
    /// When other packages use it.
    pub fn delete_package(&mut self, package: PackageId) -> Result<bool, PackageError> {
        if self.is_deleted(package) {
            return Ok(false);
        }
        if !self.used_by_list(package).is_empty() {
            let users = self.used_by_list(package).iter().map(|user| self.package_name(*user).to_owned()).collect();
            return Err(PackageError::InUse { package: self.package_name(package).to_owned(), users });
        }
        for used in self.use_list(package).to_vec() {
            self.unuse(package, used);
        }
        for (symbol, _) in self.present_symbols(package) {
            self.remove_present(package, symbol);
        }
        self.package_names.retain(|_, other| *other != package);
        self.packages[package.index()].deleted = true;
        Ok(true)
    }

    /// Whether this very symbol is present in the package.
    pub fn is_present(&self, package: PackageId, symbol: Symbol) -> bool {
        let present = self.packages[package.index()].present.get(self.name(symbol));
        present.is_some_and(|present| present.symbol == symbol)
    }

    /// Makes the symbol present, internal if it was not present before. The name is known to be free.
    pub(crate) fn add_present(&mut self, package: PackageId, symbol: Symbol) {
        if self.is_present(package, symbol) {
            return;
        }
        let name = self.shared_name(symbol);
        let external = package == PackageId::KEYWORD;
        Arc::make_mut(&mut self.packages[package.index()].present).insert(name, Present { symbol, external });
        if self.package(symbol).is_none() {
            self.set_home(symbol, Some(package));
        }
    }

    pub(crate) fn remove_present(&mut self, package: PackageId, symbol: Symbol) {
        let name = self.shared_name(symbol);
        let record = &mut self.packages[package.index()];
        Arc::make_mut(&mut record.present).remove(&name);
        record.shadowing.retain(|other| *other != symbol);
        if self.package(symbol) == Some(package) {
            self.set_home(symbol, None);
        }
    }

    /// Whether a symbol exported from a used package may become accessible in `package`.
    fn check_inheritable(&self, package: PackageId, symbol: Symbol) -> Result<(), PackageError> {
        match self.find(package, self.name(symbol)) {
            Some((present, _)) if present != symbol && !self.shadowing_symbols(package).contains(&present) => {
                Err(self.conflict(package, present, symbol))
            }
            _ => Ok(()),
        }
    }

    fn check_usable(&self, package: PackageId) -> Result<(), PackageError> {
        if package == PackageId::KEYWORD {
            return Err(PackageError::Keyword { operation: "use a package or be used" });
        }
        self.check_live(package)
    }

    fn check_live(&self, package: PackageId) -> Result<(), PackageError> {
        if self.is_deleted(package) {
            return Err(PackageError::Deleted { package: self.package_name(package).to_owned() });
        }
        Ok(())
    }

    fn conflict(&self, package: PackageId, present: Symbol, symbol: Symbol) -> PackageError {
        PackageError::Conflict {
            package: self.package_name(package).to_owned(),
            present: self.qualified_name(present),
            symbol: self.qualified_name(symbol),
        }
    }

    fn not_accessible(&self, package: PackageId, symbol: Symbol) -> PackageError {
        PackageError::NotAccessible {
            symbol: self.qualified_name(symbol),
            package: self.package_name(package).to_owned(),
        }
    }
}
