//! Enzyme's type trees in few words.

use trace::enzyme;

/// `f64`, `int`, `*f64`; what takes more words than a column holds is cut short by `…`. `?` where Enzyme
/// knows nothing.
pub fn short(tree: &str) -> String {
    let inner = tree.trim().trim_start_matches('{').trim_end_matches('}');
    if inner.is_empty() {
        return if tree.trim().is_empty() { "" } else { "?" }.to_owned();
    }
    let mut parts: Vec<(Vec<i64>, &str)> = Vec::new();
    for part in inner.split(", [") {
        let Some((path, concrete)) = part.trim_start_matches('[').split_once("]:") else {
            return "…".to_owned();
        };
        let path: Option<Vec<i64>> = path.split(',').map(|at| at.trim().parse().ok()).collect();
        let Some(path) = path else {
            return "…".to_owned();
        };
        parts.push((path, word(concrete)));
    }
    let text = level(&parts, 0);
    match text.chars().count() {
        0..=10 => text,
        _ => text.chars().take(9).chain(['…']).collect(),
    }
}

/// What lies at one level of indirection, `depth` of a path being where at that level.
fn level(parts: &[(Vec<i64>, &str)], depth: usize) -> String {
    let mut places: Vec<i64> = parts
        .iter()
        .filter_map(|(path, _)| path.get(depth).copied())
        .collect();
    places.sort_unstable();
    places.dedup();
    let at = |place: i64| -> String {
        let of: Vec<(Vec<i64>, &str)> = parts
            .iter()
            .filter(|(path, _)| path.get(depth) == Some(&place))
            .cloned()
            .collect();
        let own = of
            .iter()
            .find(|(path, _)| path.len() == depth + 1)
            .map_or("?", |(_, concrete)| concrete);
        let below = of.iter().any(|(path, _)| path.len() > depth + 1);
        match (own, below) {
            ("ptr", true) => format!("*{}", level(&of, depth + 1)),
            _ => own.to_owned(),
        }
    };
    match places.as_slice() {
        [-1] => at(-1),
        [] => "?".to_owned(),
        _ => {
            // Bytes of one kind in a row are one thing.
            let mut found: Vec<(i64, String)> = Vec::new();
            for &place in &places {
                let text = at(place);
                if found.last().is_none_or(|(_, last)| *last != text) {
                    found.push((place, text));
                }
            }
            match found.as_slice() {
                [(0, only)] => only.clone(),
                _ => {
                    let parts: Vec<String> = found
                        .iter()
                        .map(|(place, text)| format!("{place}:{text}"))
                        .collect();
                    format!("{{{}}}", parts.join(","))
                }
            }
        }
    }
}

fn word(concrete: &str) -> &str {
    match concrete {
        enzyme::INTEGER => "int",
        enzyme::POINTER => "ptr",
        enzyme::ANYTHING => "any",
        other => match other.strip_prefix(enzyme::FLOAT) {
            Some("half") => "f16",
            Some("bfloat") => "bf16",
            Some("float") => "f32",
            Some("double") => "f64",
            Some("x86_fp80") => "f80",
            Some("fp128") => "f128",
            _ => other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_become_words() {
        for (tree, words) in [
            ("", ""),
            ("{}", "?"),
            ("{[-1]:Float@double}", "f64"),
            ("{[-1]:Pointer}", "ptr"),
            ("{[-1]:Pointer, [-1,-1]:Float@float}", "*f32"),
            ("{[-1]:Pointer, [-1,0]:Float@double}", "*f64"),
            (
                "{[-1]:Pointer, [-1,0]:Integer, [-1,1]:Integer, [-1,8]:Float@double}",
                "*{0:int,8…",
            ),
            ("{[0]:Float@double, [8]:Integer}", "{0:f64,8:…"),
            (
                "{[-1]:Pointer, [-1,-1]:Pointer, [-1,-1,-1]:Float@double}",
                "**f64",
            ),
            (
                "{[0]:Float@double, [8]:Integer, [16]:Float@float}",
                "{0:f64,8:…",
            ),
            ("nonsense", "…"),
        ] {
            assert_eq!(short(tree), words, "{tree}");
        }
    }
}
