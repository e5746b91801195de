//! The flags that say how a function is differentiated: each is defined once, and the command line, its
//! help, `irad.toml`, snapshots' headers, printed commands and tried suggestions all come from here.

use std::str::FromStr;

use serde_json::{Value, json};
use trace::{Activity, AdOptions, Panics, Pipeline};

use crate::rust_signature;

/// One flag.
pub struct Flag {
    /// Its name, without dashes.
    pub name: &'static str,
    /// Its name in `irad.toml` and in snapshots' headers.
    pub key: &'static str,
    /// What it does, in help.
    pub help: &'static str,
    /// What its value is.
    pub kind: ValueKind,
    get: fn(&AdOptions) -> Vec<String>,
    set: fn(&mut AdOptions, &str) -> Result<(), String>,
}

/// What a flag's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// One word, by this name in help, with this default.
    Text(&'static str, Option<&'static str>),
    /// A number, by this name in help, with this default.
    Number(&'static str, &'static str),
    /// There or not.
    Switch,
    /// `true` unless it says otherwise: `--name=false`.
    OnUnlessFalse,
    /// Several of them, by this name in help, each with a flag of its own.
    Repeated(&'static str),
    /// Several of them, by this name in help, with commas between them.
    List(&'static str),
}

impl Flag {
    /// True when a value follows it.
    pub fn takes_value(&self) -> bool {
        !matches!(self.kind, ValueKind::Switch | ValueKind::OnUnlessFalse)
    }

    /// What the options say of it; nothing where they are as they are without it.
    pub fn values(&self, ad: &AdOptions) -> Vec<String> {
        (self.get)(ad)
    }

    /// Reads a value into the options; of several in a list, one. The error lists what is valid.
    pub fn set(&self, ad: &mut AdOptions, value: &str) -> Result<(), String> {
        (self.set)(ad, value)
    }

    /// The arguments that say the same as the options.
    pub fn arguments(&self, ad: &AdOptions) -> Vec<String> {
        let values = self.values(ad);
        let flag = format!("--{}", self.name);
        match self.kind {
            _ if values.is_empty() => Vec::new(),
            ValueKind::Switch => vec![flag],
            ValueKind::OnUnlessFalse => vec![format!("{flag}={}", values[0])],
            ValueKind::List(_) => vec![flag, values.join(",")],
            ValueKind::Text(..) | ValueKind::Number(..) | ValueKind::Repeated(_) => values
                .into_iter()
                .flat_map(|value| [flag.clone(), value])
                .collect(),
        }
    }

    /// What the options say of it, as snapshots' headers have it; nothing where they say nothing.
    pub fn json(&self, ad: &AdOptions) -> Option<Value> {
        let values = self.values(ad);
        let first = values.first()?;
        Some(match self.kind {
            ValueKind::Text(..) => json!(first),
            ValueKind::Number(..) => first
                .parse::<u64>()
                .map_or_else(|_| json!(first), |number| json!(number)),
            ValueKind::Switch => json!(true),
            ValueKind::OnUnlessFalse => json!(first == "true"),
            // Pairs are an object's fields.
            ValueKind::Repeated(value) | ValueKind::List(value) if value.contains('=') => values
                .iter()
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| (key.to_owned(), json!(value)))
                .collect(),
            ValueKind::Repeated(_) | ValueKind::List(_) => json!(values),
        })
    }
}

/// The flag of this name.
pub fn find(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

/// The flag of this key in `irad.toml`.
pub fn find_key(key: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.key == key)
}

/// The arguments that say the same as the options, the mode left out.
pub fn arguments(ad: &AdOptions) -> Vec<String> {
    FLAGS.iter().flat_map(|flag| flag.arguments(ad)).collect()
}

