//! A derivative in numbers.

use diff_view::{Function, Line, LineKind, Token, TokenKind, lex};
use trace::Point;

/// What is counted, one line each.
const ROWS: [&str; 7] = [
    "instructions",
    "blocks",
    "loads",
    "stores",
    "calls",
    "allocations",
    "cached values",
];

/// A table with a column for each stage. Cached values are counted in the derivative as Enzyme made
/// it, because the passes that follow rename and remove what holds them.
pub fn table(columns: &[(Point, String)], derivative: &[String]) -> String {
    let halves = derivative.iter().map(|half| cached(&Function::parse(half)));
    let cached: usize = halves.sum();
    let counts: Vec<[usize; 7]> = columns
        .iter()
        .map(|(stage, text)| {
            let cached = if *stage >= Point::Derivative {
                cached
            } else {
                0
            };
            count(&Function::parse(text), cached)
        })
        .collect();
    let mut out = format!("{:13}", "");
    for (stage, _) in columns {
        out.push_str(&format!(" {:>12}", stage.to_string()));
    }
    out.push('\n');
    for (at, row) in ROWS.iter().enumerate() {
        out.push_str(&format!("{row:13}"));
        for column in &counts {
            out.push_str(&format!(" {:>12}", column[at]));
        }
        out.push('\n');
    }
    out
}

fn count(function: &Function, cached: usize) -> [usize; 7] {
    let mut counts = [0; 7];
    counts[0] = function.instructions();
    counts[6] = cached;
    for line in &function.lines {
        match line.kind {
            LineKind::Label => counts[1] += 1,
            LineKind::Instruction => match instruction(line) {
                Some(Counted::Load) => counts[2] += 1,
                Some(Counted::Store) => counts[3] += 1,
                Some(Counted::Call { allocates }) => {
                    counts[4] += 1;
                    counts[5] += usize::from(allocates);
                }
                None => {}
            },
            _ => {}
        }
    }
    counts
}

/// The instructions that have a count of their own.
#[derive(Debug, PartialEq)]
enum Counted {
    Load,
    Store,
    /// LLVM's intrinsics are no calls, but operations.
    Call {
        allocates: bool,
    },
}

fn instruction(line: &Line) -> Option<Counted> {
    let tokens = lex(&line.text);
    let opcode = tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.text)
        .find(|word| !matches!(*word, "tail" | "musttail" | "notail"))?;
    match opcode {
        "load" => Some(Counted::Load),
        "store" => Some(Counted::Store),
        "call" | "invoke" | "callbr" => {
            // What is called stands before the first parenthesis that follows a global or local.
            let callee = tokens.windows(2).find(|pair| {
                matches!(pair[0].kind, TokenKind::Global | TokenKind::Local) && pair[1].text == "("
            });
            let name = callee.map_or("", |pair| match pair[0].kind {
                TokenKind::Global => pair[0].name(),
                _ => "",
            });
            (!name.starts_with("llvm.")).then(|| Counted::Call {
                allocates: allocates(name),
            })
        }
        _ => None,
    }
}

/// True for Rust's allocator and C's.
fn allocates(name: &str) -> bool {
    let last = name.rsplit("::").next().unwrap_or(name);
    matches!(
        last,
        "__rust_alloc"
            | "__rust_alloc_zeroed"
            | "__rust_realloc"
            | "malloc"
            | "calloc"
            | "realloc"
            | "aligned_alloc"
            | "posix_memalign"
    )
}

/// How many values Enzyme keeps from the forward sweep for the reverse one: each has a slot on the
/// stack with a name that ends with `_cache`.
fn cached(function: &Function) -> usize {
    function
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::Instruction)
        .filter(|line| {
            let tokens: Vec<Token<'_>> = lex(&line.text)
                .into_iter()
                .filter(|token| token.kind != TokenKind::Space)
                .collect();
            matches!(tokens.as_slice(), [name, equals, opcode, ..]
                if equals.text == "=" && opcode.text == "alloca"
                    && name.name().trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("_cache"))
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_once() {
        let text = "\
define double @diffef(ptr %x, ptr %\"x'\") {
entry:
  %z_cache = alloca ptr, align 8
  %y_cache3 = alloca double, align 8
  %w = alloca double, align 8
  %0 = load double, ptr %x, align 8
  %1 = tail call fast double @tanh(double %0)
  %2 = call ptr @\"a::__rust_alloc\"(i64 8, i64 8)
  %3 = call double @llvm.sin.f64(double %1)
  %4 = call double %x(double %1)
  store double %3, ptr %w, align 8
  br label %end

end:
  ret double %3
}
";
        let function = Function::parse(text);
        let cached = cached(&function);
        assert_eq!(count(&function, cached), [11, 2, 1, 1, 3, 1, 2]);
    }
}
