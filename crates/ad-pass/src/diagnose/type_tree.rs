//! Type trees as Enzyme prints them.

use inkwell::values::{AnyValue, BasicValueEnum, InstructionValue};
use trace::enzyme;

/// A type tree with runs of equal bytes drawn together: `{[-1]:Pointer, [-1,0..7]:Integer}`.
pub(crate) fn tree(text: &str) -> String {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let mut runs: Vec<(String, i64, i64, String)> = Vec::new();
    for part in inner.split(", [") {
        let Some((path, concrete)) = part.trim_start_matches('[').split_once("]:") else {
            return text.trim().to_owned();
        };
        let (above, last) = match path.rsplit_once(',') {
            Some((above, last)) => (format!("{above},"), last),
            None => (String::new(), path),
        };
        let Ok(last) = last.parse::<i64>() else {
            return text.trim().to_owned();
        };
        match runs.last_mut() {
            Some(run) if run.0 == above && run.3 == concrete && run.2 + 1 == last && last > 0 => {
                run.2 = last;
            }
            _ => runs.push((above, last, last, concrete.to_owned())),
        }
    }
    let parts: Vec<String> = runs
        .into_iter()
        .map(|(above, first, last, concrete)| match first == last {
            true => format!("[{above}{first}]:{concrete}"),
            false => format!("[{above}{first}..{last}]:{concrete}"),
        })
        .collect();
    format!("{{{}}}", parts.join(", "))
}

/// What an analysis says of the instruction and its operands: `%x: {[-1]:Float@double}`.
pub(crate) fn types(instruction: InstructionValue<'_>, analysis: &str) -> Vec<String> {
    let mut wanted = vec![instruction.print_to_string().to_string()];
    for operand in instruction
        .get_operands()
        .flatten()
        .filter_map(|operand| operand.value())
    {
        wanted.push(match operand {
            BasicValueEnum::PointerValue(value) => value.print_to_string().to_string(),
            other => other.print_to_string().to_string(),
        });
    }
    let mut found = Vec::new();
    for printed in wanted {
        let printed = printed.trim();
        let known = analysis.lines().find_map(|line| {
            let rest = line.trim().strip_prefix(printed)?.strip_prefix(": ")?;
            Some(rest.split(enzyme::INTEGER_VALUES).next().unwrap_or(rest))
        });
        let Some(known) = known else { continue };
        let name = match printed.split_once(" = ") {
            Some((name, _)) => name,
            None => printed.rsplit(' ').next().unwrap_or(printed),
        };
        let known = match known {
            "{}" => "nothing".to_owned(),
            known => tree(known),
        };
        let line = format!("{name}: {known}");
        if !found.contains(&line) {
            found.push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::tree;

    #[test]
    fn equal_bytes_are_drawn_together() {
        assert_eq!(
            tree(
                "{[-1]:Pointer, [-1,0]:Integer, [-1,1]:Integer, [-1,2]:Integer, [-1,8]:Float@double}"
            ),
            "{[-1]:Pointer, [-1,0..2]:Integer, [-1,8]:Float@double}"
        );
    }
}
