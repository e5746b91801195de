//! Writes attribute groups out where they are referred to.

/// Replaces the `n`-th reference to an attribute group (`#5`) by `attributes[n]`.
///
/// LLVM numbers groups through the whole module, so the numbers move when anything else changes;
/// written out, a line says the same wherever it stands, and is still valid IR.
pub(crate) fn inline_attributes(body: &str, attributes: &[String]) -> String {
    if attributes.is_empty() {
        return body.to_owned();
    }
    let mut out = String::with_capacity(body.len() + 256);
    let mut next = attributes.iter();
    for line in body.split_inclusive('\n') {
        // Few lines have a group, and most of what has is a call.
        if line.contains(" #") {
            inline_in_line(line, &mut next, &mut out);
        } else {
            out.push_str(line);
        }
    }
    out
}

fn inline_in_line<'a>(line: &str, next: &mut impl Iterator<Item = &'a String>, out: &mut String) {
    let bytes = line.as_bytes();
    let mut quoted = false;
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            // Strings escape quotes as `\22`, so a quote is always a delimiter.
            b'"' => quoted = !quoted,
            // A comment runs to the end of the line and may hold a lone quote or `#`.
            b';' if !quoted => break,
            b'#' if !quoted && at > 0 && bytes[at - 1] == b' ' => {
                let mut end = at + 1;
                // A group that appeared after the numbering was made prints as `#-1`.
                while end < bytes.len() && (bytes[end].is_ascii_digit() || bytes[end] == b'-') {
                    end += 1;
                }
                if end > at + 1
                    && let Some(written) = next.next()
                {
                    out.push_str(&line[copied..at]);
                    out.push_str(written);
                    copied = end;
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&line[copied..]);
}

/// Enzyme notes a result's type as the address of LLVM's type object, which means nothing outside
/// of the process and differs from run to run.
pub(crate) fn without_addresses(text: String) -> String {
    const KEY: &str = "\"enzyme_sret\"=\"";
    if !text.contains(KEY) {
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
