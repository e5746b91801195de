//! Strings of somebody else's, in a list that a test can go through.

/// Defines a constant for each string, and `ALL` of them.
macro_rules! strings {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// Every string, with the name that it has here.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}

#[cfg(test)]
mod tests {
    use crate::{enzyme, llvm};

    #[test]
    fn no_string_stands_twice_in_a_list() {
        for all in [enzyme::ALL, llvm::ALL] {
            for (at, (name, text)) in all.iter().enumerate() {
                assert!(
                    all[..at].iter().all(|(_, other)| other != text),
                    "{name} says what another says"
                );
            }
        }
    }
}
