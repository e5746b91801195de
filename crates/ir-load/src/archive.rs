//! Archives of object files (`.a`, `.rlib`): their members, and the bitcode in these.

use crate::bitcode;
use crate::foreign::embedded_bitcode;

/// How an archive begins that holds its members.
const MAGIC: &[u8] = b"!<arch>\n";
/// How long the header of a member is.
const HEADER: usize = 60;

/// The modules of bitcode in the members of an archive, in their order. `None` where it is no archive.
pub(crate) fn modules(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut found = Vec::new();
    while let Some((member, after)) = member(rest) {
        let bitcode = match member.starts_with(b"BC\xc0\xde") {
            true => Some(member),
            false => embedded_bitcode(member),
        };
        if let Some(bitcode) = bitcode {
            match bitcode::split(bitcode) {
                Some(several) => found.extend(several),
                None => found.push(bitcode.to_vec()),
            }
        }
        rest = after;
    }
    Some(found)
}

/// The symbols that an archive's own index says it defines, in its order: what the linker goes by. Empty where it is no
/// archive, or has no index as GNU's `ar` writes one.
pub fn symbols(bytes: &[u8]) -> Vec<String> {
    let first = |bytes| Some((name(bytes)?, member(bytes)?.0));
    let Some((name, index)) = bytes.strip_prefix(MAGIC).and_then(first) else {
        return Vec::new();
    };
    // How many, where the member of each begins, and their names, each with a zero behind it.
    let width = match name.trim_end() {
        "/" => 4,
        "/SYM64/" => 8,
        _ => return Vec::new(),
    };
    let Some(count) = index.get(..width) else {
        return Vec::new();
    };
    let count = count
        .iter()
        .fold(0, |sum: u64, &byte| sum << 8 | u64::from(byte));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let names = count.saturating_mul(width).saturating_add(width);
    let names = index.get(names..).unwrap_or_default();
    let names = names.split(|&byte| byte == 0).take(count);
    names
        .filter_map(|name| std::str::from_utf8(name).ok())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What the first member is called.
fn name(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes.get(..16)?).ok()
}

/// The first member, and what comes behind it. A member that is cut off is none.
fn member(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = bytes.get(..HEADER)?;
    if !header.ends_with(b"`\n") {
        return None;
    }
    let size = std::str::from_utf8(&header[48..58]).ok()?.trim_end();
    let size: usize = size.parse().ok()?;
    let end = HEADER.checked_add(size)?;
    let member = bytes.get(HEADER..end)?;
    // Members begin at even places.
    let next = end.checked_add(size % 2)?;
    Some((member, bytes.get(next..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive as `ar` writes one.
    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for (name, member) in members {
            let header = format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                0,
                0,
                0,
                644,
                member.len()
            );
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend_from_slice(member);
            if member.len() % 2 == 1 {
                bytes.push(b'\n');
            }
        }
        bytes
    }

    #[test]
    fn symbols_stand_in_the_index() {
        let index = b"\0\0\0\x02\0\0\0\x40\0\0\0\x40f\0gg\0";
        let whole = archive(&[("/", index), ("a.o/", b"BC")]);
        assert_eq!(symbols(&whole), ["f", "gg"]);
        let wide = b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x40h\0";
        assert_eq!(symbols(&archive(&[("/SYM64/", wide)])), ["h"]);
        assert!(symbols(&archive(&[("a.o/", b"BC")])).is_empty());
        // What an index says is not believed.
        let huge = [[0xff; 4].as_slice(), b"f\0"].concat();
        assert!(symbols(&archive(&[("/", &huge)])).is_empty());
        for length in 0..whole.len() {
            assert!(symbols(&whole[..length]).len() <= 2);
        }
    }

    #[test]
    fn members_with_bitcode_are_found_among_others() {
        let one = b"BC\xc0\xde1".as_slice();
        let other = b"BC\xc0\xde22".as_slice();
        let whole = archive(&[("a.o/", one), ("lib.rmeta/", b"odd"), ("b.o/", other)]);
        assert_eq!(modules(&whole), Some(vec![one.to_vec(), other.to_vec()]));
        assert_eq!(modules(b"!<thin>\n"), None);
        // A cut off archive holds what is there, and nothing is read behind its end.
        for length in 0..whole.len() {
            let found = modules(&whole[..length]);
            assert!(found.is_none_or(|found| found.len() <= 2));
        }
    }
}
