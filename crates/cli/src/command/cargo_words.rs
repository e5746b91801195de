//! Which words of `cargo irad` are cargo's and which are irad's.

use clap::{Arg, ArgAction, Command};

/// A command line taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// cargo's flags.
    pub cargo: Vec<String>,
    /// irad's flags and words.
    pub own: Vec<String>,
    /// irad's first word that is no flag: the function, for a command that takes one.
    pub function: Option<String>,
}

/// Flags of `cargo rustc` that take a value.
const WITH_VALUE: [&str; 23] = [
    "-F",
    "-Z",
    "-j",
    "-p",
    "--artifact-dir",
    "--bench",
    "--bin",
    "--color",
    "--config",
    "--crate-type",
    "--example",
    "--features",
    "--jobs",
    "--lockfile-path",
    "--manifest-path",
    "--message-format",
    "--package",
    "--print",
    "--profile",
    "--target",
    "--target-dir",
    "--test",
    "--exclude",
];

/// Flags of `cargo rustc` that take none.
const SWITCHES: [&str; 12] = [
    "--lib",
    "--release",
    "--all-features",
    "--no-default-features",
    "--ignore-rust-version",
    "--keep-going",
    "--timings",
    "--unit-graph",
    "--future-incompat-report",
    "--locked",
    "--offline",
    "--frozen",
];

/// cargo's long flags without their dashes, and whether they take a value.
pub fn long_flags() -> impl Iterator<Item = (&'static str, bool)> {
    let with_value = WITH_VALUE.iter().map(|flag| (*flag, true));
    let all = with_value.chain(SWITCHES.iter().map(|flag| (*flag, false)));
    all.filter_map(|(flag, has_value)| Some((flag.strip_prefix("--")?, has_value)))
}

/// Other flags of cargo's that a command of irad's has, too.
const COLLIDING: [&str; 5] = ["--quiet", "-q", "--verbose", "-v", "--help"];

/// The words with the command in front: flags may stand before it, too.
pub fn command_first(words: &[String], irad: &Command) -> Vec<String> {
    let takes_value = |word: &str| {
        let global = irad.get_arguments().find(|argument| {
            let long = argument.get_long();
            long.is_some_and(|long| word.strip_prefix("--") == Some(long))
        });
        WITH_VALUE.contains(&word) || global.is_some_and(has_value)
    };
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += 1 + usize::from(takes_value(word));
    }
    let Some(command) = words.get(at) else {
        return words.to_vec();
    };
    let before = words[..at].iter().filter(|word| *word != "--");
    let rest = &words[at + 1..];
    [command]
        .into_iter()
        .chain(before)
        .chain(rest)
        .cloned()
        .collect()
}

/// Takes the words apart, the command first.
pub fn split(words: &[String], irad: &Command) -> Split {
    let mut found = Split::default();
    let command = words.first().and_then(|name| irad.find_subcommand(name));
    let own = |name: &str| -> Option<&Arg> {
        if WITH_VALUE.contains(&name) || COLLIDING.contains(&name) {
            return None;
        }
        let arguments = irad.get_arguments();
        let arguments = arguments.chain(command.into_iter().flat_map(Command::get_arguments));
        arguments.into_iter().find(|argument| {
            let long = argument.get_long().map(|long| format!("--{long}"));
            let short = argument.get_short().map(|short| format!("-{short}"));
            long.as_deref() == Some(name) || short.as_deref() == Some(name)
        })
    };
    let takes_function = command.is_some_and(|command| {
        let mut arguments = command.get_arguments();
        arguments.any(|argument| argument.get_long() == Some("fn"))
    });
    let mut rest = words.iter().skip(1);
    let mut is_own_alone = false;
    while let Some(word) = rest.next() {
        if word == "--" && !is_own_alone {
            is_own_alone = true;
            continue;
        }
        if !word.starts_with('-') || word == "-" {
            if takes_function && found.function.is_none() {
                found.function = Some(word.clone());
            }
            found.own.push(word.clone());
            continue;
        }
        let name = word.split('=').next().unwrap_or_default();
        let argument = own(name);
        let (to, takes_value) = match argument {
            Some(argument) => (&mut found.own, has_value(argument)),
            None if is_own_alone => {
                // Flags that both have, and mistakes, which irad tells.
                let long = name.trim_start_matches('-');
                let arguments = irad.get_arguments();
                let mut arguments =
                    arguments.chain(command.into_iter().flat_map(Command::get_arguments));
                let known = arguments.find(|argument| argument.get_long() == Some(long));
                (&mut found.own, known.is_some_and(has_value))
            }
            None => (&mut found.cargo, WITH_VALUE.contains(&name)),
        };
        to.push(word.clone());
        if takes_value && !word.contains('=') {
            to.extend(rest.next().cloned());
        }
    }
    found
}

/// True for a flag that is followed by its value.
fn has_value(argument: &Arg) -> bool {
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    takes
        && argument
            .get_num_args()
            .is_none_or(|count| count.min_values() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[derive(clap::Parser)]
    struct Program {
        #[arg(long)]
        columns: Option<usize>,
        #[arg(long)]
        color: Option<String>,
        #[command(subcommand)]
        command: Sub,
    }

    #[derive(clap::Subcommand)]
    enum Sub {
        Diff {
            file: String,
            word: Option<String>,
            #[arg(long = "fn")]
            function: Option<String>,
            #[arg(long)]
            mode: Option<String>,
            #[arg(long)]
            json: bool,
        },
    }

    fn parts(line: &str) -> (String, String, Option<String>) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = split(&words, &Program::command());
        (found.cargo.join(" "), found.own.join(" "), found.function)
    }

    #[test]
    fn flags_may_stand_before_the_command() {
        let moved = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            command_first(&words, &Program::command()).join(" ")
        };
        assert_eq!(moved("diff loss"), "diff loss");
        assert_eq!(
            moved("-p model --lib diff loss -v"),
            "diff -p model --lib loss -v"
        );
        assert_eq!(moved("--columns 80 diff loss"), "diff --columns 80 loss");
        assert_eq!(moved("--bin=a -- diff"), "diff --bin=a");
        assert_eq!(moved("-p model"), "-p model");
    }

    #[test]
    fn flags_go_to_whom_they_belong() {
        let loss = Some("loss".to_owned());
        assert_eq!(
            parts("diff loss --mode reverse"),
            (
                String::new(),
                "loss --mode reverse".to_owned(),
                loss.clone()
            )
        );
        assert_eq!(
            parts("diff -p model --json --features f32 loss --columns 80 --release"),
            (
                "-p model --features f32 --release".to_owned(),
                "--json loss --columns 80".to_owned(),
                loss.clone()
            )
        );
        // What both have is cargo's before the dashes.
        assert_eq!(
            parts("diff --color never -- --color always loss"),
            (
                "--color never".to_owned(),
                "--color always loss".to_owned(),
                loss.clone()
            )
        );
        assert_eq!(
            parts("diff --bin=a -- --fn loss"),
            ("--bin=a".to_owned(), "--fn loss".to_owned(), None)
        );
    }
}
