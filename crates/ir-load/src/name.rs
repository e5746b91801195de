//! The function that a name means.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Candidate, NameError};
use crate::index::{Function, Index};

/// A symbol with its demangled path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The symbol as the module has it.
    pub symbol: String,
    /// The path that it stands for, hash dropped; the symbol itself when it is not mangled.
    pub path: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// The one function that `wanted` names: its symbol, else its demangled path, else a unique suffix
/// of one.
pub fn resolve(index: &Index<'_>, wanted: &str) -> Result<Name, NameError> {
    let wanted_path = wanted.strip_prefix('@').unwrap_or(wanted);
    if let Some(exact) = index.get(wanted_path) {
        return with_body(&exact);
    }
    let stripped = strip_hash(wanted_path);
    // A mangled symbol spells the last part of its path out. Looking for it costs far less than
    // demangling every symbol.
    let last = stripped.rsplit("::").next().unwrap_or(stripped);
    let plain = last
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let some;
    let functions = if plain && !last.is_empty() {
        some = index.with_part(last);
        some.as_slice()
    } else {
        index.functions()
    };
    let listed = as_listed(stripped);
    let by_path: Vec<_> = functions
        .iter()
        .filter(|f| as_listed(&f.path) == listed || without_generics(&f.path) == stripped)
        .collect();
    let found = if by_path.is_empty() {
        let suffix = format!("::{listed}");
        functions
            .iter()
            .filter(|f| {
                as_listed(&f.path).ends_with(&suffix)
                    || without_generics(&f.path).ends_with(&suffix)
            })
            .collect()
    } else {
        by_path
    };
    // Types are listed by their last names, and may be given so.
    let found = match found.is_empty() && listed.contains('<') {
        true => {
            let short = with_short_types(&listed);
            let suffix = format!("::{short}");
            let is_meant = |path: String| path == short || path.ends_with(&suffix);
            functions
                .iter()
                .filter(|f| is_meant(with_short_types(&as_listed(&f.path))))
                .collect()
        }
        false => found,
    };
    // What has a body is meant before what has none.
    let defined: Vec<_> = found.iter().copied().filter(|f| f.is_defined).collect();
    let found = if defined.is_empty() { found } else { defined };
    // And what the user wrote, before what it was linked with.
    let found = match index.crate_name() {
        Some(name) if found.len() > 1 => {
            let own = |f: &&&Function| is_of_crate(&name, &f.path, &f.symbol);
            let own: Vec<_> = found.iter().copied().filter(|f| own(&f)).collect();
            if own.is_empty() { found } else { own }
        }
        _ => found,
    };
    match found.as_slice() {
        [one] => with_body(one),
        [] => Err(not_found(index, wanted)),
        several => Err(NameError::Ambiguous {
            name: wanted.to_owned(),
            candidates: several
                .iter()
                .map(|f| Candidate {
                    path: f.path.clone(),
                    symbol: f.symbol.clone(),
                    types: String::new(),
                })
                .collect(),
        }),
    }
}

/// True for a function of a crate: by its path, by its type's or by its trait's. A name that is not
/// mangled tells nothing, and was chosen by somebody.
pub fn is_of_crate(name: &str, path: &str, symbol: &str) -> bool {
    let name = format!("{}::", name.replace('-', "_"));
    let inner = path.trim_start_matches(['<', '&', '*', '(', '[']);
    let inner = inner.strip_prefix("mut ").unwrap_or(inner);
    // What the standard library calls so in every program is nobody's.
    let is_plain = path == symbol && symbol != "rust_eh_personality";
    is_plain || inner.starts_with(&name) || path.contains(&format!(" as {name}"))
}

fn with_body(function: &Function) -> Result<Name, NameError> {
    if !function.is_defined {
        return Err(NameError::Declared {
            name: function.path.clone(),
            symbol: function.symbol.clone(),
            line: function.line,
        });
    }
    Ok(Name {
        symbol: function.symbol.clone(),
        path: function.path.clone(),
    })
}

