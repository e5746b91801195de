//! What may be given to a derivative, or left out.

use trace::{Activity, AdOptions, Mode, Signature};

use crate::ad_flags;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it sets.
    pub settings: Vec<Setting>,
    /// What somebody has to promise for it, if anybody has to.
    pub promise: Option<Promise>,
    /// What it does.
    pub does: String,
    /// What can be written in Rust for the same.
    pub instead: Option<String>,
    /// True where it goes with no other.
    pub stands_alone: bool,
}

/// A flag and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// What it is set to.
    pub value: String,
}

/// What only the author of a function can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Pointers that are handed over do not overlap. A check tests it at some points.
    NoOverlap,
    /// What is only read is not overwritten before the reverse sweep. A check tests it at some points.
    Unchanged,
    /// Nobody asks for the derivative with respect to this parameter.
    NotNeeded(String),
}

impl Promise {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Promise::NoOverlap => "no two pointers that a function is handed overlap".to_owned(),
            Promise::Unchanged => {
                "nobody overwrites what a function only reads, until the derivative is done"
                    .to_owned()
            }
            Promise::NotNeeded(name) => {
                format!("you do not need the derivative with respect to {name}")
            }
        }
    }

    /// In two words.
    pub fn short(&self) -> &'static str {
        match self {
            Promise::NoOverlap => "no overlap",
            Promise::Unchanged => "unchanged",
            Promise::NotNeeded(_) => "not needed",
        }
    }

    /// True where the derivative is less than it was, and not the same for less.
    pub fn gives_up(&self) -> bool {
        matches!(self, Promise::NotNeeded(_))
    }
}

impl Change {
    fn of(flag: &'static str, value: impl ToString, does: &str) -> Self {
        Change {
            settings: vec![Setting {
                flag,
                value: value.to_string(),
            }],
            promise: None,
            does: does.to_owned(),
            instead: None,
            stands_alone: false,
        }
    }

    fn promising(self, promise: Promise) -> Self {
        Change {
            promise: Some(promise),
            ..self
        }
    }

    fn instead(self, words: impl Into<String>) -> Self {
        Change {
            instead: Some(words.into()),
            ..self
        }
    }

    fn alone(self) -> Self {
        Change {
            stands_alone: true,
            ..self
        }
    }

    /// As on the command line.
    pub fn words(&self) -> Vec<String> {
        let words = self.settings.iter().flat_map(|setting| {
            let flag = format!("--{}", setting.flag);
            let takes_value = ad_flags::find(setting.flag).is_none_or(|flag| flag.takes_value());
            let value = takes_value.then(|| setting.value.clone());
            [Some(flag), value].into_iter().flatten()
        });
        words.collect()
    }

    /// True where the options say so already.
    fn is_said(&self, ad: &AdOptions) -> bool {
        self.settings.iter().all(|setting| match setting.flag {
            MODE => setting.value == ad.mode.to_string(),
            flag => {
                let flag = ad_flags::find(flag).expect("a flag of irad's");
                flag.values(ad).contains(&setting.value)
            }
        })
    }
}

/// It has no flag among those of the options.
const MODE: &str = "mode";

/// The most directions that forward mode is tried with.
const MOST_DIRECTIONS: usize = 16;

/// The most parameters that are tried as constants.
const MOST_PARAMETERS: usize = 8;

/// What can be changed about a derivative that is made so.
pub fn changes(ad: &AdOptions, signature: Option<&Signature>) -> Vec<Change> {
    let mut all = vec![
        Change::of("prepare", "o3", "the function is fully optimised first"),
        Change::of("prepare", "none", "the function is differentiated as it is"),
        Change::of(
            "inline",
            "*",
            "all that it calls becomes one function, in which Enzyme sees what is overwritten",
        )
        .instead("leave `#[inline(never)]` out, or write `#[inline(always)]`"),
    ];
    if ad.mode == Mode::Reverse {
        all.extend([
            Change::of(
                "enzyme",
                "mincut-cache=false",
                "Enzyme keeps what it needs, and no smaller set that the rest follows from",
            ),
            Change::of(
                "enzyme",
                "max-cache=true",
                "as much as possible is kept, and little computed again",
            ),
            Change::of(
                "enzyme",
                "rematerialize=false",
                "nothing is allocated and filled again in the reverse sweep",
            ),
            Change::of(
                "keep",
                "*",
                "what functions such as `exp` and `tanh` return is kept, and they are not called again",
            ),
        ]);
    }
    all.push(
        Change::of(
            "noalias",
            "*",
            "loads can be taken out of loops, and less is kept",
        )
        .promising(Promise::NoOverlap)
        .instead("take slices where the function takes raw pointers: rustc promises that a `&mut [f64]` overlaps with nothing else; two `&[f64]` may be the same memory, and only this promise excludes it"),
    );
    if ad.mode == Mode::Reverse {
        all.push(
            Change::of(
                "unchanged",
                "*",
                "what is read is read again, and not kept",
            )
            .promising(Promise::Unchanged)
            .instead("take `&[f64]` of values that are complete before the call, and write results to memory of their own"),
        );
        all.push(
            Change::of(
                "split",
                true,
                "the primal and the reverse sweep are two functions, with a tape between them",
            )
            .alone(),
        );
    }
    if let Some(signature) = signature {
        all.extend(forward(ad, signature));
        all.extend(constants(ad, signature));
    }
    all.retain(|change| !change.is_said(ad));
    all
}

