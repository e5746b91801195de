//! Functions that stand in a crate's sources but not in its IR, and why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, ExprLit, FnArg, Generics, ImplItem, Item, Lit, Meta, MetaList, Signature,
    Token, TraitItem, Visibility,
};

/// A function as its source has it.
pub struct Written {
    /// Its name, with its type's or trait's before it.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// Why rustc may have made no code of it.
    pub why: Why,
}

/// What decides whether rustc makes code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Only where it is used with types.
    Generic,
    /// Only where it is used.
    Inline,
    /// Not in every build.
    Conditional,
    /// Not in this build.
    Excluded,
    /// It is evaluated, or inlined as any small function is.
    Const,
    /// Only if something uses it that is not inlined.
    Private,
    /// Nothing uses it, and it is not inlined either.
    Unused,
    /// It is small, and left to the crates that call it.
    Small,
}

impl Why {
    /// A sentence about the function.
    pub fn words(self) -> &'static str {
        match self {
            Why::Generic => {
                "is generic: rustc makes code of it only where it is used with concrete types"
            }
            Why::Inline => "is #[inline]: rustc makes code of it only where it is called",
            Why::Conditional => "stands under a #[cfg(…)], which this build may leave out",
            Why::Excluded => "stands under a #[cfg(…)] that does not hold in this build",
            Why::Const => "is a const fn, which rustc evaluates or inlines",
            Why::Private => {
                "is private: rustc drops it where it is used nowhere, or inlined everywhere"
            }
            Why::Unused => "is used nowhere, and rustc drops it",
            Why::Small => {
                "is small, and rustc leaves such a function to the crates that would inline it"
            }
        }
    }

    /// What keeps a function of this name.
    pub fn remedy(self, name: &str) -> String {
        let last = name.rsplit("::").next().unwrap_or(name);
        match self {
            Why::Generic => format!(
                "use it with concrete types in a function that is not generic, and name that one: #[inline(never)] pub fn {last}_f64(…) -> f64 {{ {last}::<f64>(…) }}"
            ),
            Why::Inline => {
                format!("write #[inline(never)] instead, or #[unsafe(no_mangle)] pub fn {last}")
            }
            Why::Conditional | Why::Excluded => {
                "build with what it asks for: --features, --test NAME, --target".to_owned()
            }
            Why::Unused => {
                format!("call {last} somewhere, or write #[unsafe(no_mangle)] pub fn {last}")
            }
            Why::Const | Why::Private | Why::Small => format!(
                "keep it with #[inline(never)] pub fn {last}, or #[unsafe(no_mangle)]; a private one needs a caller, too"
            ),
        }
    }
}

/// The functions of the sources that a name may mean.
pub fn called(function: &str, sources: &[PathBuf], features: &[String]) -> Vec<Written> {
    let last = function.rsplit("::").next().unwrap_or(function);
    written(sources, features)
        .into_iter()
        .filter(|written| written.name.rsplit("::").next() == Some(last))
        .collect()
}

/// The functions of the sources that are not among the paths that are there.
pub fn missing(here: &[String], sources: &[PathBuf], features: &[String]) -> Vec<Written> {
    let last = |path: &str| {
        let path = path.split("::<").next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path).to_owned()
    };
    let known: BTreeSet<String> = here.iter().map(|path| last(path)).collect();
    written(sources, features)
        .into_iter()
        .filter(|written| !known.contains(&last(&written.name)))
        .collect()
}

/// The functions of the sources. A file that cannot be read or parsed has none.
fn written(sources: &[PathBuf], features: &[String]) -> Vec<Written> {
    let mut found = Vec::new();
    for path in sources {
        let Ok(text) = fs::read_to_string(path) else {
            continue;
        };
        let Ok(file) = syn::parse_file(&text) else {
            continue;
        };
        let mut reader = Reader {
            path,
            text: &text,
            found: &mut found,
            features,
        };
        reader.items(&file.items, Holds::Yes);
    }
    found
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    found: &'a mut Vec<Written>,
    features: &'a [String],
}

/// What holds for everything in an `impl` or a trait.
struct Around<'a> {
    name: &'a str,
    is_generic: bool,
    is_public: bool,
    holds: Holds,
}

