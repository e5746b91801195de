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
