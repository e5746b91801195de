//! Where lines, brackets, strings and comments begin and end, at the speed of reading. A library looks for
//! three bytes at most, and to look twice is to read twice.
#![allow(
    unsafe_code,
    reason = "vector loads take pointers, and this file does nothing else"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::is_x86_feature_detected;

/// Where the first of `wanted` stands.
pub(crate) fn first_of(wanted: [u8; 5], text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if text.len() >= x86::WIDTH && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function needs, and the text is long enough for one load.
        return unsafe { x86::first_of(wanted, text) };
    }
    first_one_by_one(wanted, text)
}

fn first_one_by_one(wanted: [u8; 5], text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| wanted.contains(byte))
}

/// The length of the first line, if every string that begins in it ends in it and no comment does either.
pub(crate) fn plain_line(text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function needs.
        return unsafe { x86::plain_line(text) };
    }
    line_one_by_one(text, 0, false)
}

fn line_one_by_one(text: &[u8], from: usize, mut quoted: bool) -> Option<usize> {
    for (at, byte) in text.iter().enumerate().skip(from) {
        match byte {
            b'\n' => return (!quoted).then_some(at),
            b'"' => quoted = !quoted,
            // These may stand in a string, which takes more to tell.
            b';' | b'/' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };

    /// Bytes in one load.
    pub(super) const WIDTH: usize = 32;

    /// # Safety
    ///
    /// `text` must have [`WIDTH`] bytes at `at`.
    #[target_feature(enable = "avx2")]
    unsafe fn block(text: &[u8], at: usize) -> __m256i {
        debug_assert!(at + WIDTH <= text.len());
        // SAFETY: the bytes are there, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(text.as_ptr().add(at).cast::<__m256i>()) }
    }

    #[target_feature(enable = "avx2")]
    fn mask(marks: __m256i) -> u32 {
        _mm256_movemask_epi8(marks).cast_unsigned()
    }

    #[target_feature(enable = "avx2")]
    fn equal(block: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(block, _mm256_set1_epi8(byte.cast_signed()))
    }

    /// # Safety
    ///
    /// The processor must have AVX2, and `text` at least [`WIDTH`] bytes.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn first_of(wanted: [u8; 5], text: &[u8]) -> Option<usize> {
        let marks = |at: usize| {
            // SAFETY: wherever this is called, `WIDTH` bytes are left behind `at`.
            let block = unsafe { block(text, at) };
            let [a, b, c, d, e] = wanted.map(|byte| equal(block, byte));
            let most = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
            _mm256_or_si256(most, e)
        };
        let place = |at: usize, marks: __m256i| {
            let mask = mask(marks);
            (mask != 0).then(|| at + mask.trailing_zeros() as usize)
        };
        // What is looked for is often near.
        if let Some(found) = place(0, marks(0)) {
            return Some(found);
        }
        let mut at = WIDTH;
        while at + 2 * WIDTH <= text.len() {
            let (low, high) = (marks(at), marks(at + WIDTH));
            if mask(_mm256_or_si256(low, high)) != 0 {
                return place(at, low).or_else(|| place(at + WIDTH, high));
            }
            at += 2 * WIDTH;
        }
        if at + WIDTH <= text.len() {
            if let Some(found) = place(at, marks(at)) {
                return Some(found);
            }
            at += WIDTH;
        }
        // The last load overlaps with the one before.
        let last = text.len() - WIDTH;
        if at < text.len() {
            place(last, marks(last))
        } else {
            None
        }
    }

    /// # Safety
    ///
    /// The processor must have AVX2.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn plain_line(text: &[u8]) -> Option<usize> {
        let mut quotes = 0;
        let mut at = 0;
        while at + WIDTH <= text.len() {
            // SAFETY: `WIDTH` bytes are left behind `at`.
            let block = unsafe { block(text, at) };
            let newline = mask(equal(block, b'\n'));
            // All bits up to the first newline, or all.
            let line = newline ^ newline.wrapping_sub(1);
            let comment = _mm256_or_si256(equal(block, b';'), equal(block, b'/'));
            if mask(comment) & line != 0 {
                return None;
            }
            quotes += (mask(equal(block, b'"')) & line).count_ones();
            if newline != 0 {
                let end = at + newline.trailing_zeros() as usize;
                return (quotes % 2 == 0).then_some(end);
            }
            at += WIDTH;
        }
        super::line_one_by_one(text, at, quotes % 2 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_is_found_wherever_it_stands(
            before in prop::collection::vec(0_u8..60, 0..300),
            after in prop::collection::vec(any::<u8>(), 0..100),
            wanted in prop::array::uniform5(60_u8..=255),
            which in 0..5_usize,
        ) {
            prop_assert_eq!(first_of(wanted, &before), None);
            let text = [&before[..], &[wanted[which]], &after[..]].concat();
            prop_assert_eq!(first_of(wanted, &text), Some(before.len()));
            prop_assert_eq!(first_one_by_one(wanted, &text), Some(before.len()));
        }

        #[test]
        fn plain_lines_are_the_same_in_blocks_and_one_by_one(
            parts in prop::collection::vec(
                prop::sample::select(vec!["\"", "\n", ";", "/", "a word ", "a much longer part of a line "]),
                0..30,
            )
        ) {
            let text = parts.concat();
            prop_assert_eq!(plain_line(text.as_bytes()), line_one_by_one(text.as_bytes(), 0, false));
        }
    }
}
