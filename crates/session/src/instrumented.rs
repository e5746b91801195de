//! Modules that were built to be watched: code that counts or checks is part of them.

/// The flag that makes rustc add what counts or checks, by the names of what it adds.
pub fn instrumented_by(text: &[u8]) -> Option<&'static str> {
    let holds = |name: &str| memchr::memmem::find(text, name.as_bytes()).is_some();
    [
        ("@__llvm_coverage_mapping", "-C instrument-coverage"),
        ("@__covrec_", "-C instrument-coverage"),
        ("@llvm.instrprof.", "-C profile-generate"),
        ("@__llvm_profile_", "-C profile-generate"),
        ("@__asan_", "-Zsanitizer=address"),
        (" sanitize_address", "-Zsanitizer=address"),
        (" sanitize_memory", "-Zsanitizer=memory"),
        (" sanitize_thread", "-Zsanitizer=thread"),
    ]
    .into_iter()
    .find(|(name, _)| holds(name))
    .map(|(_, flag)| flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_told_by_what_it_adds() {
        let text = b"define void @f() sanitize_address {\n  ret void\n}\n";
        assert_eq!(instrumented_by(text), Some("-Zsanitizer=address"));
        assert_eq!(instrumented_by(b"define void @f() {\n"), None);
    }
}