/// Every flag, in the order of help.
pub const FLAGS: [Flag; 18] = [
    Flag {
        name: "prepare",
        key: "prepare",
        help: "What runs before Enzyme: `o2`, `o3`, `none`, `rustc` (what nightly does, its settings of Enzyme's options too), `given` (the module is what nightly hands to Enzyme: nothing, and the same settings), or a pipeline in LLVM's syntax",
        kind: ValueKind::Text("PIPELINE", Some("o2")),
        get: |ad| unless(ad.prepare == Pipeline::O2, &ad.prepare),
        set: |ad, value| read(value, &mut ad.prepare),
    },
    Flag {
        name: "cleanup",
        key: "cleanup",
        help: "What runs after Enzyme: `o2`, `o3`, `none`, `rustc`, or a pipeline in LLVM's syntax",
        kind: ValueKind::Text("PIPELINE", Some("o2")),
        get: |ad| unless(ad.cleanup == Pipeline::O2, &ad.cleanup),
        set: |ad, value| read(value, &mut ad.cleanup),
    },
    Flag {
        name: "enzyme",
        key: "enzyme",
        help: "An option of Enzyme's by its own name (`strict-aliasing=false`); several may be given",
        kind: ValueKind::Repeated("KEY=VALUE"),
        get: |ad| {
            let is_own = |(key, value): &&(String, String)| {
                // It has a flag of its own.
                !(key == "loose-types" && value == "true")
            };
            let pairs = ad.enzyme.iter().filter(is_own);
            pairs.map(|(key, value)| format!("{key}={value}")).collect()
        },
        set: |ad, value| {
            ad.enzyme.push(key_value(value)?);
            Ok(())
        },
    },
    Flag {
        name: "activity",
        key: "activities",
        help: "What parameters are to the derivative, by name or position: `w=Duplicated,x=Const,return=Active`",
        kind: ValueKind::List("NAME=ACTIVITY,…"),
        get: |ad| {
            let pairs = ad.activities.iter();
            pairs
                .map(|(name, activity)| format!("{name}={activity}"))
                .collect()
        },
        set: |ad, value| {
            ad.activities.push(activity(value)?);
            Ok(())
        },
    },
    Flag {
        name: "wrt",
        key: "wrt",
        help: "Differentiate with respect to these parameters; all others are constant",
        kind: ValueKind::List("NAME,…"),
        get: |ad| ad.wrt.clone(),
        set: |ad, value| add(value, &mut ad.wrt),
    },
    Flag {
        name: "sig",
        key: "sig",
        help: "The function's Rust signature: `(w: &[f64], y: f64) -> f64`. It says what memory holds",
        kind: ValueKind::Text("SIGNATURE", None),
        get: |ad| ad.signature.iter().map(ToString::to_string).collect(),
        set: |ad, value| {
            ad.signature = Some(rust_signature::parse(value)?);
            Ok(())
        },
    },
    Flag {
        name: "width",
        key: "width",
        help: "Follow so many directions at once in forward mode: each tangent and shadow is an array of them",
        kind: ValueKind::Number("N", "1"),
        get: |ad| unless(ad.width == 1, &ad.width),
        set: |ad, value| {
            let width: u32 = value.parse().map_err(|error| format!("{error}"))?;
            match (1..=AdOptions::MOST_DIRECTIONS).contains(&width) {
                true => ad.width = width,
                false => {
                    return Err(format!(
                        "{value} is not in 1..={}",
                        AdOptions::MOST_DIRECTIONS
                    ));
                }
            }
            Ok(())
        },
    },
    Flag {
        name: "return-primal",
        key: "return-primal",
        help: "Whether the derivative also returns what the primal returns",
        kind: ValueKind::OnUnlessFalse,
        get: |ad| unless(ad.return_primal, &ad.return_primal),
        set: |ad, value| truth(value, &mut ad.return_primal),
    },
    Flag {
        name: "split",
        key: "split",
        help: "Reverse mode as two functions: one that runs the primal and keeps a tape, and one that takes the tape and gives the gradient",
        kind: ValueKind::Switch,
        get: |ad| unless(!ad.split, &ad.split),
        set: |ad, value| truth(value, &mut ad.split),
    },
    Flag {
        name: "panics",
        key: "panics",
        help: "What becomes of the primal's panics: Enzyme leaves them and their checks out (`drop`), or they stay in (`keep`)",
        kind: ValueKind::Text("WHAT", Some("drop")),
        get: |ad| unless(ad.panics == Panics::Drop, &ad.panics),
        set: |ad, value| read(value, &mut ad.panics),
    },
    Flag {
        name: "loose-types",
        key: "loose-types",
        help: "Let Enzyme guess types that it cannot deduce; the result may be wrong, and says so",
        kind: ValueKind::Switch,
        get: |ad| unless(!ad.guesses_types(), &true),
        set: |ad, value| {
            let mut guesses = false;
            truth(value, &mut guesses)?;
            ad.guess_types(guesses);
            Ok(())
        },
    },
    Flag {
        name: "inactive",
        key: "inactive",
        help: "Take it that no derivative flows through these functions, between commas",
        kind: ValueKind::Repeated("NAME"),
        get: |ad| ad.inactive.clone(),
        set: |ad, value| names(value).try_for_each(|name| add(name, &mut ad.inactive)),
    },
    Flag {
        name: "noalias",
        key: "noalias",
        help: "Take it that this function's pointer parameters and their shadows do not overlap, even where they are only read; several may be given, `*` is every function",
        kind: ValueKind::Repeated("NAME"),
        get: |ad| ad.noalias.clone(),
        set: |ad, value| add(value, &mut ad.noalias),
    },
    Flag {
        name: "unchanged",
        key: "unchanged",
        help: "Take it that nobody overwrites what this function only reads, so that Enzyme keeps no copy of it; several may be given, `*` is every function",
        kind: ValueKind::Repeated("NAME"),
        get: |ad| ad.unchanged.clone(),
        set: |ad, value| add(value, &mut ad.unchanged),
    },
    Flag {
        name: "keep",
        key: "keep",
        help: "Keep the numbers that calls of this function return for the reverse sweep, which otherwise calls `exp`, `tanh` and their like again; several may be given, `*` is every function of the mathematics library",
        kind: ValueKind::Repeated("NAME"),
        get: |ad| ad.keep.clone(),
        set: |ad, value| add(value, &mut ad.keep),
    },
    Flag {
        name: "inline",
        key: "inline",
        help: "Have the prepare pipeline inline this function into its callers, `#[inline(never)]` or not; several may be given, `*` is every function",
        kind: ValueKind::Repeated("NAME"),
        get: |ad| ad.inline.clone(),
        set: |ad, value| add(value, &mut ad.inline),
    },
    Flag {
        name: "faithful",
        key: "faithful",
        help: "Leave out what irad does so that Enzyme gets functions right: the derivative is then what Enzyme alone makes. `--prepare rustc` implies it",
        kind: ValueKind::Switch,
        get: |ad| unless(!ad.faithful, &ad.faithful),
        set: |ad, value| truth(value, &mut ad.faithful),
    },
    Flag {
        name: "whole-program",
        key: "whole-program",
        help: "Give LLVM the whole module, and let it optimise what the function calls by what other functions pass to that, as a build of the whole program does",
        kind: ValueKind::Switch,
        get: |ad| unless(!ad.whole_program, &ad.whole_program),
        set: |ad, value| truth(value, &mut ad.whole_program),
    },
];

