//! What can be read in bitcode without LLVM: who made it, what it holds, and what uses what.

mod bits;
mod module;

use bits::{Entry, Reader};
pub use module::{Bitcode, Global, GlobalKind, Uses};

/// The producer that a bitcode file names in its identification block (`LLVM22.1.2-rust-1.95.0`).
/// `None` for anything that is not bitcode or names nobody.
pub fn producer(bytes: &[u8]) -> Option<String> {
    const IDENTIFICATION_BLOCK: u64 = 13;
    const STRING: u64 = 1;
    let mut reader = Reader::new(bytes)?;
    // The first block of a file is the identification block.
    if reader.next()? != Entry::Block(IDENTIFICATION_BLOCK) {
        return None;
    }
    reader.enter(IDENTIFICATION_BLOCK)?;
    loop {
        match reader.next()? {
            Entry::Record(STRING) => return text(reader.values()),
            Entry::Record(_) => {}
            _ => return None,
        }
    }
}

/// The major version of LLVM that a producer or a version names first: `22.1.8`, `LLVM22.1.2-rust-1.95.0`.
pub fn llvm_major(version: &str) -> Option<u32> {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The modules of a file that holds several, each as a file of its own, as `llvm-cat -b` puts them together. `None`
/// where there is only one, or it cannot be told.
pub(crate) fn split(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    const IDENTIFICATION_BLOCK: u64 = 13;
    const MODULE_BLOCK: u64 = 8;
    const STRINGS: u64 = 23;
    const MAGIC: &[u8] = b"BC\xc0\xde";
    // Behind a wrapper nobody puts several.
    if !bytes.starts_with(MAGIC) {
        return None;
    }
    let mut blocks = Vec::new();
    let mut at = 0;
    while at + 4 <= bytes.len() {
        // Files that a linker put together keep their first words.
        if bytes[at..].starts_with(MAGIC) {
            at += MAGIC.len();
            continue;
        }
        let (id, end) = top_block(bytes, at)?;
        blocks.push((id, bytes.get(at..end)?));
        at = end;
    }
    let starts: Vec<usize> = (0..blocks.len())
        .filter(|&at| blocks[at].0 == MODULE_BLOCK)
        .collect();
    if starts.len() < 2 {
        return None;
    }
    let modules = starts.iter().map(|&at| {
        let mut module = MAGIC.to_vec();
        // Offsets in a module count from its identification.
        if at > 0 && blocks[at - 1].0 == IDENTIFICATION_BLOCK {
            module.extend_from_slice(blocks[at - 1].1);
        }
        module.extend_from_slice(blocks[at].1);
        // Names stand in the first table behind it, which may be that of several.
        let strings = blocks[at..].iter().find(|(id, _)| *id == STRINGS);
        module.extend_from_slice(strings.map_or(&[][..], |(_, bytes)| bytes));
        module
    });
    Some(modules.collect())
}

/// The kind of a block at the top of a stream, where everything begins at a word, and where it ends.
fn top_block(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    /// What begins a block there.
    const ENTER: u32 = 1;
    let word = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let head = word(at)?;
    let id = head >> 2 & 0xff;
    // No kind of block has so large a number that it goes on in another byte.
    if head & 3 != ENTER || id > 0x7f {
        return None;
    }
    let length = usize::try_from(word(at + 4)?).ok()?.checked_mul(4)?;
    Some((u64::from(id), (at + 8).checked_add(length)?))
}

fn text(values: &[u64]) -> Option<String> {
    let bytes: Vec<u8> = values
        .iter()
        .map_while(|&value| u8::try_from(value).ok())
        .collect();
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixture(name: &str) -> Vec<u8> {
        let path = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    }

    #[test]
    fn rustc_signs_its_bitcode() {
        let found = producer(&fixture("bitcode.bc")).unwrap();
        assert!(found.starts_with("LLVM22."), "{found}");
        assert!(found.contains("-rust-"), "{found}");
        let newer = producer(&fixture("errors/future.bc")).unwrap();
        assert!(newer.starts_with("LLVM23."), "{newer}");
        assert_eq!(producer(&fixture("model.ll")), None);
        assert_eq!(llvm_major(&newer), Some(23));
        assert_eq!(llvm_major("22.1.8"), Some(22));
        assert_eq!(llvm_major("nothing"), None);
    }

    #[test]
    fn several_modules_become_files_of_their_own() {
        let one = fixture("bitcode.bc");
        assert!(split(&one).is_none());
        // As `llvm-cat -b` and as a linker puts them together.
        for other in [&one[4..], &one[..]] {
            let both = split(&[&one, other].concat()).unwrap();
            let symbols = |bytes: &[u8]| {
                let globals = Bitcode::names(bytes).unwrap().globals;
                let names = globals.into_iter().map(|global| global.name);
                names.collect::<Vec<_>>()
            };
            assert_eq!(both.len(), 2);
            for module in &both {
                assert_eq!(symbols(module), symbols(&one));
                assert_eq!(producer(module), producer(&one));
            }
        }
    }

    fn exercise(bytes: &[u8]) {
        producer(bytes);
        if let Some(modules) = split(bytes) {
            assert!(modules.len() > 1);
        }
        Bitcode::names(bytes);
        if let Some(bitcode) = Bitcode::uses(bytes) {
            bitcode.users(&[(GlobalKind::Function, 0), (GlobalKind::Variable, 3)]);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes: Vec<u8>, magic: bool) {
            if magic {
                bytes.splice(0..0, *b"BC\xc0\xde\x35\x14\x00\x00");
            }
            exercise(&bytes);
        }

        #[test]
        fn damage_is_survived(
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut: Option<prop::sample::Index>,
        ) {
            let mut bytes = fixture("bitcode.bc");
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            exercise(&bytes);
        }
    }
}
