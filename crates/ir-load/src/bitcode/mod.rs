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
    }

    fn exercise(bytes: &[u8]) {
        producer(bytes);
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
