//! `irad completions`: what a shell reads to complete irad's command lines.

use clap::ValueEnum;
use clap_complete::env::Shells;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_stdout};

/// The variable by which a shell asks irad what could come next.
pub const VARIABLE: &str = "IRAD_COMPLETE";

/// Prints what bash, zsh or fish read to complete irad's command lines: commands, flags, files, and
/// for --fn the functions of the file that stands before it.
#[derive(clap::Args)]
#[command(after_help = "\
Install:
  bash  echo 'source <(irad completions bash)' >> ~/.bashrc
  zsh   echo 'source <(irad completions zsh)' >> ~/.zshrc
  fish  irad completions fish > ~/.config/fish/completions/irad.fish

Examples:
  irad completions bash")]
pub struct Args {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
}

/// Runs it.
pub fn run(args: &Args, _: &Global) -> Result<u8, Failure> {
    let name = match args.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
    };
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells
        .completer(name)
        .expect("it is one of the built-in ones");
    completer
        .write_registration(VARIABLE, "irad", "irad", "irad", &mut script)
        .map_err(|error| Failure::usage("write", error.to_string()))?;
    if matches!(args.shell, Shell::Zsh) {
        // Where nothing has set completion up yet, there is nothing to register with.
        let prelude = b"(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n";
        script.splice(0..0, prelude.iter().copied());
    }
    write_stdout(&script)?;
    Ok(exit::DONE)
}
