//! Sets of types.

use crate::GcType;

/// A set of the object model's types.
///
/// ```
/// use clysm_gc_types::{GcType, TypeSet};
///
/// let mut set = TypeSet::EMPTY;
/// set.insert(GcType::Ratio);
/// assert!(set.contains(GcType::Ratio) && !set.contains(GcType::Double));
/// assert!(TypeSet::ALL.difference(set).contains(GcType::Double));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeSet(u32);

impl TypeSet {
    /// No type.
    pub const EMPTY: Self = Self(0);
    /// Every type.
    pub const ALL: Self = Self((1 << GcType::TABLE.len()) - 1);

    /// Adds a type.
    pub const fn insert(&mut self, ty: GcType) {
        self.0 |= 1 << ty.index();
    }

    /// Adds the type of an index, if it is one of the table.
    pub const fn insert_index(&mut self, index: u32) {
        if (index as usize) < GcType::TABLE.len() {
            self.0 |= 1 << index;
        }
    }

    /// Whether a type is in the set.
    #[must_use]
    pub const fn contains(self, ty: GcType) -> bool {
        self.0 & (1 << ty.index()) != 0
    }

    /// The types of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The types that are not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FromIterator<GcType> for TypeSet {
    fn from_iter<I: IntoIterator<Item = GcType>>(types: I) -> Self {
        let mut set = Self::EMPTY;
        types.into_iter().for_each(|ty| set.insert(ty));
        set
    }
}
