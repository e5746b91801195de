//! Modules that were built to be watched: code that counts or checks is part of them.

/// What such flags add: names of variables and functions, and attributes.
const ADDED: [(&str, &str); 8] = [
    ("@__llvm_coverage_mapping", "-C instrument-coverage"),
    ("@__covrec_", "-C instrument-coverage"),
    ("@llvm.instrprof.", "-C profile-generate"),
    ("@__llvm_profile_", "-C profile-generate"),
    ("@__asan_", "-Zsanitizer=address"),
    (" sanitize_address", "-Zsanitizer=address"),
    (" sanitize_memory", "-Zsanitizer=memory"),
    (" sanitize_thread", "-Zsanitizer=thread"),
];

/// The flag that makes rustc add what counts or checks, by the names of what it adds.
pub fn instrumented_by(text: &[u8]) -> Option<&'static str> {
    ADDED
        .into_iter()
        .find(|(added, _)| holds(text, added))
        .map(|(_, flag)| flag)
}

/// The same of bitcode, whose table of symbols has the names as they are.
pub fn bitcode_instrumented_by(bitcode: &[u8]) -> Option<&'static str> {
    ADDED
        .into_iter()
        .filter_map(|(added, flag)| Some((added.strip_prefix('@')?, flag)))
        .find(|(name, _)| holds(bitcode, name))
        .map(|(_, flag)| flag)
}

fn holds(bytes: &[u8], name: &str) -> bool {
    memchr::memmem::find(bytes, name.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_told_by_what_it_adds() {
        let text = b"define void @f() sanitize_address {\n  ret void\n}\n";
        assert_eq!(instrumented_by(text), Some("-Zsanitizer=address"));
        assert_eq!(instrumented_by(b"define void @f() {\n"), None);
        let table = b"BC\xC0\xDEf__llvm_profile_runtime";
        assert_eq!(bitcode_instrumented_by(table), Some("-C profile-generate"));
        assert_eq!(bitcode_instrumented_by(b"BC\xC0\xDEf"), None);
    }
}
