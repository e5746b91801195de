//! `irad completions`: what a shell reads to complete irad's command lines.

use clap::ValueEnum;
use clap_complete::env::Shells;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_stdout};

/// The variable by which a shell asks irad what could come next.
pub const VARIABLE: &str = "IRAD_COMPLETE";

/// Prints what bash, zsh or fish read to complete the command lines of irad and of `cargo irad`: commands, flags,
/// files, themes, and functions of the file that stands before them, or of the crate that was built last.
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

/// `cargo irad`, which cargo's own completion knows nothing of: that has to be found, and to stay.
const BASH_CARGO: &[u8] = br#"
_irad_cargo() {
    if [[ ${COMP_WORDS[1]} == irad && $COMP_CWORD -gt 1 ]]; then
        _clap_complete_irad "$@"
        return
    fi
    if ! declare -F _cargo >/dev/null; then
        if declare -F _comp_load >/dev/null; then _comp_load cargo
        elif declare -F __load_completion >/dev/null; then __load_completion cargo
        fi >/dev/null 2>&1
        complete -o nospace -o bashdefault -F _irad_cargo cargo
    fi
    if declare -F _cargo >/dev/null; then _cargo "$@"; fi
}
complete -o nospace -o bashdefault -F _irad_cargo cargo
"#;

/// cargo's own completion calls `_cargo-irad` with its first word taken away.
const ZSH_CARGO: &[u8] = br#"
function _cargo-irad() {
    words=(cargo "${words[@]}")
    (( CURRENT += 1 ))
    _clap_dynamic_completer_irad
}
function _irad_cargo() {
    if [[ ${words[2]} == irad ]] && (( CURRENT > 2 )); then
        _clap_dynamic_completer_irad
    elif (( $+functions[_cargo] )) || autoload -Uz +X _cargo 2>/dev/null; then
        _cargo "$@"
    else
        _default
    fi
}
(( $+_comps[cargo] )) || compdef _irad_cargo cargo
"#;

const FISH_CARGO: &[u8] = br#"
complete --keep-order --exclusive --command cargo --condition 'set -l words (commandline -opc); test "$words[2]" = irad' --arguments "(IRAD_COMPLETE=fish irad -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
"#;

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
    script.extend_from_slice(match args.shell {
        Shell::Bash => BASH_CARGO,
        Shell::Zsh => ZSH_CARGO,
        Shell::Fish => FISH_CARGO,
    });
    write_stdout(&script)?;
    Ok(exit::DONE)
}
