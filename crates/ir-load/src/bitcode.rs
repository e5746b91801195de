//! Who made a bitcode file. LLVM refuses bitcode of another epoch before it says whose it is.

/// The producer that a bitcode file names in its identification block (`LLVM22.1.2-rust-1.95.0`).
/// `None` for anything that is not bitcode or names nobody.
pub fn producer(bytes: &[u8]) -> Option<String> {
    let bytes = match bytes {
        // A wrapper header says where the bitcode begins, in its third word.
        [0xde, 0xc0, 0x17, 0x0b, ..] => {
            let offset = u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?);
            bytes.get(usize::try_from(offset).ok()?..)?
        }
        _ => bytes,
    };
    let mut bits = Bits {
        bytes: bytes.strip_prefix(b"BC\xc0\xde")?,
        at: 0,
    };
    // The first block of a file is the identification block.
    if bits.fixed(2)? != ENTER_SUBBLOCK || bits.vbr(8)? != IDENTIFICATION_BLOCK {
        return None;
    }
    let width = bits.vbr(4)?;
    bits.align();
    bits.fixed(32)?;
    read_block(&mut bits, u32::try_from(width).ok()?)
}

const END_BLOCK: u64 = 0;
const ENTER_SUBBLOCK: u64 = 1;
const DEFINE_ABBREV: u64 = 2;
const UNABBREV_RECORD: u64 = 3;
const IDENTIFICATION_BLOCK: u64 = 13;
const CODE_STRING: u64 = 1;
/// Longer than any producer's name, shorter than anything that could hurt.
const MAX_STRING: u64 = 4096;

fn read_block(bits: &mut Bits<'_>, width: u32) -> Option<String> {
    let mut abbreviations: Vec<Vec<Operand>> = Vec::new();
    loop {
        match bits.fixed(width)? {
            END_BLOCK | ENTER_SUBBLOCK => return None,
            DEFINE_ABBREV => abbreviations.push(definition(bits)?),
            UNABBREV_RECORD => {
                let code = bits.vbr(6)?;
                let count = bits.vbr(6)?.min(MAX_STRING);
                let values: Option<Vec<u64>> = (0..count).map(|_| bits.vbr(6)).collect();
                if code == CODE_STRING {
                    return text(&values?);
                }
            }
            id => {
                let index = usize::try_from(id - 4).ok()?;
                let values = record(bits, abbreviations.get(index)?)?;
                if let Some((&CODE_STRING, rest)) = values.split_first() {
                    return text(rest);
                }
            }
        }
    }
}

/// How one value of an abbreviated record is written.
#[derive(Clone, Copy)]
enum Operand {
    Literal(u64),
    Fixed(u32),
    Vbr(u32),
    Array,
    Char6,
}

fn definition(bits: &mut Bits<'_>) -> Option<Vec<Operand>> {
    let count = bits.vbr(5)?;
    if count > 64 {
        return None;
    }
    (0..count)
        .map(|_| {
            Some(if bits.fixed(1)? == 1 {
                Operand::Literal(bits.vbr(8)?)
            } else {
                match bits.fixed(3)? {
                    1 => Operand::Fixed(u32::try_from(bits.vbr(5)?).ok().filter(|w| *w <= 64)?),
                    2 => Operand::Vbr(
                        u32::try_from(bits.vbr(5)?)
                            .ok()
                            .filter(|w| (2..=32).contains(w))?,
                    ),
                    3 => Operand::Array,
                    4 => Operand::Char6,
                    _ => return None,
                }
            })
        })
        .collect()
}

fn record(bits: &mut Bits<'_>, operands: &[Operand]) -> Option<Vec<u64>> {
    let mut values = Vec::new();
    let mut at = 0;
    while let Some(operand) = operands.get(at) {
        at += 1;
        match operand {
            Operand::Array => {
                let element = *operands.get(at)?;
                at += 1;
                let count = bits.vbr(6)?.min(MAX_STRING);
                for _ in 0..count {
                    values.push(bits.value(element)?);
                }
            }
            &other => values.push(bits.value(other)?),
        }
    }
    Some(values)
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

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// So many bits; none where no number has as many, or the file has not.
    fn fixed(&mut self, width: u32) -> Option<u64> {
        if width > u64::BITS {
            return None;
        }
        let mut value = 0;
        for bit in 0..width {
            let byte = self.bytes.get(self.at / 8)?;
            value |= u64::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    /// Groups of `width` bits, low group first; the highest bit of each says that more follow.
    fn vbr(&mut self, width: u32) -> Option<u64> {
        let mut value = 0_u64;
        let mut shift = 0;
        loop {
            let group = self.fixed(width)?;
            let payload = group & ((1 << width.checked_sub(1)?) - 1);
            value |= payload.checked_shl(shift)?;
            if group >> (width - 1) == 0 {
                return Some(value);
            }
            shift += width - 1;
        }
    }

    fn value(&mut self, operand: Operand) -> Option<u64> {
        match operand {
            Operand::Literal(value) => Some(value),
            Operand::Fixed(width) => self.fixed(width),
            Operand::Vbr(width) => self.vbr(width),
            Operand::Char6 => {
                const CHARS: &[u8; 64] =
                    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
                Some(u64::from(CHARS[usize::try_from(self.fixed(6)?).ok()?]))
            }
            Operand::Array => None,
        }
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(32);
    }
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

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes: Vec<u8>, magic: bool) {
            if magic {
                bytes.splice(0..0, *b"BC\xc0\xde\x35\x14\x00\x00");
            }
            producer(&bytes);
        }
    }
}
