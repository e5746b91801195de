//! Functions that stand in a crate's sources but not in its IR, and why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, FnArg, Generics, ImplItem, Item, Signature, TraitItem, Visibility};

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
    /// It is evaluated, or inlined as any small function is.
    Const,
    /// Only if something uses it that is not inlined.
    Private,
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
            Why::Const => "is a const fn, which rustc evaluates or inlines",
            Why::Private => {
                "is private: rustc drops it where it is used nowhere, or inlined everywhere"
            }
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
            Why::Conditional => {
                "build with what it asks for: --features, --test NAME, --target".to_owned()
            }
            Why::Const | Why::Private | Why::Small => format!(
                "keep it with #[inline(never)] pub fn {last}, or #[unsafe(no_mangle)]; a private one needs a caller, too"
            ),
        }
    }
}

/// The functions of the sources that a name may mean.
pub fn called(function: &str, sources: &[PathBuf]) -> Vec<Written> {
    let last = function.rsplit("::").next().unwrap_or(function);
    written(sources)
        .into_iter()
        .filter(|written| written.name.rsplit("::").next() == Some(last))
        .collect()
}

/// The functions of the sources that are not among the paths that are there.
pub fn missing(here: &[String], sources: &[PathBuf]) -> Vec<Written> {
    let last = |path: &str| {
        let path = path.split("::<").next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path).to_owned()
    };
    let known: BTreeSet<String> = here.iter().map(|path| last(path)).collect();
    written(sources)
        .into_iter()
        .filter(|written| !known.contains(&last(&written.name)))
        .collect()
}

/// The functions of the sources. A file that cannot be read or parsed has none.
fn written(sources: &[PathBuf]) -> Vec<Written> {
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
        };
        reader.items(&file.items, false);
    }
    found
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    found: &'a mut Vec<Written>,
}

/// What holds for everything in an `impl` or a trait.
struct Around<'a> {
    name: &'a str,
    is_generic: bool,
    is_public: bool,
    is_conditional: bool,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Item], is_conditional: bool) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let around = Around {
                        name: "",
                        is_generic: false,
                        is_public: matches!(function.vis, Visibility::Public(_)),
                        is_conditional,
                    };
                    self.function(&function.sig, &function.attrs, &around);
                }
                Item::Mod(module) => {
                    let inside = is_conditional || has(&module.attrs, "cfg");
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
                                is_conditional: is_conditional || has(&block.attrs, "cfg"),
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
                                is_conditional: is_conditional || has(&block.attrs, "cfg"),
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
        let why = if around.is_conditional || has(attributes, "cfg") || has(attributes, "test") {
            Why::Conditional
        } else if around.is_generic || takes_types(&signature.generics) || takes_impl {
            Why::Generic
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