fn unless(is_default: bool, value: &impl ToString) -> Vec<String> {
    match is_default {
        true => Vec::new(),
        false => vec![value.to_string()],
    }
}

fn read<T: FromStr<Err: ToString>>(text: &str, into: &mut T) -> Result<(), String> {
    *into = text.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(())
}

/// Names between commas, of which those inside brackets belong to a name.
fn names(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    list.split(move |c| {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
}

fn add(name: &str, to: &mut Vec<String>) -> Result<(), String> {
    to.push(name.to_owned());
    Ok(())
}

fn truth(text: &str, into: &mut bool) -> Result<(), String> {
    *into = match text {
        "true" => true,
        "false" => false,
        _ => return Err("true or false".to_owned()),
    };
    Ok(())
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("it needs a value: KEY=VALUE, as in strict-aliasing=false")?;
    // The names are known with and without their prefix.
    let key = key.trim_start_matches('-');
    let key = key.strip_prefix("enzyme-").unwrap_or(key);
    match (key, value) {
        ("", _) => Err("it needs a name: KEY=VALUE, as in strict-aliasing=false".to_owned()),
        (_, "") => Err(format!("{key} needs a value, as in {key}=true")),
        _ => Ok((key.to_owned(), value.to_owned())),
    }
}

fn activity(text: &str) -> Result<(String, Activity), String> {
    let (name, activity) = text
        .split_once('=')
        .ok_or("it needs an activity: NAME=ACTIVITY, as in w=Duplicated")?;
    Ok((name.trim().to_owned(), activity.trim().parse()?))
}

#[cfg(test)]
mod tests {
    use trace::Mode;

    use super::*;

    /// A value of each flag that is not the default.
    const VALUES: [(&str, &[&str]); 18] = [
        ("prepare", &["default<O2>"]),
        ("cleanup", &["none"]),
        ("enzyme", &["strict-aliasing=false", "max-type-depth=9"]),
        ("activity", &["w=Duplicated", "x=Const"]),
        ("wrt", &["w", "b"]),
        ("sig", &["(w: &[f64], y: f64) -> f64"]),
        ("width", &["3"]),
        ("return-primal", &["false"]),
        ("split", &["true"]),
        ("panics", &["keep"]),
        ("loose-types", &["true"]),
        ("inactive", &["a", "b"]),
        ("noalias", &["*"]),
        ("unchanged", &["f"]),
        ("keep", &["tanh", "exp"]),
        ("inline", &["g"]),
        ("faithful", &["true"]),
        ("whole-program", &["true"]),
    ];

    #[test]
    fn what_is_set_is_what_is_said() {
        let mut all = AdOptions::new(Mode::Reverse);
        for (flag, (name, values)) in FLAGS.iter().zip(VALUES) {
            assert_eq!(flag.name, name);
            let mut ad = AdOptions::new(Mode::Reverse);
            assert!(flag.values(&ad).is_empty(), "{name} has no default");
            assert!(flag.arguments(&ad).is_empty() && flag.json(&ad).is_none());
            for value in values {
                flag.set(&mut ad, value).unwrap();
                flag.set(&mut all, value).unwrap();
            }
            assert_eq!(flag.values(&ad), values, "{name}");
            let others = FLAGS.iter().filter(|other| other.name != name);
            for other in others {
                assert!(other.values(&ad).is_empty(), "{name} sets {}", other.name);
            }
            assert!(flag.json(&ad).is_some());
        }
        // No field of the options is left as it was but the mode.
        let AdOptions { mode, .. } = AdOptions::new(Mode::Reverse);
        let text = arguments(&all).join(" ");
        assert_eq!(all.mode, mode);
        assert!(
            text.contains("--activity w=Duplicated,x=Const --wrt w,b"),
            "{text}"
        );
        assert!(text.contains("--inactive a --inactive b"), "{text}");
        assert!(text.contains("--return-primal=false"), "{text}");
    }

    #[test]
    fn what_cannot_be_set_says_what_can() {
        let mut ad = AdOptions::new(Mode::Reverse);
        for (name, value, words) in [
            ("enzyme", "strict-aliasing", "KEY=VALUE"),
            ("activity", "w", "NAME=ACTIVITY"),
            ("activity", "w=Double", "Double is no activity"),
            ("width", "0", "0 is not in 1..=256"),
            ("panics", "maybe", "keep or drop"),
            ("split", "perhaps", "true or false"),
        ] {
            let error = find(name).unwrap().set(&mut ad, value).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