fn not_found(index: &Index<'_>, wanted: &str) -> NameError {
    /// So much less does another function have to resemble a name to come before the user's own.
    const OWN: f64 = 0.1;
    let own = index.crate_name();
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_owned();
    let wanted_last = last(wanted);
    let mut ranked: Vec<(f64, f64, &str)> = index
        .functions()
        .iter()
        .filter(|f| f.is_defined)
        .map(|f| {
            let whole = strsim::jaro_winkler(wanted, &f.path);
            let end = strsim::jaro_winkler(&wanted_last, &last(&f.path));
            let is_own = own
                .as_ref()
                .is_some_and(|own| is_of_crate(own, &f.path, &f.symbol));
            let score = whole.max(end);
            let rank = score + if is_own { OWN } else { 0.0 };
            (rank, score, f.path.as_str())
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(b.2)));
    let defined = ranked.len();
    let best = ranked
        .iter()
        .map(|(_, score, _)| *score)
        .fold(0.0, f64::max);
    NameError::NotFound {
        name: wanted.to_owned(),
        // A few functions are worth listing whole; of many, only what resembles the name.
        closest: ranked
            .into_iter()
            // Where one is clearly meant, the others only distract from it.
            .filter(|(_, score, _)| {
                if best > 0.6 {
                    best - score < 0.1
                } else {
                    defined <= 5
                }
            })
            .take(5)
            .map(|(_, _, path)| path.to_owned())
            .collect(),
        defined,
    }
}

/// Drops a legacy hash, which a pasted name may still carry.
fn strip_hash(path: &str) -> &str {
    match path.rsplit_once("::h") {
        Some((front, hash))
            if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            front
        }
        _ => path,
    }
}

/// `a::B<T>::f::<U>` as `a::B::f`: people leave types out where there is only one function that they may mean. What
/// a trait's method begins with stays.
fn without_generics(path: &str) -> Cow<'_, str> {
    let from = match path.starts_with('<') {
        true => end_of_group(path),
        false => 0,
    };
    let Some(first) = path[from..].find('<') else {
        return path.into();
    };
    let mut out = path[..from + first].to_owned();
    let mut rest = &path[from + first..];
    loop {
        if let Some(shorter) = out.strip_suffix("::") {
            out.truncate(shorter.len());
        }
        rest = &rest[end_of_group(rest)..];
        match rest.find('<') {
            Some(next) => {
                out.push_str(&rest[..next]);
                rest = &rest[next..];
            }
            None => {
                out.push_str(rest);
                return out.into();
            }
        }
    }
}

