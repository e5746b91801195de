//! What the arguments of a call to `__enzyme_autodiff…` or `__enzyme_fwddiff…` ask Enzyme's pass for.
//!
//! A marker stands before the values of an argument: a string of metadata, or the address of a
//! global of that name. The order is Enzyme's own (`handleArguments` in its `Enzyme.cpp`).

use crate::activity::{Activity, Mode};
use crate::enzyme;

/// One argument of such a call, after the primal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A marker, by its name: `enzyme_dup`.
    Marker(String),
    /// A value that can hold an address.
    Pointer,
    /// A float, or a vector or struct of them.
    Float,
    /// An integer, with its value where that is a constant.
    Integer(Option<u64>),
    /// Any other value.
    Other,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What each IR parameter of the primal is to the derivative.
    pub activities: Vec<Activity>,
    /// What the primal's result is to it.
    pub returns: Activity,
    /// True when the derivative gives the primal's result, too.
    pub primal_returned: bool,
    /// How many directions at once.
    pub width: u32,
    /// True when a value follows the arguments, which in reverse mode is the adjoint of the result. Without it
    /// Enzyme takes 1.
    pub seeded: bool,
}

/// Which mode a function of this name asks Enzyme's pass for.
pub fn mode_of_call(name: &str) -> Option<Mode> {
    if name.starts_with(enzyme::CALL_REVERSE) || name.starts_with(enzyme::CALL_REVERSE_TOO) {
        Some(Mode::Reverse)
    } else if name.starts_with(enzyme::CALL_FORWARD) {
        Some(Mode::Forward)
    } else {
        None
    }
}

/// Reads the arguments after the primal, which has `parameters` IR parameters and gives `result`.
pub fn read(
    mode: Mode,
    parameters: usize,
    result: Option<&Operand>,
    operands: &[Operand],
) -> Asked {
    let named = |name: &str| {
        operands
            .iter()
            .position(|operand| matches!(operand, Operand::Marker(marker) if marker == name))
    };
    let primal_returned = named(enzyme::MARKER_PRIMAL_RETURN).is_some() && result.is_some();
    let width = named(enzyme::MARKER_WIDTH)
        .and_then(|at| match operands.get(at + 1) {
            Some(Operand::Integer(Some(width))) => u32::try_from(*width).ok(),
            _ => None,
        })
        .unwrap_or(1)
        .max(1);
    let mut activities = Vec::new();
    let mut at = 0;
    while at < operands.len() && activities.len() < parameters {
        let Operand::Marker(marker) = &operands[at] else {
            // Without a marker Enzyme goes by the type.
            let activity = by_type(mode, Some(&operands[at]));
            at += 1 + shadows(activity, width);
            activities.push(activity);
            continue;
        };
        at += 1;
        let activity = match marker.as_str() {
            enzyme::MARKER_DUP => match mode {
                Mode::Forward => Activity::Dual,
                Mode::Reverse => Activity::Duplicated,
            },
            enzyme::MARKER_DUP_NO_NEED => match mode {
                Mode::Forward => Activity::DualOnly,
                Mode::Reverse => Activity::DuplicatedOnly,
            },
            // The distance in bytes from one direction's tangent to the next stands before the
            // primal, and one pointer to all of them after it.
            enzyme::MARKER_DUP_V => {
                at += 1;
                Activity::Dualv
            }
            enzyme::MARKER_DUP_NO_NEED_V => {
                at += 1;
                Activity::DualvOnly
            }
            enzyme::MARKER_OUT => Activity::Active,
            enzyme::MARKER_CONST => Activity::Const,
            // These bring a value of their own along that is no argument of the primal.
            enzyme::MARKER_WIDTH
            | enzyme::MARKER_ALLOCATED
            | enzyme::MARKER_TAPE
            | enzyme::MARKER_BY_REFERENCE
            | enzyme::MARKER_INTERFACE => {
                at += 1;
                continue;
            }
            _ => continue,
        };
        // Another marker may stand between this one and its value.
        while matches!(operands.get(at), Some(Operand::Marker(_))) {
            at += 1;
        }
        at += 1 + shadows(activity, width);
        activities.push(activity);
    }
    let seeded = mode == Mode::Reverse && at < operands.len();
    let returns = if named(enzyme::MARKER_CONST_RETURN).is_some() {
        Activity::Const
    } else if named(enzyme::MARKER_ACTIVE_RETURN).is_some() {
        Activity::Active
    } else if named(enzyme::MARKER_DUP_RETURN).is_some() {
        match mode {
            Mode::Forward => Activity::Dual,
            Mode::Reverse => Activity::Duplicated,
        }
    } else {
        by_type(mode, result)
    };
    Asked {
        activities,
        returns,
        primal_returned,
        width,
        seeded,
    }
}

