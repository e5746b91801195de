//! What each line of a state is there for, and which instruction of the primal it belongs to.
//!
//! The engine says so of every text of the derivative, where it was asked while it wrote down the steps. Else Enzyme
//! says so of the primal as it simplified it, of the derivative as it made it, and of the derivative in the end, and
//! in between it is known of a line that says the same as one at such a point. What is not known is counted and
//! never guessed.

use diff_view::{Function, LineKind};
use trace::{AdRole, Explained, Part};

use crate::links::Links;

/// What is known of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// What it is there for, in a derivative.
    pub role: Option<AdRole>,
    /// The instruction of the primal that it belongs to, or that it is, from 1.
    pub of: Option<u32>,
    /// It begins an instruction.
    pub begins: bool,
}

/// How many instructions have which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleCounts {
    /// By role, those that there are.
    pub known: Vec<(AdRole, usize)>,
    /// Instructions of which it is not known.
    pub unknown: usize,
}

/// True for a line that begins an instruction, and does not continue one.
pub fn begins_instruction(kind: LineKind, text: &str) -> bool {
    kind == LineKind::Instruction && !text.starts_with("   ") && !text.trim_start().starts_with(']')
}

/// Marks of a text without roles.
pub fn unmarked(function: &Function) -> Vec<Mark> {
    let lines = function.lines.iter();
    lines
        .map(|line| Mark {
            begins: begins_instruction(line.kind, &line.text),
            ..Mark::default()
        })
        .collect()
}

/// Marks of the primal at the point where its instructions are counted; none where there are not so many.
pub fn of_primal(function: &Function, count: usize) -> Option<Vec<Mark>> {
    let mut marks = unmarked(function);
    let begun: Vec<&mut Mark> = marks.iter_mut().filter(|mark| mark.begins).collect();
    if begun.len() != count {
        return None;
    }
    for (number, mark) in (1..).zip(begun) {
        mark.of = Some(number);
    }
    Some(marks)
}

/// Marks of a derivative whose parts are known; none where it has not so many instructions.
pub fn of_derivative(function: &Function, parts: &[Part]) -> Option<Vec<Mark>> {
    let mut marks = unmarked(function);
    let begun: Vec<&mut Mark> = marks.iter_mut().filter(|mark| mark.begins).collect();
    if begun.len() != parts.len() {
        return None;
    }
    for (mark, part) in begun.into_iter().zip(parts) {
        (mark.role, mark.of) = (Some(part.role), part.of);
    }
    Some(marks)
}

/// Fills what is not known from the text before, by lines that say the same there.
pub fn from_before(marks: &mut [Mark], links: &Links, before: &[Mark]) {
    fill(marks, |line| {
        let linked = links.back(line).filter(|linked| !linked.changed)?;
        before.get(linked.line).copied()
    });
}

/// Fills what is not known from the text after, likewise.
pub fn from_after(marks: &mut [Mark], links: &Links, after: &[Mark]) {
    fill(marks, |line| {
        let linked = links.forth(line).filter(|linked| !linked.changed)?;
        after.get(linked.line).copied()
    });
}

/// What is known of a whole run: where its points are, and what Enzyme and the engine say there.
pub struct Points<'a> {
    /// The state of the primal whose instructions are counted.
    pub primal: Option<usize>,
    /// The state that Enzyme made.
    pub derivative: Option<usize>,
    /// The derivative in the end.
    pub last: Option<usize>,
    /// What is said of them.
    pub explained: &'a Explained,
}

/// Fills the marks of every state of a run, of which nothing is known yet but which lines begin an instruction.
/// `links[k]` leads from state k to the next one.
pub fn fill_all(states: &mut [Vec<Mark>], links: &[Links], points: &Points<'_>) {
    let said = points.explained;
    if let Some(primal) = points.primal
        && put(
            &mut states[primal],
            (1..).map(|of| (None, Some(of))),
            said.primal.len(),
        )
    {
        for state in (0..primal).rev() {
            let (before, after) = states.split_at_mut(state + 1);
            from_after(&mut before[state], &links[state], &after[0]);
        }
    }
    let parts = |parts: &[Part]| -> Vec<(Option<AdRole>, Option<u32>)> {
        parts
            .iter()
            .map(|part| (Some(part.role), part.of))
            .collect()
    };
    let Some(derivative) = points.derivative else {
        return;
    };
    if put(
        &mut states[derivative],
        parts(&said.derivative),
        said.derivative.len(),
    ) {
        for state in derivative + 1..states.len() {
            let (before, after) = states.split_at_mut(state);
            from_before(&mut after[0], &links[state - 1], &before[state - 1]);
        }
    }
    if let Some(last) = points.last.filter(|last| *last > derivative)
        && put(&mut states[last], parts(&said.last), said.last.len())
    {
        for state in (derivative..last).rev() {
            let (before, after) = states.split_at_mut(state + 1);
            from_after(&mut before[state], &links[state], &after[0]);
        }
    }
}

/// Puts what is said of each instruction on the line that begins it; false where there are not so many.
fn put(
    marks: &mut [Mark],
    said: impl IntoIterator<Item = (Option<AdRole>, Option<u32>)>,
    count: usize,
) -> bool {
    if marks.iter().filter(|mark| mark.begins).count() != count {
        return false;
    }
    let begun = marks.iter_mut().filter(|mark| mark.begins);
    for (mark, (role, of)) in begun.zip(said) {
        (mark.role, mark.of) = (role, of);
    }
    true
}

fn fill(marks: &mut [Mark], known: impl Fn(usize) -> Option<Mark>) {
    for (line, mark) in marks.iter_mut().enumerate() {
        if mark.begins
            && mark.role.is_none()
            && mark.of.is_none()
            && let Some(found) = known(line)
        {
            (mark.role, mark.of) = (found.role, found.of);
        }
    }
}

/// Counts roles.
pub fn count(marks: &[Mark]) -> RoleCounts {
    let begun = || marks.iter().filter(|mark| mark.begins);
    let known = AdRole::ALL.into_iter().map(|role| {
        let of_role = begun().filter(|mark| mark.role == Some(role));
        (role, of_role.count())
    });
    RoleCounts {
        known: known.filter(|(_, count)| *count > 0).collect(),
        unknown: begun().filter(|mark| mark.role.is_none()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_goes_with_a_line_that_says_the_same_and_with_no_other() {
        let before = "define void @f(double %a) {\n  %x = fadd double %a, 1.0\n  %y = fmul double %x, %x\n  ret void\n}\n";
        let after = "define void @f(double %a) {\n  %x = fadd double %a, 1.0\n  %y = fmul double %x, 2.0\n  ret void\n}\n";
        let diff = diff_view::diff(before, after, None);
        let part = |role| Part { role, of: Some(1) };
        let parts = [
            part(AdRole::Primal),
            part(AdRole::Adjoint),
            part(AdRole::Control),
        ];
        let known = of_derivative(&diff.before, &parts).unwrap();
        let mut marks = unmarked(&diff.after);
        from_before(&mut marks, &Links::of(&diff), &known);
        let counts = count(&marks);
        assert_eq!(counts.known, [(AdRole::Primal, 1), (AdRole::Control, 1)]);
        assert_eq!(counts.unknown, 1);
        assert_eq!(of_derivative(&diff.before, &parts[1..]), None);
    }
}
