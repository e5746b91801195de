//! What is written and said of a reduced case.

use std::path::{Path, PathBuf};

use diff_view::Tone;
use serde_json::json;
use session::ad_flags;
use session::shell::{self, quoted};

use super::args::Args;
use super::wanted::Wanted;
use super::wrong::Wrong;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json, write_file};

/// A reduced case.
pub(super) struct Report<'a> {
    /// What it still does.
    pub(super) wanted: &'a Wanted,
    /// That in words, as it was seen last.
    pub(super) seen: &'a str,
    /// Enzyme's options.
    pub(super) options: &'a [String],
    /// The case before it was reduced.
    pub(super) case: &'a [u8],
    /// The case.
    pub(super) reduced: &'a [u8],
    /// False where llvm-reduce was not found.
    pub(super) was_reduced: bool,
}

impl Report<'_> {
    /// Writes the files, and says what they are.
    pub(super) fn write(&self, args: &Args, global: &Global) -> Result<u8, Failure> {
        let command = self.opt_command(&args.output);
        let mut out = format!("; {command}\n; {}\n", self.seen);
        let is_text = args.output == Path::new("-");
        let mut check = None;
        if let Wanted::Wrong(wrong) = self.wanted {
            let inputs = inputs(wrong);
            out.push_str(&format!("; the inputs of @{}: {inputs}\n", wrong.symbol));
            if !is_text {
                let beside = inputs_path(&args.output);
                write_file(&beside, format!("{inputs}\n").as_bytes(), &[&args.file])?;
                check = Some(check_command(wrong, &args.output, &beside));
            }
        }
        let mut out = out.into_bytes();
        out.extend_from_slice(self.reduced);
        write_file(&args.output, &out, &[&args.file])?;
        if is_text {
            return Ok(exit::DONE);
        }
        let (before, after) = (instructions(self.case), instructions(self.reduced));
        if args.json {
            let mut document = json!({
                "output": args.output.display().to_string(),
                "fails_with": self.seen,
                "command": command,
                "reduced": self.was_reduced,
                "instructions": { "before": before, "after": after },
            });
            if let Wanted::Wrong(wrong) = self.wanted {
                document["inputs"] = json!(wrong.check.inputs.first());
                document["check"] = json!(check);
            }
            print_json("reduce", document)?;
            return Ok(exit::DONE);
        }
        let mut canvas = global.canvas(None);
        canvas.line(
            &format!(
                "{}: {after} lines of IR, of {before} after preparing",
                args.output.display()
            ),
            Tone::Title.style(),
        );
        let word = match self.wanted {
            Wanted::Fails { .. } => "fails with",
            Wanted::Wrong(_) => "wrong",
        };
        canvas.line(&format!("{word}: {}", self.seen), Tone::Plain.style());
        if let Wanted::Wrong(wrong) = self.wanted {
            canvas.line(&format!("inputs: {}", inputs(wrong)), Tone::Plain.style());
        }
        canvas.line("without irad:", Tone::Plain.style());
        canvas.line(&format!("  {command}"), Tone::Added.style());
        if let Some(check) = check {
            canvas.line("with irad:", Tone::Plain.style());
            canvas.line(&format!("  {check}"), Tone::Added.style());
        }
        let words = match self.wanted {
            Wanted::Fails { .. } => {
                "checked with irad opt, which runs the same pass; the plugin is Enzyme's own build"
            }
            Wanted::Wrong(_) => {
                "the opt command prints the derivative; the plugin is Enzyme's own build"
            }
        };
        canvas.line(words, Tone::Muted.style());
        global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// What shows the failure without irad.
    fn opt_command(&self, output: &Path) -> String {
        let options: String = self
            .options
            .iter()
            .map(|option| format!(" {}", quoted(option)))
            .collect();
        let shown = match self.wanted {
            Wanted::Fails { .. } => "-disable-output",
            Wanted::Wrong(_) => "-S",
        };
        format!(
            "opt-22 -load-pass-plugin=LLVMEnzyme-22.so -passes=enzyme{options} {shown} {}",
            quoted(&output.display().to_string())
        )
    }
}

/// The inputs of the point at which a derivative is wrong, on one line.
fn inputs(wrong: &Wrong) -> String {
    json!(wrong.check.inputs.first()).to_string()
}

/// The file of the inputs, beside the module.
fn inputs_path(output: &Path) -> PathBuf {
    output.with_extension("inputs.json")
}

/// What compares the derivative of the case with what it should be.
fn check_command(wrong: &Wrong, output: &Path, inputs: &Path) -> String {
    let mut words = vec![
        "irad".to_owned(),
        "check".to_owned(),
        output.display().to_string(),
        "--fn".to_owned(),
        wrong.symbol.clone(),
        "--mode".to_owned(),
        wrong.ad.mode.to_string(),
        "--inputs".to_owned(),
        inputs.display().to_string(),
    ];
    words.extend(ad_flags::arguments(&wrong.ad));
    shell::line(&words)
}

/// Lines of a module that are in a function's body.
fn instructions(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n')
        .filter(|line| line.starts_with(b"  "))
        .count()
}
