//! Where in the source a line comes from.

use crate::function::{Function, Line};

/// A line of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The folder that the file's name begins in.
    pub folder: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// How far calls that were inlined are followed.
const DEEPEST: usize = 64;

impl Function {
    /// Where a line comes from: the line that was inlined, or where that is not the user's own, the one that
    /// calls it.
    pub fn location(&self, line: &Line) -> Option<Location> {
        if self.has_no_metadata() {
            // Then no line has to be looked through.
            return None;
        }
        let at = line.text.rfind("!dbg !")? + "!dbg !".len();
        let mut node: u64 = leading(&line.text[at..])?;
        for _ in 0..DEEPEST {
            let place = self.metadata(node)?;
            let found = self.place(place)?;
            match field(place, "inlinedAt: !") {
                Some(outer) if !found.is_own() => node = leading(outer)?,
                _ => return Some(found),
            }
        }
        None
    }

    /// The line that a `DILocation` names.
    fn place(&self, place: &str) -> Option<Location> {
        let number = leading(field(place, "line: ")?)?;
        let mut scope = self.metadata(leading(field(place, "scope: !")?)?)?;
        for _ in 0..DEEPEST {
            if let Some(file) = field(scope, "file: !") {
                let file = self.metadata(leading(file)?)?;
                return Some(Location {
                    folder: quoted(field(file, "directory: ")?)?.to_owned(),
                    file: quoted(field(file, "filename: ")?)?.to_owned(),
                    line: u32::try_from(number).ok()?,
                });
            }
            scope = self.metadata(leading(field(scope, "scope: !")?)?)?;
        }
        None
    }
}

impl Location {
    /// False for the standard library and for what cargo fetched.
    pub fn is_own(&self) -> bool {
        let elsewhere = [
            "/rustc/",
            "/lib/rustlib/",
            "/registry/src/",
            "/git/checkouts/",
        ];
        let path = format!("{}/{}", self.folder, self.file);
        !elsewhere.iter().any(|part| path.contains(part))
    }
}

fn field<'b>(body: &'b str, key: &str) -> Option<&'b str> {
    let mut found = body.match_indices(key);
    let at = found.find(|(at, _)| body[..*at].ends_with(['(', ' ']))?.0;
    Some(&body[at + key.len()..])
}

fn leading(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

fn quoted(text: &str) -> Option<&str> {
    let text = text.strip_prefix('"')?;
    Some(&text[..text.find('"')?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inlined_from_elsewhere_stands_at_its_call() {
        let function = Function::parse(
            "define void @f() !dbg !1 {\n  ret void, !dbg !2\n}\n\
             !1 = distinct !DISubprogram(name: \"f\", scope: !9, file: !5, line: 3)\n\
             !2 = !DILocation(line: 7, column: 2, scope: !6, inlinedAt: !3)\n\
             !3 = !DILocation(line: 4, column: 9, scope: !4)\n\
             !4 = distinct !DILexicalBlock(scope: !1, file: !5, line: 3)\n\
             !5 = !DIFile(filename: \"src/lib.rs\", directory: \"/home\")\n\
             !6 = distinct !DISubprogram(name: \"g\", file: !8, line: 6)\n\
             !8 = !DIFile(filename: \"/rustc/0/library/core/src/f64.rs\", directory: \"\")\n",
        );
        let line = function
            .lines
            .iter()
            .find(|line| line.text.contains("ret"))
            .unwrap();
        let location = function.location(line).unwrap();
        assert_eq!((location.file.as_str(), location.line), ("src/lib.rs", 4));
        assert_eq!(location.folder, "/home");
        assert_eq!(function.location(&function.lines[0]), None);
    }
}