/// Whether the conditions hold under which something is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    No,
    Perhaps,
    Yes,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Item], holds: Holds) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let around = Around {
                        name: "",
                        is_generic: false,
                        is_public: matches!(function.vis, Visibility::Public(_)),
                        holds,
                    };
                    self.function(&function.sig, &function.attrs, &around);
                }
                Item::Mod(module) => {
                    let inside = holds.min(self.holds(&module.attrs));
                    if let Some((_, items)) = &module.content {
                        self.items(items, inside);
                    }
                }
                Item::Impl(block) => {
                    let name = type_name(&block.self_ty);
                    for item in &block.items {
                        if let ImplItem::Fn(function) = item {
                            let around = Around {
                                name: &name,
                                is_generic: takes_types(&block.generics),
                                is_public: block.trait_.is_some()
                                    || matches!(function.vis, Visibility::Public(_)),
                                holds: holds.min(self.holds(&block.attrs)),
                            };
                            self.function(&function.sig, &function.attrs, &around);
                        }
                    }
                }
                Item::Trait(block) => {
                    for item in &block.items {
                        if let TraitItem::Fn(function) = item
                            && function.default.is_some()
                        {
                            let around = Around {
                                name: &block.ident.to_string(),
                                is_generic: true,
                                is_public: true,
                                holds: holds.min(self.holds(&block.attrs)),
                            };
                            self.function(&function.sig, &function.attrs, &around);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn function(&mut self, signature: &Signature, attributes: &[Attribute], around: &Around<'_>) {
        let name = signature.ident.to_string();
        let takes_impl = signature.inputs.iter().any(|input| match input {
            FnArg::Typed(typed) => matches!(*typed.ty, syn::Type::ImplTrait(_)),
            FnArg::Receiver(_) => false,
        });
        let holds = around.holds.min(self.holds(attributes));
        let why = if holds == Holds::No || has(attributes, "test") {
            Why::Excluded
        } else if holds == Holds::Perhaps {
            Why::Conditional
        } else if around.is_generic || takes_types(&signature.generics) || takes_impl {
            Why::Generic
        } else if is_never_inlined(attributes) {
            Why::Unused
        } else if has(attributes, "inline") {
            Why::Inline
        } else if signature.constness.is_some() {
            Why::Const
        } else if !around.is_public {
            Why::Private
        } else {
            Why::Small
        };
        self.found.push(Written {
            place: self.place(&name),
            name: match around.name {
                "" => name,
                outer => format!("{outer}::{name}"),
            },
            why,
        });
    }

    /// Whether every `#[cfg(…)]` among the attributes holds.
    fn holds(&self, attributes: &[Attribute]) -> Holds {
        let conditions = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"));
        conditions
            .map(|attribute| match attribute.parse_args::<Meta>() {
                Ok(condition) => self.condition(&condition),
                Err(_) => Holds::Perhaps,
            })
            .min()
            .unwrap_or(Holds::Yes)
    }

    fn condition(&self, condition: &Meta) -> Holds {
        let all = |list: &MetaList| -> Vec<Holds> {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            inner.map_or_else(
                |_| vec![Holds::Perhaps],
                |inner| inner.iter().map(|each| self.condition(each)).collect(),
            )
        };
        match condition {
            Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(name),
                    ..
                }) if self.features.contains(&name.value()) => Holds::Yes,
                Expr::Lit(_) => Holds::No,
                _ => Holds::Perhaps,
            },
            Meta::List(list) if list.path.is_ident("all") => {
                all(list).into_iter().min().unwrap_or(Holds::Yes)
            }
            Meta::List(list) if list.path.is_ident("any") => {
                all(list).into_iter().max().unwrap_or(Holds::No)
            }
            Meta::List(list) if list.path.is_ident("not") => match all(list).as_slice() {
                [Holds::Yes] => Holds::No,
                [Holds::No] => Holds::Yes,
                _ => Holds::Perhaps,
            },
            _ => Holds::Perhaps,
        }
    }

    /// The file, and the line if the name is declared on only one.
    fn place(&self, name: &str) -> String {
        let declared: Vec<usize> = self
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| {
                line.split_once(&format!("fn {name}"))
                    .is_some_and(|(_, rest)| rest.starts_with(['(', '<', ' ']))
            })
            .map(|(at, _)| at + 1)
            .collect();
        let here = std::env::current_dir().unwrap_or_default();
        let path = self.path.strip_prefix(here).unwrap_or(self.path).display();
        match declared.as_slice() {
            [line] => format!("{path}:{line}"),
            _ => path.to_string(),
        }
    }
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident(name))
}

/// `#[inline(never)]`
fn is_never_inlined(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let word = attribute.parse_args::<syn::Path>();
        attribute.path().is_ident("inline") && word.is_ok_and(|word| word.is_ident("never"))
    })
}

fn takes_types(generics: &Generics) -> bool {
    generics.type_params().next().is_some() || generics.const_params().next().is_some()
}

fn type_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default(),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_asked_for_the_features_that_are_on() {
        let holds = |condition: &str, features: &[&str]| {
            let file = syn::parse_file(&format!("#[cfg({condition})]\nfn f() {{}}")).unwrap();
            let features: Vec<String> = features.iter().map(|f| (*f).to_owned()).collect();
            let mut found = Vec::new();
            let mut reader = Reader {
                path: Path::new("f.rs"),
                text: "",
                found: &mut found,
                features: &features,
            };
            reader.items(&file.items, Holds::Yes);
            found.remove(0).why
        };
        assert_eq!(holds("feature = \"scaled\"", &["scaled"]), Why::Private);
        assert_eq!(holds("feature = \"scaled\"", &[]), Why::Excluded);
        assert_eq!(
            holds("not(feature = \"scaled\")", &["scaled"]),
            Why::Excluded
        );
        assert_eq!(holds("any(test, feature = \"a\")", &["a"]), Why::Private);
        assert_eq!(
            holds("all(unix, feature = \"a\")", &["a"]),
            Why::Conditional
        );
        assert_eq!(holds("all(unix, feature = \"a\")", &[]), Why::Excluded);
    }
}
