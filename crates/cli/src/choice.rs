//! On a terminal, somebody chooses what a name is to mean that several functions have.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::Command;

use session::shell;

use crate::failure::{Choice, Failure};
use crate::output::{printable, say};

/// More than these fill a screen; then the names are given, and no choice.
const MOST: usize = 20;

/// Asks which function is meant. Gives the command line with the answer in it; none where nobody can be asked, nobody
/// answers, or the name is no word of the command line.
pub fn offered(failure: &Failure) -> Option<Vec<OsString>> {
    let choice = failure.choice.as_ref()?;
    let line: Vec<OsString> = env::args_os().skip(1).collect();
    let is_asked = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !is_asked || choice.meanings.len() > MOST || replaced(&line, choice, "").is_none() {
        return None;
    }
    let mut text = format!("{} may mean\n", choice.name);
    for (number, meaning) in (1..).zip(&choice.meanings) {
        text.push_str(&format!("{number:>3}  {}\n", printable(&meaning.shown)));
    }
    say(&text);
    say(&format!(
        "which one? 1 to {}, or Enter for none: ",
        choice.meanings.len()
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).ok()?;
    let number: usize = answer.trim().parse().ok()?;
    let meaning = choice.meanings.get(number.checked_sub(1)?)?;
    let chosen = replaced(&line, choice, &meaning.word)?;
    let words: Vec<_> = chosen.iter().map(|word| word.to_string_lossy()).collect();
    let (program, rest) = match words.split_first() {
        Some((first, rest)) if first == "cargo" => ("cargo irad", rest),
        _ => ("irad", &words[..]),
    };
    say(&format!("next time: {program} {}\n", shell::line(rest)));
    Some(chosen)
}

/// Runs irad with this command line instead. Comes back only if it cannot be run.
pub fn run(line: &[OsString]) -> io::Error {
    match env::current_exe() {
        Ok(own) => Command::new(own).args(line).exec(),
        Err(error) => error,
    }
}

/// The command line with another name, which is its last word that is the name: files stand before it.
fn replaced(line: &[OsString], choice: &Choice, word: &str) -> Option<Vec<OsString>> {
    let mut line = line.to_vec();
    let after_flag = format!("={}", choice.name);
    for given in line.iter_mut().rev() {
        let text = given.to_str()?.to_owned();
        if text == choice.name {
            *given = word.into();
            return Some(line);
        }
        if text.starts_with("--")
            && let Some(flag) = text.strip_suffix(&after_flag)
        {
            *given = format!("{flag}={word}").into();
            return Some(line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Meaning;

    #[test]
    fn the_name_is_replaced_wherever_it_stands() {
        let choice = Choice {
            name: "loss".to_owned(),
            meanings: vec![Meaning {
                shown: "a::loss".to_owned(),
                word: "a::loss".to_owned(),
            }],
        };
        let with = |line: &str| {
            let line: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let line = replaced(&line, &choice, "a::loss")?;
            let words: Vec<_> = line.iter().map(|word| word.to_string_lossy()).collect();
            Some(words.join(" "))
        };
        let given = |line| with(line).unwrap();
        assert_eq!(
            given("diff loss loss --mode x"),
            "diff loss a::loss --mode x"
        );
        assert_eq!(given("diff m.ll --fn=loss"), "diff m.ll --fn=a::loss");
        assert_eq!(
            given("cargo diff -- --fn loss"),
            "cargo diff -- --fn a::loss"
        );
        assert_eq!(with("diff m.ll --inactive loss,gain"), None);
    }
}
