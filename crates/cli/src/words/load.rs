//! What is said when nothing can be read, or no function be chosen.

use ir_load::{Candidate, Foreign, LoadError, NameError};

use session::shell::quoted;

use crate::failure::{Choice, Failure};

/// The command that has rustc write the IR of a file as irad reads it best.
fn emit_ir(file: &str) -> String {
    format!(
        "rustc {file} --emit=llvm-ir -C opt-level=3 -C no-prepopulate-passes -C codegen-units=1 -C panic=abort -C debuginfo=2 -C link-dead-code --crate-type lib"
    )
}

impl From<&LoadError> for Failure {
    fn from(error: &LoadError) -> Self {
        let title = error.to_string();
        match error {
            LoadError::Open { source, path } => {
                let failure = Failure::usage("open", title).note(source.to_string());
                match ir_load::beside(path) {
                    Some(near) => failure.help(format!("did you mean {}?", near.display())),
                    None => {
                        failure.help("give the path of a .ll or .bc file, or - for standard input")
                    }
                }
            }
            LoadError::Stdin(source) => Failure::usage("open", title).note(source.to_string()),
            LoadError::Directory { candidates, .. } => {
                let failure = Failure::usage("directory", title);
                if candidates.is_empty() {
                    failure
                        .help("name a .ll or .bc file, or a crate's folder, which has a Cargo.toml")
                        .help(format!("rustc writes IR: {}", emit_ir("model.rs")))
                } else {
                    let list: Vec<String> = candidates
                        .iter()
                        .map(|path| path.display().to_string())
                        .collect();
                    failure.help(format!("name a file in it: {}", list.join(", ")))
                }
            }
            LoadError::Foreign { origin, what } => {
                let file = quoted(origin);
                let failure = Failure::usage("no_ir", title);
                match what {
                    Foreign::Compressed { program, .. } => {
                        failure.help(format!("{program} {file} | irad … -"))
                    }
                    Foreign::MachineCode => failure
                        .help(format!("emit IR instead: {}", emit_ir("model.rs")))
                        .help("cargo irad builds a crate's IR, and cargo irad --bin NAME a program's: cargo irad list")
                        .help("object files with bitcode in them are read, as rustc puts them into a .rlib with -C embed-bitcode"),
                    Foreign::Archive => failure
                        .help("rustc puts bitcode into a library with -C embed-bitcode, cargo only where lto is on; irad reads that")
                        .help("cargo irad builds a crate's IR"),
                    Foreign::Rust => failure.help(emit_ir(&file)),
                    Foreign::Binary => failure.help("name a .ll or .bc file"),
                }
            }
            LoadError::Endless { .. } => {
                Failure::usage("endless", title).help("name a plain file, which may be larger")
            }
            LoadError::Empty { .. } => Failure::usage("empty", title)
                .help(format!("emit the IR again: {}", emit_ir("model.rs"))),
            LoadError::NoSuchModule { count, .. } => {
                Failure::usage("module", title).help(match count {
                    1 => "leave --module away".to_owned(),
                    _ => format!("--module takes 1 to {count}"),
                })
            }
        }
    }
}

/// What is said of a function that is not there and may be in its source.
pub const LEFT_OUT: &str = "rustc leaves small functions out that other crates would inline: build with -C link-dead-code, which keeps them";

/// `NameError` does not know which file it is about; its callers do.
pub fn name_failure(error: &NameError, origin: &str) -> Failure {
    let title = format!("{error} in {origin}");
    match error {
        NameError::NotFound {
            closest, defined, ..
        } => {
            let failure = Failure::usage("not_found", title);
            if *defined == 0 {
                return failure
                    .note("it defines no function at all")
                    .help(LEFT_OUT);
            }
            if closest.is_empty() {
                failure.help(format!(
                    "irad list {} shows the {defined} functions in it",
                    quoted(origin)
                ))
            } else {
                let closest: Vec<String> = closest.iter().map(|name| quoted(name)).collect();
                failure.help(format!("did you mean {}?", closest.join(", ")))
            }
            .help(LEFT_OUT)
        }
        NameError::Ambiguous { candidates, name } => {
            let mut failure = Failure::usage("ambiguous", title);
            for Candidate {
                path,
                symbol,
                types,
            } in candidates
            {
                failure = failure.note(format!("{path}{types}  ({symbol})"));
            }
            let choice = Choice::of(name, candidates);
            let first = choice.meanings.first();
            let first = first.map_or_else(String::new, |meaning| quoted(&meaning.word));
            let help = match choice.by_path() {
                true => format!("give the whole path: {first}"),
                false => format!("give the symbol: {first}"),
            };
            failure.choice = Some(choice);
            failure.help(help)
        }
        NameError::Declared { symbol, line, .. } => Failure {
            // Bitcode has no lines.
            notes: (*line > 0)
                .then(|| format!("the declaration is in line {line}"))
                .into_iter()
                .collect(),
            ..Failure::usage(
                "declared",
                format!("{error_name} is declared in {origin}, but has no body there", error_name = ir_load::demangle(symbol)),
            )
        }
        .help("name a function with a body (irad list shows them), or give the module that defines this one: with -C codegen-units=1 there is one for each crate, and cargo irad with --bin, --example or --test makes one of all that is linked"),
    }
}
