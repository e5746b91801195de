//! What LLVM prints, without what means nothing outside of the module.

/// /// The words of an instruction without the attributes and metadata behind it.
pub(crate) fn squeezed(line: &str) -> String {
    let end = line.find(") #").map_or(line.len(), |at| at + 1);
    let words: Vec<&str> = line[..end].split_whitespace().collect();
    words.join(" ")
}

/// /// The line without its attribute groups and metadata, whose numbers mean nothing outside of the
/// module.
pub(crate) fn without_groups(line: &str) -> String {
    let is_group = |word: &str| {
        word.strip_prefix('#')
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let mut words: Vec<&str> = Vec::new();
    for word in line.trim().split(' ') {
        if word.starts_with('!') && words.last().is_some_and(|last| last.ends_with(',')) {
            break;
        }
        match word.strip_suffix(',') {
            _ if is_group(word) => {}
            // What follows is metadata, which means nothing here either.
            Some(group) if is_group(group) => break,
            _ => words.push(word),
        }
    }
    // An argument may be metadata: `@llvm.experimental.noalias.scope.decl(metadata !7)`.
    without_numbers(words.join(" ").trim_end_matches(','))
}

/// /// The text without the numbers of attribute groups and metadata: what LLVM counts in the whole module
/// depends on what else is in it.
pub(crate) fn without_numbers(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let words = text.split(' ').filter_map(|word| {
        let rest = word
            .trim_start_matches(['#', '!'])
            .trim_start_matches(is_digit);
        let numbered = word.strip_suffix(rest)?;
        match numbered.as_bytes() {
            [b'#', digit, ..] if digit.is_ascii_digit() => {
                (!rest.is_empty()).then(|| rest.to_owned())
            }
            [b'!', digit, ..] if digit.is_ascii_digit() => Some(format!("!…{rest}")),
            _ => Some(word.to_owned()),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// An instruction without its metadata.
pub(crate) fn without_metadata(text: &str) -> String {
    let end = text.find(", !").unwrap_or(text.len());
    text[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::without_numbers;

    #[test]
    fn numbers_of_the_whole_module_are_left_out() {
        let text = "%0 = call double @f(double %x, metadata !7) #12, !dbg !9 of %12 #dbg_value(!3)";
        assert_eq!(
            without_numbers(text),
            "%0 = call double @f(double %x, metadata !…) , !dbg !… of %12 #dbg_value(!3)"
        );
    }
}
