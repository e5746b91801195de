//! Files that hold no IR themselves: what they are, and what of them can be read.

use std::fmt;

/// What a file is that holds no IR, or not as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Compressed, and what takes that away.
    Compressed {
        /// The format.
        format: &'static str,
        /// The program that writes the contents to standard output.
        program: &'static str,
    },
    /// Machine code, without bitcode in it.
    MachineCode,
    /// An archive of object files, as a `.rlib` is one, without bitcode in them.
    Archive,
    /// Rust source.
    Rust,
    /// Other bytes that are no text.
    Binary,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Foreign::Compressed { format, .. } => write!(f, "is compressed ({format})"),
            Foreign::MachineCode => f.write_str("is machine code, without bitcode in it"),
            Foreign::Archive => {
                f.write_str("is an archive of object files without bitcode in them")
            }
            Foreign::Rust => f.write_str("is Rust source"),
            Foreign::Binary => f.write_str("is no IR: it begins with a zero byte"),
        }
    }
}

/// What bytes are that are no IR. `None` for what may be some.
pub(crate) fn foreign(bytes: &[u8]) -> Option<Foreign> {
    let compressed = |format, program| Some(Foreign::Compressed { format, program });
    match bytes {
        [0x1f, 0x8b, ..] => compressed("gzip", "gzip -dc"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => compressed("xz", "xz -dc"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => compressed("zstd", "zstd -dc"),
        [b'B', b'Z', b'h', ..] => compressed("bzip2", "bzip2 -dc"),
        [0x7f, b'E', b'L', b'F', ..]
        | [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..]
        | [0, b'a', b's', b'm', ..] => Some(Foreign::MachineCode),
        _ if bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n") => {
            Some(Foreign::Archive)
        }
        _ if bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(&[0xde, 0xc0, 0x17, 0x0b]) => {
            None
        }
        // No text begins like this, not even a damaged one.
        [0, ..] => Some(Foreign::Binary),
        _ => None,
    }
}

/// The bitcode that `-C embed-bitcode` puts into an object file: the section `.llvmbc` of 64-bit ELF.
pub(crate) fn embedded_bitcode(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(&[0x7f, b'E', b'L', b'F', 2, 1]) {
        return None;
    }
    let number = |at: usize, size: usize| -> Option<usize> {
        let bytes = bytes.get(at..at.checked_add(size)?)?;
        let mut wide = [0; 8];
        wide[..size].copy_from_slice(bytes);
        usize::try_from(u64::from_le_bytes(wide)).ok()
    };
    let (table, size, count) = (number(0x28, 8)?, number(0x3a, 2)?, number(0x3c, 2)?);
    let section = |at: usize| table.checked_add(at.checked_mul(size)?);
    let names = number(section(number(0x3e, 2)?)?.checked_add(0x18)?, 8)?;
    (0..count).find_map(|at| {
        let header = section(at)?;
        let name = names.checked_add(number(header, 4)?)?;
        if !bytes.get(name..)?.starts_with(b".llvmbc\0") {
            return None;
        }
        let start = number(header.checked_add(0x18)?, 8)?;
        let length = number(header.checked_add(0x20)?, 8)?;
        let found = bytes.get(start..start.checked_add(length)?)?;
        found.starts_with(b"BC\xc0\xde").then_some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_ir_are_known() {
        assert_eq!(
            foreign(b"\x1f\x8b\x08").unwrap().to_string(),
            "is compressed (gzip)"
        );
        assert_eq!(foreign(b"!<arch>\n").unwrap(), Foreign::Archive);
        assert_eq!(foreign(b"\x7fELF\x02\x01").unwrap(), Foreign::MachineCode);
        assert_eq!(foreign(b"\0\0\0").unwrap(), Foreign::Binary);
        assert_eq!(foreign(b"define void @f() {\n}\n"), None);
        assert_eq!(foreign(b"BC\xc0\xde\0"), None);
    }

    #[test]
    fn damaged_object_files_hold_nothing() {
        let mut object = b"\x7fELF\x02\x01".to_vec();
        object.resize(64, 0xff);
        for length in 0..object.len() {
            assert_eq!(embedded_bitcode(&object[..length]), None);
        }
    }
}
