//! Vectors that clones share.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// A vector whose elements up to some moment belong to all clones together: those that come later are each clone's own. Who changes a
/// shared element gets a copy of all of them first.
///
/// ```
/// use clysm_reader::Layered;
///
/// let mut one: Layered<i32> = [1, 2].into_iter().collect();
/// one.share();
/// let mut other = one.clone();
/// one.push(3);
/// other[0] = 7;
/// assert_eq!((one.len(), one[0], one[2]), (3, 1, 3));
/// assert_eq!((other.len(), other[0]), (2, 7));
/// ```
#[derive(Debug, Clone)]
pub struct Layered<T> {
    shared: Arc<Vec<T>>,
    /// The number of shared elements.
    split: usize,
    own: Vec<T>,
}

impl<T> Default for Layered<T> {
    fn default() -> Self {
        Self { shared: Arc::default(), split: 0, own: Vec::new() }
    }
}

impl<T> FromIterator<T> for Layered<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self { own: elements.into_iter().collect(), ..Self::default() }
    }
}

impl<T> Layered<T> {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.split + self.own.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An element.
    pub fn get(&self, index: usize) -> Option<&T> {
        match index.checked_sub(self.split) {
            Some(own) => self.own.get(own),
            None => self.shared.get(index),
        }
    }

    /// Adds an element.
    pub fn push(&mut self, element: T) {
        self.own.push(element);
    }
}

impl<T: Clone> Layered<T> {
    /// Has later clones share all that is there.
    pub fn share(&mut self) {
        if !self.own.is_empty() {
            Arc::make_mut(&mut self.shared).append(&mut self.own);
            self.split = self.shared.len();
        }
    }

    /// Forgets all elements from an index on.
    pub fn truncate(&mut self, len: usize) {
        match len.checked_sub(self.split) {
            Some(own) => self.own.truncate(own),
            None => {
                Arc::make_mut(&mut self.shared).truncate(len);
                self.split = len;
                self.own.clear();
            }
        }
    }

    /// Adds elements until there are so many.
    pub fn fill(&mut self, len: usize, element: T) {
        if let Some(own) = len.checked_sub(self.split).filter(|own| *own > self.own.len()) {
            self.own.resize(own, element);
        }
    }
}

/// Like that of a vector, it panics where there is no element.
impl<T> Index<usize> for Layered<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        match index.checked_sub(self.split) {
            Some(own) => &self.own[own],
            None => &self.shared[index],
        }
    }
}

impl<T: Clone> IndexMut<usize> for Layered<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        match index.checked_sub(self.split) {
            Some(own) => &mut self.own[own],
            None => &mut Arc::make_mut(&mut self.shared)[index],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(layered: &Layered<i32>) -> Vec<i32> {
        (0..layered.len()).filter_map(|index| layered.get(index).copied()).collect()
    }

    #[test]
    fn what_a_clone_does_is_its_own_business() {
        let mut one: Layered<i32> = (0..3).collect();
        one.share();
        let mut other = one.clone();
        other.push(3);
        other.share();
        other[1] = 10;
        other.fill(6, 9);
        other.fill(2, 9);
        assert_eq!(all(&one), [0, 1, 2]);
        assert_eq!(all(&other), [0, 10, 2, 3, 9, 9]);
        other.truncate(5);
        assert_eq!(all(&other), [0, 10, 2, 3, 9]);
        other.truncate(1);
        other.push(4);
        assert_eq!((all(&other), all(&one)), (vec![0, 4], vec![0, 1, 2]));
        assert_eq!(one.get(3), None);
    }
}