/// Forward mode instead of reverse mode, where what goes in are a few numbers.
fn forward(ad: &AdOptions, signature: &Signature) -> Option<Change> {
    if ad.mode == Mode::Forward || !ad.activities.is_empty() {
        return None;
    }
    let parameters = signature.parameters.iter();
    let moving = parameters.filter(|parameter| parameter.activity != Activity::Const);
    let mut numbers = 0;
    for parameter in moving {
        match parameter.activity {
            Activity::Active if ["f32", "f64"].contains(&parameter.ty.as_str()) => numbers += 1,
            // What is written.
            Activity::Duplicated if parameter.ty.starts_with("&mut ") => {}
            _ => return None,
        }
    }
    if !(1..=MOST_DIRECTIONS).contains(&numbers) {
        return None;
    }
    let mut change = Change::of(
        MODE,
        Mode::Forward,
        "one sweep with the function, and no tape: a direction for each number that goes in",
    );
    if numbers > 1 {
        change.settings.push(Setting {
            flag: "width",
            value: numbers.to_string(),
        });
    }
    Some(
        change
            .instead("`#[autodiff_forward]`, with `Dual` for each of them")
            .alone(),
    )
}

/// Without the derivative with respect to one of several parameters.
fn constants(ad: &AdOptions, signature: &Signature) -> Vec<Change> {
    if !ad.activities.is_empty() || !ad.wrt.is_empty() {
        return Vec::new();
    }
    let parameters = signature.parameters.iter();
    let active: Vec<&str> = parameters
        .filter(|parameter| parameter.activity != Activity::Const)
        .map(|parameter| parameter.name.as_str())
        .collect();
    if !(2..=MOST_PARAMETERS).contains(&active.len()) {
        return Vec::new();
    }
    let without = |name: &str| {
        let does = format!("nothing is computed for {name} alone");
        Change::of("activity", format!("{name}=Const"), &does)
            .promising(Promise::NotNeeded(name.to_owned()))
            .instead(format!("write `Const` for {name} in `#[autodiff_…]`"))
            .alone()
    };
    active.into_iter().map(without).collect()
}

/// The options with changes.
pub(super) fn with(ad: &AdOptions, changes: &[Change]) -> AdOptions {
    let mut ad = ad.clone();
    for setting in changes.iter().flat_map(|change| &change.settings) {
        match setting.flag {
            MODE => ad.mode = Mode::Forward,
            flag => {
                let flag = ad_flags::find(flag).expect("a flag of irad's");
                flag.set(&mut ad, &setting.value)
                    .expect("a value that it takes");
            }
        }
    }
    ad
}

#[cfg(test)]
mod tests {
    use trace::Parameter;

    use super::*;

    #[test]
    fn what_is_said_already_is_no_change() {
        let mut ad = AdOptions::new(Mode::Reverse);
        let all = changes(&ad, None).len();
        ad.noalias.push("*".to_owned());
        ad.prepare = trace::Pipeline::O3;
        assert_eq!(changes(&ad, None).len(), all - 2);
        assert!(changes(&AdOptions::new(Mode::Forward), None).len() < all);
    }

    fn signature(parameters: &[(&str, &str, Activity)]) -> Signature {
        let parameters = parameters.iter().map(|(name, ty, activity)| Parameter {
            name: (*name).to_owned(),
            first: 0,
            count: 1,
            ty: (*ty).to_owned(),
            activity: *activity,
            parts: Vec::new(),
            reason: trace::ActivityReason::Float,
            source: trace::TypeSource::Uses,
        });
        Signature {
            function: "f".to_owned(),
            mode: Mode::Reverse,
            parameters: parameters.collect(),
            returns: None,
            result_at: None,
            assumed: true,
            width: 1,
            primal_returned: true,
            split: false,
        }
    }

    #[test]
    fn numbers_go_forward_and_slices_do_not() {
        let ad = AdOptions::new(Mode::Reverse);
        let words = |parameters: &[(&str, &str, Activity)]| {
            forward(&ad, &signature(parameters)).map(|change| change.words().join(" "))
        };
        let (x, y) = (
            ("x", "f64", Activity::Active),
            ("y", "f64", Activity::Active),
        );
        assert_eq!(words(&[x]).as_deref(), Some("--mode forward"));
        assert_eq!(words(&[x, y]).as_deref(), Some("--mode forward --width 2"));
        let out = ("out", "&mut [f64]", Activity::Duplicated);
        assert_eq!(words(&[x, out]).as_deref(), Some("--mode forward"));
        assert_eq!(words(&[x, ("w", "&[f64]", Activity::Duplicated)]), None);
        assert_eq!(words(&[out]), None);
    }

    #[test]
    fn each_of_several_parameters_may_be_left_out() {
        let ad = AdOptions::new(Mode::Reverse);
        let (x, n) = (
            ("x", "f64", Activity::Active),
            ("n", "usize", Activity::Const),
        );
        let w = ("w", "&[f64]", Activity::Duplicated);
        assert!(constants(&ad, &signature(&[x, n])).is_empty());
        let both = constants(&ad, &signature(&[x, n, w]));
        let words: Vec<String> = both.iter().map(|change| change.words().join(" ")).collect();
        assert_eq!(words, ["--activity x=Const", "--activity w=Const"]);
    }
}
