//! A small deterministic hasher for names and indices.
//!
//! The standard library's default hasher is keyed per process and slow on short strings and single numbers; looking up symbols, and
//! what is known of them, is what the reader and the compiler do most. No table that uses this hasher is ever iterated where the order
//! could be seen.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map with the deterministic [`NameHasher`].
pub type NameMap<K, V> = HashMap<K, V, BuildHasherDefault<NameHasher>>;
/// A set with the deterministic [`NameHasher`].
pub type NameSet<K> = HashSet<K, BuildHasherDefault<NameHasher>>;

/// 2^64 divided by the golden ratio: spreads consecutive inputs over the high bits.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplicative hasher that takes eight octets a step.
#[derive(Debug, Default, Clone, Copy)]
pub struct NameHasher(u64);

impl NameHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks();
        for chunk in chunks {
            self.add(u64::from_be_bytes(*chunk));
        }
        if !rest.is_empty() {
            self.add(rest.iter().fold(rest.len() as u64, |word, &octet| word << 8 | u64::from(octet)));
        }
    }

    fn write_u8(&mut self, octet: u8) {
        self.add(u64::from(octet));
    }

    fn write_u16(&mut self, word: u16) {
        self.add(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.add(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its control bits from the top and its index from the bottom: fold so that both are good.
        self.0 ^ self.0 >> 32
    }
}
