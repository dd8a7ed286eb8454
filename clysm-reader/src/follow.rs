//! Following the packages of a live image: what was checked and done there is done here, whatever else this side knows.

use crate::package::PackageError;
use crate::symbol::{PackageId, Status, Symbol, Symbols};

/// A change of a package, as an image reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageChange {
    /// The package was made, with these nicknames.
    Made(Vec<String>),
    /// It has another name, and other nicknames.
    Renamed(String, Vec<String>),
    /// It was deleted.
    Deleted,
    /// These symbols are present.
    Imported(Vec<Symbol>),
    /// These symbols are external.
    Exported(Vec<Symbol>),
    /// These symbols are internal.
    Unexported(Vec<Symbol>),
    /// These symbols are shadowing symbols.
    Shadowing(Vec<Symbol>),
    /// These symbols are not present any more.
    Uninterned(Vec<Symbol>),
    /// It uses these packages too.
    Uses(Vec<String>),
    /// It uses these packages no more.
    Unuses(Vec<String>),
}

impl Symbols {
    /// Makes the change of the package with that name. Nothing is in conflict with it: a symbol that is in its way and that
    /// the image cannot know of is removed.
    ///
    /// # Errors
    /// There is no such package, or a name belongs to another one: then what is known here is not what the image knows.
    pub fn follow(&mut self, name: &str, change: &PackageChange) -> Result<(), PackageError> {
        let unknown = |name: &str| PackageError::Unknown { name: name.to_owned() };
        let package = match (self.find_package(name), change) {
            (Some(package), _) => package,
            (None, PackageChange::Made(_)) => self.make_package(name, &[], &[])?,
            (None, _) => return Err(unknown(name)),
        };
        match change {
            PackageChange::Made(nicknames) => self.follow_names(package, name, nicknames)?,
            PackageChange::Renamed(name, nicknames) => self.follow_names(package, name, nicknames)?,
            PackageChange::Deleted => self.follow_deletion(package)?,
            PackageChange::Imported(symbols) => symbols.iter().for_each(|symbol| self.take_in(package, *symbol)),
            PackageChange::Exported(symbols) => {
                for symbol in symbols {
                    self.take_in(package, *symbol);
                    self.set_external(package, *symbol, true);
                }
            }
            PackageChange::Unexported(symbols) => {
                symbols.iter().for_each(|symbol| self.set_external(package, *symbol, false));
            }
            PackageChange::Shadowing(symbols) => self.shadowing_import(package, symbols)?,
            PackageChange::Uninterned(symbols) => {
                for symbol in symbols {
                    if self.is_present(package, *symbol) {
                        self.remove_present(package, *symbol);
                    }
                }
            }
            PackageChange::Uses(names) => {
                for name in names {
                    let used = self.find_package(name).ok_or_else(|| unknown(name))?;
                    self.add_use(package, used);
                }
            }
            PackageChange::Unuses(names) => {
                for name in names {
                    let used = self.find_package(name).ok_or_else(|| unknown(name))?;
                    self.unuse(package, used);
                }
            }
        }
        Ok(())
    }

    fn follow_names(&mut self, package: PackageId, name: &str, nicknames: &[String]) -> Result<(), PackageError> {
        let nicknames: Vec<&str> = nicknames.iter().map(String::as_str).collect();
        self.rename(package, name, &nicknames)
    }

    fn follow_deletion(&mut self, package: PackageId) -> Result<(), PackageError> {
        for user in self.used_by_list(package).to_vec() {
            self.unuse(user, package);
        }
        self.delete_package(package).map(|_| ())
    }

    /// Makes the symbol present, in place of any other of its name.
    fn take_in(&mut self, package: PackageId, symbol: Symbol) {
        if let Some((other, Status::Internal | Status::External)) = self.find(package, self.name(symbol))
            && other != symbol
        {
            self.remove_present(package, other);
        }
        self.add_present(package, symbol);
    }

    /// The symbol of that name that is present in the package, whatever is inherited; made if there is none.
    pub fn present(&mut self, package: PackageId, name: &str) -> Symbol {
        match self.find(package, name) {
            Some((symbol, Status::Internal | Status::External)) => symbol,
            _ => self.make_present(package, name),
        }
    }
}
