//! Rust source laid out as rustfmt has it.

use crate::output::printable;

/// The widest line.
const WIDTH: usize = 100;
/// The widest list of a call's arguments on one line.
const CALL: usize = 60;

/// Writes a comment, broken between words.
pub(super) fn comment(out: &mut String, mark: &str, words: &str) {
    hanging(out, mark, "", words);
}

/// Writes an item of a list in a comment.
pub(super) fn item(out: &mut String, mark: &str, words: &str) {
    hanging(out, mark, "- ", words);
}

fn hanging(out: &mut String, mark: &str, bullet: &str, words: &str) {
    // Room for the indentation of an `extern` block.
    const LIMIT: usize = WIDTH - 6;
    // A line end in a name would end the comment.
    let words = &*printable(words);
    if words.is_empty() {
        out.push_str(mark);
        out.push('\n');
        return;
    }
    let mut line = format!("{mark} {bullet}");
    let mut is_empty = true;
    for word in words.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > LIMIT {
            out.push_str(&line);
            out.push('\n');
            line = format!("{mark} {}", " ".repeat(bullet.len()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

/// Writes a function's head, and `end` behind it.
pub(super) fn function(
    out: &mut String,
    indent: usize,
    head: &str,
    parameters: &[String],
    returns: Option<&str>,
    end: &str,
) {
    let space = " ".repeat(indent);
    let tail = match returns {
        Some(ty) => format!(" -> {ty}{end}"),
        None => end.to_owned(),
    };
    let line = format!("{space}{head}({}){tail}", parameters.join(", "));
    if line.chars().count() <= WIDTH {
        out.push_str(&line);
    } else {
        out.push_str(&format!("{space}{head}(\n"));
        for parameter in parameters {
            out.push_str(&format!("{space}    {parameter},\n"));
        }
        out.push_str(&format!("{space}){tail}"));
    }
    out.push('\n');
}

/// Writes a block with nothing but a call in it.
pub(super) fn block(
    out: &mut String,
    indent: usize,
    keyword: &str,
    head: &str,
    arguments: &[String],
) {
    let space = " ".repeat(indent);
    let list = arguments.join(", ");
    let line = format!("{space}{keyword} {{ {head}({list}) }}");
    if list.chars().count() <= CALL && line.chars().count() <= WIDTH {
        out.push_str(&line);
        out.push('\n');
        return;
    }
    out.push_str(&format!("{space}{keyword} {{\n"));
    call(out, indent + 4, head, arguments, "");
    out.push_str(&format!("{space}}}\n"));
}

/// Writes a call, and `end` behind it.
pub(super) fn call(out: &mut String, indent: usize, head: &str, arguments: &[String], end: &str) {
    let space = " ".repeat(indent);
    let list = arguments.join(", ");
    let line = format!("{space}{head}({list}){end}");
    if list.chars().count() <= CALL && line.chars().count() <= WIDTH {
        out.push_str(&line);
    } else {
        out.push_str(&format!("{space}{head}(\n"));
        for argument in arguments {
            out.push_str(&format!("{space}    {argument},\n"));
        }
        out.push_str(&format!("{space}){end}"));
    }
    out.push('\n');
}