/// Where the group ends that a text begins with, behind its `>`.
fn end_of_group(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            // The arrow of a function's type closes nothing.
            b'>' if at > 0 && text.as_bytes()[at - 1] == b'-' => {}
            b'>' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// `a::f<b::T>` as `a::f<T>`.
fn with_short_types(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let (mut depth, mut word) = (0_usize, 0);
    let mut before = ' ';
    let mut rest = path.chars().peekable();
    while let Some(c) = rest.next() {
        if c == ':' && depth > 0 && rest.next_if_eq(&':').is_some() {
            out.truncate(word);
        } else {
            match c {
                '<' => depth += 1,
                '>' if before != '-' => depth = depth.saturating_sub(1),
                _ => {}
            }
            out.push(c);
            if !c.is_alphanumeric() && c != '_' {
                word = out.len();
            }
        }
        before = c;
    }
    out
}

/// `f::<T>` as `f<T>`, as lists show it.
fn as_listed(path: &str) -> Cow<'_, str> {
    match path.contains("::<") {
        true => path.replace("::<", "<").into(),
        false => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_arguments_may_be_left_out() {
        assert_eq!(without_generics("a::f::<b::C<d>>"), "a::f");
        assert_eq!(without_generics("<a::B as c::D>"), "<a::B as c::D>");
        assert_eq!(without_generics("a::f"), "a::f");
        assert_eq!(without_generics("a::B<c>::f::<d>"), "a::B::f");
        assert_eq!(
            without_generics("<a::B as c::D>::f::<d>"),
            "<a::B as c::D>::f"
        );
        assert_eq!(without_generics("a::f::<fn(b) -> c>"), "a::f");
        assert_eq!(without_generics("a::f<"), "a::f");
    }

    #[test]
    fn types_may_be_given_by_their_last_names() {
        assert_eq!(with_short_types("a::f<b::C<d::E>>"), "a::f<C<E>>");
        assert_eq!(with_short_types("<a::B as c::D>::f"), "<B as D>::f");
        assert_eq!(
            with_short_types("a::f<fn(b::C) -> d::E>::g"),
            "a::f<fn(C) -> E>::g"
        );
        assert_eq!(with_short_types("a::b::f"), "a::b::f");
        // `m::f::<m::S>` and `m::f::<m::T>`.
        let module = "\
define double @_RINvCs1234_1m1fNtB2_1SEB2_(double %x) {
  ret double %x
}
define double @_RINvCs1234_1m1fNtB2_1TEB2_(double %x) {
  ret double %x
}
";
        let index = Index::of(module.as_bytes());
        let path = |wanted: &str| resolve(&index, wanted).ok().map(|name| name.path);
        for wanted in ["f<S>", "f::<S>", "m::f<S>", "f<m::S>"] {
            assert_eq!(path(wanted).as_deref(), Some("m::f::<m::S>"), "{wanted}");
        }
    }

    const MODULE: &str = "\
define double @_ZN1a4loss17h0123456789abcdefE(double %x) {
  ret double %x
}
define double @_ZN1b4loss17h0123456789abcdefE(double %x) {
  ret double %x
}
define double @_ZN1b4gain17h0123456789abcdefE(double %x) {
  ret double %x
}
declare double @tanh(double)
";

    fn named(wanted: &str) -> Result<String, NameError> {
        resolve(&Index::of(MODULE.as_bytes()), wanted).map(|name| name.path)
    }

    #[test]
    fn generic_functions_are_told_apart_by_their_types() {
        // `m::twice::<f64>`, `m::twice::<f32>`, and `<m::V<f64>>::sq`.
        let module = "\
source_filename = \"m.0123456789abcdef-cgu.0\"
define double @_RINvCs1234_1m5twicedEB2_(double %x) {
  ret double %x
}
define float @_RINvCs1234_1m5twicefEB2_(float %x) {
  ret float %x
}
define double @_RNvMCs1234_1mINtB2_1VdE2sqB2_(double %x) {
  ret double %x
}
";
        let index = Index::of(module.as_bytes());
        let named = |wanted: &str| resolve(&index, wanted).map(|name| name.path);
        for wanted in ["twice::<f64>", "twice<f64>", "m::twice::<f64>"] {
            assert_eq!(named(wanted).unwrap(), "m::twice::<f64>");
        }
        for wanted in ["sq", "V::sq", "m::V::sq", "V<f64>::sq", "m::V<f64>::sq"] {
            assert_eq!(named(wanted).unwrap(), "m::V<f64>::sq", "{wanted}");
        }
        assert!(matches!(
            named("twice"),
            Err(NameError::Ambiguous { candidates, .. }) if candidates.len() == 2
        ));
    }

    #[test]
    fn symbols_paths_and_suffixes_name_functions() {
        assert_eq!(named("a::loss").unwrap(), "a::loss");
        assert_eq!(named("gain").unwrap(), "b::gain");
        assert_eq!(named("b::gain::h0123456789abcdef").unwrap(), "b::gain");
        assert_eq!(named("@_ZN1a4loss17h0123456789abcdefE").unwrap(), "a::loss");
        assert!(matches!(
            named("loss"),
            Err(NameError::Ambiguous { candidates, .. }) if candidates.len() == 2
        ));
        let own = format!("source_filename = \"b.0123456789abcdef-cgu.0\"\n{MODULE}");
        let found = resolve(&Index::of(own.as_bytes()), "loss").unwrap();
        assert_eq!(found.path, "b::loss", "the user's own crate is meant");
        assert!(matches!(
            named("tanh"),
            Err(NameError::Declared { line: 10, .. })
        ));
        assert!(matches!(
            named("lost"),
            Err(NameError::NotFound { closest, .. }) if closest[0].ends_with("loss")
        ));
    }
}
