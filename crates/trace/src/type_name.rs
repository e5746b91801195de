//! Types by the names that people write: debug info has full paths.

/// A type without paths and without the parameters that are there by default.
pub fn short_type_name(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match rest.strip_prefix("::") {
            // What stands before is a module, a type or a function; a closure goes by it.
            Some(after) if !after.starts_with('{') => {
                let is_name = |c: char| c.is_alphanumeric() || "_{}#".contains(c);
                out.truncate(out.trim_end_matches(is_name).len());
                rest = after;
            }
            Some(after) => {
                out.push_str("::");
                rest = after;
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    for default in [", Global>", ", RandomState>"] {
        out = out.replace(default, ">");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::short_type_name;

    #[test]
    fn types_are_called_as_people_write_them() {
        for (long, wanted) in [
            ("f64", "f64"),
            ("&shapes::Spring", "&Spring"),
            (
                "&alloc::vec::Vec<alloc::vec::Vec<f64, alloc::alloc::Global>, alloc::alloc::Global>",
                "&Vec<Vec<f64>>",
            ),
            (
                "Option<alloc::boxed::Box<optbox::Node, alloc::alloc::Global>>",
                "Option<Box<Node>>",
            ),
            ("&mut [model::layers::Layer]", "&mut [Layer]"),
            (
                "*const [core::mem::MaybeUninit<f64>; 4]",
                "*const [MaybeUninit<f64>; 4]",
            ),
            (
                "&shapes::captured_value::{closure_env#0}",
                "&captured_value::{closure_env#0}",
            ),
            (
                "&dyn core::ops::function::Fn<(f64), Output=f64>",
                "&dyn Fn<(f64), Output=f64>",
            ),
            ("fn(model::Point) -> f64", "fn(Point) -> f64"),
            (
                "std::collections::hash::map::HashMap<u32, f64, std::hash::random::RandomState>",
                "HashMap<u32, f64>",
            ),
        ] {
            assert_eq!(short_type_name(long), wanted);
        }
    }
}