/// What Enzyme takes a value for that nobody said anything about.
fn by_type(mode: Mode, value: Option<&Operand>) -> Activity {
    match (value, mode) {
        (Some(Operand::Pointer), Mode::Reverse) => Activity::Duplicated,
        (Some(Operand::Pointer | Operand::Float), Mode::Forward) => Activity::Dual,
        (Some(Operand::Float), Mode::Reverse) => Activity::Active,
        _ => Activity::Const,
    }
}

/// How many values follow the primal's.
fn shadows(activity: Activity, width: u32) -> usize {
    match activity {
        Activity::Const | Activity::Active => 0,
        Activity::Dualv | Activity::DualvOnly => 1,
        _ => width as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Activity::{Active, Const, Dual, Dualv, Duplicated, DuplicatedOnly};

    fn asked(mode: Mode, parameters: usize, operands: &str) -> Asked {
        let operands: Vec<Operand> = operands.split_whitespace().map(operand).collect();
        read(mode, parameters, Some(&Operand::Float), &operands)
    }

    fn operand(word: &str) -> Operand {
        match word {
            "ptr" => Operand::Pointer,
            "double" => Operand::Float,
            "i64" => Operand::Integer(None),
            number if number.parse::<u64>().is_ok() => Operand::Integer(number.parse().ok()),
            marker => Operand::Marker(format!("enzyme_{marker}")),
        }
    }

    #[test]
    fn a_slice_is_a_duplicated_pointer_and_a_constant_length() {
        let asked = asked(
            Mode::Reverse,
            3,
            "primal_return dup ptr ptr const i64 const double",
        );
        assert_eq!(asked.activities, [Duplicated, Const, Const]);
        assert_eq!(asked.returns, Active);
        assert!(asked.primal_returned);
        assert_eq!(asked.width, 1);
    }

    #[test]
    fn the_primals_result_may_be_left_out() {
        let asked = asked(Mode::Reverse, 3, "dupnoneed ptr ptr const i64 out double");
        assert_eq!(asked.activities, [DuplicatedOnly, Const, Active]);
        assert_eq!(asked.returns, Active);
        assert!(!asked.primal_returned);
    }

    #[test]
    fn a_seed_follows_the_arguments() {
        let seeded = |operands: &str| asked(Mode::Reverse, 1, operands).seeded;
        assert!(!seeded("primal_return out double"));
        assert!(seeded("primal_return out double double"));
    }

    #[test]
    fn each_direction_has_a_shadow() {
        let four = "primal_return width 4 dup ptr ptr ptr ptr ptr const double";
        let asked = asked(Mode::Forward, 2, four);
        assert_eq!(asked.activities, [Dual, Const]);
        assert_eq!((asked.returns, asked.width), (Dual, 4));
    }

    #[test]
    fn directions_in_one_vector_have_a_stride_and_one_shadow() {
        let four = "width 4 dupv i64 ptr ptr const i64 const double";
        let asked = asked(Mode::Forward, 3, four);
        assert_eq!(asked.activities, [Dualv, Const, Const]);
        assert_eq!((asked.returns, asked.width), (Dual, 4));
    }

    #[test]
    fn without_markers_types_decide() {
        assert_eq!(
            asked(Mode::Reverse, 3, "ptr ptr i64 double").activities,
            [Duplicated, Const, Active]
        );
        assert_eq!(
            asked(Mode::Forward, 3, "ptr ptr double double i64").activities,
            [Dual, Dual, Const]
        );
    }

    #[test]
    fn any_order_is_survived() {
        for text in [
            "width",
            "dup",
            "dupv",
            "dup dup dup",
            "width 0",
            "width ptr dup ptr",
        ] {
            let found = asked(Mode::Forward, 2, text);
            assert!(found.activities.len() <= 2 && found.width >= 1, "{text}");
        }
    }
}
