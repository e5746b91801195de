//! Makes a printed function say the same whatever else its module holds.

/// Numbers for metadata, in the order in which it appears in what is printed.
///
/// LLVM numbers metadata through the whole module, most of which a function has nothing to do with.
#[derive(Default)]
pub(crate) struct Numbers {
    /// By LLVM's number; [`Numbers::NONE`] for what has not appeared.
    given: Vec<u32>,
    next: u32,
}

impl Numbers {
    const NONE: u32 = u32::MAX;
    /// No module holds as many nodes.
    const MOST: u32 = 1 << 28;

    fn of(&mut self, number: u32) -> u32 {
        let at = number as usize;
        if self.given.len() <= at {
            self.given.resize(at + 1, Self::NONE);
        }
        if self.given[at] == Self::NONE {
            self.given[at] = self.next;
            self.next += 1;
        }
        self.given[at]
    }

    /// Writes the reference to metadata at the beginning of `text`, and says how long it is there; 0 if
    /// none begins there.
    fn write(&mut self, text: &[u8], out: &mut String) -> usize {
        let digits = text[1..].iter().take_while(|c| c.is_ascii_digit()).count();
        let number = str::from_utf8(&text[1..=digits]).ok();
        let number = number.and_then(|digits| digits.parse().ok());
        let Some(number) = number.filter(|&number| number < Self::MOST) else {
            return 0;
        };
        out.push('!');
        out.push_str(&self.of(number).to_string());
        digits + 1
    }

    /// A definition with its numbers replaced.
    pub(crate) fn definition(&mut self, line: &str) -> String {
        rewrite(line, &[], self)
    }
}

/// Replaces the `n`-th reference to an attribute group (`#5`) by `attributes[n]`, and the numbers of
/// metadata by those of `numbers`.
///
/// LLVM numbers groups through the whole module, so the numbers move when anything else changes;
/// written out, a line says the same wherever it stands, and is still valid IR.
pub(crate) fn rewrite(body: &str, attributes: &[String], numbers: &mut Numbers) -> String {
    let bytes = body.as_bytes();
    let mut out = String::with_capacity(body.len() + 256);
    let mut next = attributes.iter();
    let (mut copied, mut at) = (0, 0);
    while let Some(length) = memchr::memchr3(b'#', b'!', b'"', &bytes[at..]) {
        let found = at + length;
        at = found + 1;
        match bytes[found] {
            // Strings escape quotes as `\22`, so a quote is always a delimiter.
            b'"' => {
                at += memchr::memchr(b'"', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1);
            }
            b'!' => {
                if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    continue;
                }
                out.push_str(&body[copied..found]);
                at = found + numbers.write(&bytes[found..], &mut out);
                copied = at;
                at = at.max(found + 1);
            }
            _ => {
                // A group that appeared after the numbering was made prints as `#-1`.
                let digits = bytes[at..]
                    .iter()
                    .take_while(|c| c.is_ascii_digit() || **c == b'-')
                    .count();
                // Most are debug records, `#dbg_value(…`.
                if digits == 0 || found == 0 || bytes[found - 1] != b' ' || !is_code(bytes, found) {
                    continue;
                }
                let Some(written) = next.next() else { continue };
                out.push_str(&body[copied..found]);
                out.push_str(written);
                copied = at + digits;
                at = copied;
            }
        }
    }
    out.push_str(&body[copied..]);
    out
}

/// True when the place is in neither a quoted name nor a comment, which may hold anything.
fn is_code(bytes: &[u8], at: usize) -> bool {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let mut quoted = false;
    for byte in &bytes[start..at] {
        match byte {
            // Strings escape quotes as `\22`, so a quote is always a delimiter.
            b'"' => quoted = !quoted,
            b';' if !quoted => return false,
            _ => {}
        }
    }
    !quoted
}

/// Enzyme notes a result's type as the address of LLVM's type object, which means nothing outside
/// of the process and differs from run to run.
pub(crate) fn without_addresses(text: String) -> String {
    const KEY: &str = "\"enzyme_sret\"=\"";
    if memchr::memmem::find(text.as_bytes(), KEY.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(KEY) {
        let value = &rest[at + KEY.len()..];
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&rest[..at + KEY.len()]);
        out.push_str(if digits > 0 { "address" } else { "" });
        rest = &value[digits..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Numbers, rewrite, without_addresses};

    #[test]
    fn addresses_are_left_out() {
        assert_eq!(
            without_addresses("a \"enzyme_sret\"=\"1399\" \"enzyme_sret\"=\"\" b".to_owned()),
            "a \"enzyme_sret\"=\"address\" \"enzyme_sret\"=\"\" b"
        );
    }

    #[test]
    fn groups_are_replaced_in_order_and_strings_are_left_alone() {
        let body = "; #9 stays\ndefine void @\"a #1\"() #0 {\n  call void @f() #-1\n    #dbg_value(i32 0, !71, !2, !71), !\"!4\"\n  ret void\n}\n";
        let written = ["nounwind".to_owned(), "cold \"k\"=\"#7\"".to_owned()];
        assert_eq!(
            rewrite(body, &written, &mut Numbers::default()),
            "; #9 stays\ndefine void @\"a #1\"() nounwind {\n  call void @f() cold \"k\"=\"#7\"\n    #dbg_value(i32 0, !0, !1, !0), !\"!4\"\n  ret void\n}\n"
        );
    }
}
