//! Functions as their source declares them, read from a module's debug info.

use std::collections::HashMap;

use ir_load::{Function, Index};
use trace::short_type_name;

/// The debug info of a module's text.
pub struct Declarations<'t> {
    /// Definitions of metadata by their numbers.
    nodes: HashMap<u64, &'t str>,
    /// Names of parameters, by the function's node and their place from 1.
    parameters: HashMap<(u64, u64), &'t str>,
}

/// A function as its source declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What its name ends with: the types that a generic function was made for.
    pub generics: String,
    /// Names, which may be empty, and types.
    pub parameters: Vec<(String, String)>,
    /// The type of its result, if it has one.
    pub returns: Option<String>,
}

impl<'t> Declarations<'t> {
    /// Reads a module's metadata. Of a text without debug info nothing is declared.
    pub fn of(index: &Index<'t>) -> Self {
        let mut found = Declarations {
            nodes: HashMap::new(),
            parameters: HashMap::new(),
        };
        let Ok(text) = std::str::from_utf8(index.bytes()) else {
            return found;
        };
        for line in text.lines().filter(|line| line.starts_with('!')) {
            let Some((number, body)) = line[1..].split_once(" = ") else {
                continue;
            };
            if let Ok(number) = number.parse() {
                let body = body.strip_prefix("distinct ").unwrap_or(body);
                found.nodes.insert(number, body);
                if body.starts_with("!DILocalVariable(")
                    && let (Some(name), Some(place), Some(scope)) = (
                        quoted(body, "name"),
                        plain(body, "arg"),
                        node(body, "scope"),
                    )
                    && let Ok(place) = place.parse()
                {
                    found.parameters.insert((scope, place), name);
                }
            }
        }
        found
    }

    /// How a function is declared, if debug info says.
    pub fn get(&self, index: &Index<'_>, function: &Function) -> Option<Declared> {
        let header = index.text(function);
        let header = header.lines().next()?;
        let at = header.rfind("!dbg !")? + "!dbg !".len();
        let digits = header[at..].bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = header[at..at + digits].parse().ok()?;
        let program = self.nodes.get(&number)?;
        let types = self.nodes.get(&node(program, "type")?)?;
        let types = self.nodes.get(&node(types, "types")?)?;
        let types = types.strip_prefix("!{")?.strip_suffix('}')?;
        let mut types = types.split(", ").filter(|ty| !ty.is_empty());
        let returns = types.next().and_then(|ty| self.name_of(ty));
        let parameters = (1..)
            .zip(types)
            .filter_map(|(place, ty)| {
                let name = self.parameters.get(&(number, place)).copied();
                let ty = self.name_of(ty).unwrap_or_else(|| "_".to_owned());
                // What a closure holds is no parameter that anybody wrote.
                (!ty.contains("{closure_env")).then(|| (name.unwrap_or("").to_owned(), ty))
            })
            .collect();
        let name = quoted(program, "name").unwrap_or_default();
        let generics = name.find('<').filter(|at| *at > 0);
        Some(Declared {
            generics: generics.map_or(String::new(), |at| short_type_name(&name[at..])),
            parameters,
            returns,
        })
    }

    fn name_of(&self, reference: &str) -> Option<String> {
        let number = reference.strip_prefix('!')?.parse().ok()?;
        let body = self.nodes.get(&number)?;
        match quoted(body, "name") {
            Some(name) => Some(short_type_name(name)),
            None => self.array(body),
        }
    }

    /// `[f64; 3]`, which has no name of its own.
    fn array(&self, body: &str) -> Option<String> {
        let of = self.name_of(&format!("!{}", node(body, "baseType")?))?;
        let ranges = self.nodes.get(&node(body, "elements")?)?;
        let range = ranges.strip_prefix("!{!")?.strip_suffix('}')?;
        let count = plain(self.nodes.get(&range.parse().ok()?)?, "count")?;
        Some(format!("[{of}; {count}]"))
    }
}

impl Declared {
    /// `(w: &[f64], y: f64) -> f64`.
    pub fn types(&self) -> String {
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, ty)| match (name.as_str(), ty.starts_with('&')) {
                ("", _) => ty.clone(),
                ("self", true) if ty.starts_with("&mut ") => "&mut self".to_owned(),
                ("self", true) => "&self".to_owned(),
                ("self", false) => "self".to_owned(),
                (name, _) => format!("{name}: {ty}"),
            })
            .collect();
        let returns = self.returns.as_ref();
        let returns = returns.map_or(String::new(), |ty| format!(" -> {ty}"));
        format!("({}){returns}", parameters.join(", "))
    }
}

/// The value of a field, up to the next one.
fn value<'b>(body: &'b str, field: &str) -> Option<&'b str> {
    let fields = &body[body.find('(')?..];
    let key = format!("{field}: ");
    let mut matches = fields.match_indices(&key);
    let at = matches
        .find(|(at, _)| fields[..*at].ends_with(['(', ' ']))?
        .0;
    Some(&fields[at + key.len()..])
}

fn quoted<'b>(body: &'b str, field: &str) -> Option<&'b str> {
    let value = value(body, field)?.strip_prefix('"')?;
    Some(&value[..value.find('"')?])
}

fn plain<'b>(body: &'b str, field: &str) -> Option<&'b str> {
    let value = value(body, field)?;
    Some(&value[..value.find([',', ')'])?])
}

fn node(body: &str, field: &str) -> Option<u64> {
    plain(body, field)?.strip_prefix('!')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_declared_as_in_its_source() {
        let text = r#"
define double @f(ptr %w.0, i64 %w.1, double %y) !dbg !1 {
  ret double %y
}
define void @g() {
  ret void
}
!1 = distinct !DISubprogram(name: "f<f64>", linkageName: "f", scope: !9, line: 1, type: !2, unit: !8)
!2 = !DISubroutineType(types: !3)
!3 = !{!11, !5, !4}
!4 = !DIBasicType(name: "f64", size: 64, encoding: DW_ATE_float)
!5 = !DICompositeType(tag: DW_TAG_structure_type, name: "&[model::Layer]", size: 128)
!6 = !DILocalVariable(name: "w", arg: 1, scope: !1, file: !7, line: 1, type: !5)
!11 = !DICompositeType(tag: DW_TAG_array_type, baseType: !4, size: 192, align: 64, elements: !12)
!12 = !{!13}
!13 = !DISubrange(count: 3, lowerBound: 0)
!10 = !DILocalVariable(name: "y", arg: 2, scope: !1, file: !7, line: 1, type: !4)
"#;
        let index = Index::of(text.as_bytes());
        let declarations = Declarations::of(&index);
        let get = |symbol: &str| declarations.get(&index, &index.get(symbol).unwrap());
        let declared = get("f").unwrap();
        assert_eq!(declared.types(), "(w: &[Layer], y: f64) -> [f64; 3]");
        assert_eq!(declared.generics, "<f64>");
        assert_eq!(get("g"), None);
    }
}
