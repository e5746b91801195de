//! A function's text, cut so that its instructions can be counted.

use diff_view::{Function, LineKind};
use trace::{Point, Trace};

use crate::failure::Failure;

/// A function's lines, without parameters and without debug info.
pub struct Listing {
    pub symbol: String,
    /// Each with its place among the instructions, if it begins one.
    pub lines: Vec<(String, Option<usize>)>,
    /// Where the instructions begin in `lines`.
    starts: Vec<usize>,
}

impl Listing {
    /// The text of one instruction.
    pub fn instruction(&self, at: usize) -> String {
        let start = self.starts[at];
        let rest = self.lines[start + 1..]
            .iter()
            .take_while(|(line, at)| at.is_none() && line.starts_with("   "));
        let mut text = self.lines[start].0.trim_start().to_owned();
        for (line, _) in rest {
            text.push('\n');
            text.push_str(line);
        }
        text
    }

    /// The lines of one instruction.
    pub fn rows(&self, at: usize) -> impl Iterator<Item = &str> {
        let start = self.starts[at];
        let end = self.starts.get(at + 1).copied().unwrap_or(self.lines.len());
        let rest = self.lines[start + 1..end]
            .iter()
            .take_while(|(line, _)| line.starts_with("   ") || line.trim_start().starts_with(']'));
        std::iter::once(self.lines[start].0.as_str()).chain(rest.map(|(line, _)| line.as_str()))
    }
}

/// The function at a point, which must have as many instructions as were explained.
pub fn listing(trace: &Trace, point: Point, count: usize) -> Result<Listing, Failure> {
    let found = trace
        .points
        .iter()
        .rfind(|found| found.point == point)
        .ok_or_else(|| {
            Failure::usage("trace", format!("the run has no point {point}"))
                .help("run irad explain on the IR file again")
        })?;
    let parsed = Function::parse(&trace.texts[found.text].body);
    let mut lines = Vec::new();
    let mut starts = Vec::new();
    for line in parsed.lines {
        match line.kind {
            LineKind::Parameter | LineKind::Attributes | LineKind::Record => continue,
            LineKind::Blank if line.text.trim().is_empty() => continue,
            _ => {}
        }
        let begins = line.kind == LineKind::Instruction
            && !line.text.starts_with("   ")
            && !line.text.trim_start().starts_with(']');
        let at = begins.then_some(starts.len());
        if begins {
            starts.push(lines.len());
        }
        let text = match line.kind {
            // Where a block is come from is said by those that go there.
            LineKind::Label => line.text.split(';').next().unwrap_or_default().trim_end(),
            _ => &line.text,
        };
        lines.push((without_location(text), at));
    }
    if starts.len() != count {
        return Err(Failure::usage(
            "trace",
            format!(
                "{} has {} instructions, and {count} were explained",
                found.function,
                starts.len()
            ),
        )
        .help("this is a mistake in irad: please report it with the command"));
    }
    Ok(Listing {
        symbol: found.function.clone(),
        lines,
        starts,
    })
}

/// A line without `, !dbg !7`: locations are numbers of instructions here.
fn without_location(line: &str) -> String {
    let Some(at) = line.rfind(", !dbg !") else {
        return line.to_owned();
    };
    let digits = line[at + 8..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    format!("{}{}", &line[..at], &line[at + 8 + digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_cut_out() {
        assert_eq!(without_location("  ret void, !dbg !12"), "  ret void");
        assert_eq!(
            without_location("  %1 = load ptr, ptr %0, !dbg !3, !noalias !4"),
            "  %1 = load ptr, ptr %0, !noalias !4"
        );
        assert_eq!(without_location("  ret void"), "  ret void");
    }
}
