//! Writes attribute groups out where they are referred to.

/// Replaces the `n`-th reference to an attribute group (`#5`) by `attributes[n]`.
///
/// LLVM numbers groups through the whole module, so the numbers move when anything else changes;
/// written out, a line says the same wherever it stands, and is still valid IR.
pub(crate) fn inline_attributes(body: &str, attributes: &[String]) -> String {
    let bytes = body.as_bytes();
    let mut out = String::with_capacity(body.len() + 256);
    let mut next = attributes.iter();
    let mut copied = 0;
    for at in memchr::memchr_iter(b'#', bytes) {
        // A group that appeared after the numbering was made prints as `#-1`.
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|c| c.is_ascii_digit() || **c == b'-')
            .count();
        // Most are debug records, `#dbg_value(…`.
        if digits == 0 || at == 0 || bytes[at - 1] != b' ' || !is_code(bytes, at) {
            continue;
        }
        let Some(written) = next.next() else { break };
        out.push_str(&body[copied..at]);
        out.push_str(written);
        copied = at + 1 + digits;
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
    use super::{inline_attributes, without_addresses};

    #[test]
    fn addresses_are_left_out() {
        assert_eq!(
            without_addresses("a \"enzyme_sret\"=\"1399\" \"enzyme_sret\"=\"\" b".to_owned()),
            "a \"enzyme_sret\"=\"address\" \"enzyme_sret\"=\"\" b"
        );
    }

    #[test]
    fn groups_are_replaced_in_order_and_strings_are_left_alone() {
        let body = "; #9 stays\ndefine void @\"a #1\"() #0 {\n  call void @f() #-1\n    #dbg_value(i32 0, !1, !2, !3)\n  ret void\n}\n";
        let written = ["nounwind".to_owned(), "cold \"k\"=\"#7\"".to_owned()];
        assert_eq!(
            inline_attributes(body, &written),
            "; #9 stays\ndefine void @\"a #1\"() nounwind {\n  call void @f() cold \"k\"=\"#7\"\n    #dbg_value(i32 0, !1, !2, !3)\n  ret void\n}\n"
        );
    }
}
