//! A function's line in a table: what it is called, and its types as its source declares them.

use diff_view::{Paint, Tone};
use ir_load::{Function, Index};
use session::declared::Declarations;
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;

/// What is known of a module's functions by their source.
pub struct Headlines<'t> {
    declarations: Declarations<'t>,
    own: Option<String>,
}

/// A name and types, which are Rust's where there is debug info and LLVM's where there is none.
#[derive(Clone)]
pub struct Headline {
    name: String,
    types: String,
    is_declared: bool,
}

impl<'t> Headlines<'t> {
    /// Reads the module's debug info. Functions of the crate `own` are called without its name.
    pub fn of(index: &Index<'t>, own: Option<String>) -> Self {
        Headlines {
            declarations: Declarations::of(index),
            own,
        }
    }

    /// The line of a function of this module.
    pub fn get(&self, index: &Index<'_>, function: &Function) -> Headline {
        let path = function.path.as_str();
        let short = self
            .own
            .as_deref()
            .and_then(|own| path.strip_prefix(own)?.strip_prefix("::"))
            .unwrap_or(path);
        match self.declarations.get(index, function) {
            Some(declared) => {
                // Symbols of the newer kind spell types out.
                let generics = match short.ends_with('>') || function.symbol.starts_with("_R") {
                    true => "",
                    false => declared.generics.as_str(),
                };
                Headline {
                    name: format!("fn {}{generics}", short.replace("::<", "<")),
                    types: declared.types(),
                    is_declared: true,
                }
            }
            None => Headline {
                name: short.to_owned(),
                types: format!("  {}", index.summary(function).function_type),
                is_declared: false,
            },
        }
    }
}

impl Headline {
    /// The line that a document holds: a declaration, or a name.
    pub fn told(declaration: Option<&str>, name: &str) -> Self {
        let words = declaration.unwrap_or(name);
        let at = match declaration {
            Some(words) => types_at(words),
            None => words.len(),
        };
        Headline {
            name: words[..at].to_owned(),
            types: words[at..].to_owned(),
            is_declared: declaration.is_some(),
        }
    }

    /// The whole declaration, if the source is known.
    pub fn declaration(&self) -> Option<String> {
        self.is_declared
            .then(|| format!("{}{}", self.name, self.types))
    }

    /// Paints it behind `used` columns, and goes on below where there is no room.
    pub fn paint(&self, used: usize, width: usize, canvas: &mut Canvas) {
        canvas.text(&self.name, Tone::Hunk.style());
        let used = used + self.name.width();
        match used + self.types.width() <= width {
            true => canvas.line(&self.types, Tone::Plain.style()),
            false => canvas.paragraph(&self.types, used, width, Tone::Plain.style()),
        }
    }
}

/// Where the parameters of a declaration begin: at the first parenthesis outside of the name's own types.
fn types_at(declaration: &str) -> usize {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in declaration.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            '(' if depth == 0 => return at,
            _ => {}
        }
        before = c;
    }
    declaration.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_taken_apart() {
        for (name, types) in [
            ("fn loss", "(w: &[f64], y: f64) -> f64"),
            ("fn twice<(f64, fn(f64)->f64)>", "(x: f64)"),
            ("fn <Line as Shape>::at", "(&self) -> (f64, f64)"),
        ] {
            let words = format!("{name}{types}");
            let told = Headline::told(Some(&words), "");
            assert_eq!((told.name.as_str(), told.types.as_str()), (name, types));
            assert_eq!(told.declaration(), Some(words));
        }
        let plain = Headline::told(None, "f(x)");
        assert_eq!((plain.name.as_str(), plain.declaration()), ("f(x)", None));
    }
}
