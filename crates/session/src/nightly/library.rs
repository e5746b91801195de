//! A program made of a library. rustc runs Enzyme when it links, so that a library by itself never meets it; linked with
//! a program that uses everything in it, it does.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ir_load::archive;

use super::error::NightlyError;
use super::settings::Words;
use super::wrapper;

/// A library that cargo built.
pub struct Library<'a> {
    /// The crate.
    pub name: &'a str,
    /// The crate with cargo's hash.
    pub stem: &'a str,
    /// Its archive.
    pub rlib: &'a Path,
}

/// The name of the file that rustc's words are kept in.
pub fn words_file(stem: &str) -> String {
    format!("{stem}.words")
}

/// Has rustc make a program of a library, as cargo had it compile the library, and keep the modules before and after
/// Enzyme in `kept`. It is not linked: what it is linked with may not be there.
///
/// The file that rustc prints into. `None` where the library defines nothing.
pub fn program(
    rustc: &Path,
    library: &Library<'_>,
    kept: &Path,
) -> Result<Option<PathBuf>, NightlyError> {
    let bytes = fs::read(library.rlib).map_err(NightlyError::io(library.rlib))?;
    let symbols = archive::symbols(&bytes);
    if symbols.is_empty() {
        return Ok(None);
    }
    let name = format!("{}_whole", library.name);
    let hash = library.stem.strip_prefix(library.name).unwrap_or_default();
    let source = kept.join(format!("{}.rs", library.stem));
    fs::write(&source, text(library.name, &symbols)).map_err(NightlyError::io(&source))?;
    let words = kept.join(words_file(library.stem));
    let words = Words::read(&words)?;
    let mut rustc_words = Command::new(rustc);
    rustc_words
        .args(["--edition", "2021", "--crate-type", "bin", "--crate-name"])
        .arg(&name)
        .arg("-C")
        .arg(format!("extra-filename={hash}"))
        .args(passed_on(words.all()))
        .args([
            "-C",
            "lto=fat",
            "-C",
            "codegen-units=1",
            "-C",
            "linker=true",
        ])
        .args(["--cap-lints", "allow", "--emit", "link", "--out-dir"])
        .arg(kept)
        .arg("--extern")
        .arg(format!("{}={}", library.name, library.rlib.display()))
        .arg(&source)
        .env(wrapper::MODULES, kept)
        .env_remove(wrapper::LIBRARIES)
        .stdout(Stdio::null());
    let output = rustc_words.output().map_err(NightlyError::run(rustc))?;
    let dump = kept.join(format!("{name}{hash}.dump"));
    // What it would have been, had it been linked.
    let _ = fs::remove_file(kept.join(format!("{name}{hash}")));
    // Where Enzyme refuses one, rustc fails, and the module before is there all the same.
    match output.status.success() || dump.is_file() {
        true => Ok(Some(dump)),
        false => Err(NightlyError::NoProgram {
            library: library.name.to_owned(),
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}

/// A program that uses each of these symbols.
fn text(library: &str, symbols: &[String]) -> String {
    let mut text = format!(
        "// Uses everything that {library} defines, so that rustc links it.\n\
         #![allow(unused, improper_ctypes)]\nextern crate {library};\nunsafe extern \"C\" {{\n"
    );
    for (at, symbol) in symbols.iter().enumerate() {
        let _ = writeln!(text, "    #[link_name = {symbol:?}]\n    fn f{at}();");
    }
    let _ = write!(
        text,
        "}}\n#[used]\nstatic ALL: [unsafe extern \"C\" fn(); {}] = [",
        symbols.len()
    );
    for at in 0..symbols.len() {
        let _ = write!(text, "f{at}, ");
    }
    text.push_str("];\nfn main() {}\n");
    text
}

/// What of rustc's words for the library goes for a program of it too: how code is made, and where crates are.
fn passed_on(words: &[String]) -> Vec<String> {
    /// Codegen options that both have.
    const SAME: [&str; 10] = [
        "opt-level=",
        "panic=",
        "target-cpu=",
        "target-feature=",
        "debuginfo=",
        "debug-assertions=",
        "overflow-checks=",
        "relocation-model=",
        "llvm-args=",
        "no-vectorize",
    ];
    let mut kept = Vec::new();
    for pair in words.windows(2) {
        let (word, next) = (&pair[0], &pair[1]);
        let is_kept = match word.as_str() {
            "-C" => SAME.iter().any(|same| next.starts_with(same)),
            "-L" | "--target" | "-Z" => true,
            _ => false,
        };
        if is_kept {
            kept.extend([word.clone(), next.clone()]);
        } else if word.starts_with("-Z") && word != "-Z" {
            kept.push(word.clone());
        } else if let Some(option) = word.strip_prefix("-C")
            && SAME.iter().any(|same| option.starts_with(same))
        {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_code_is_made_is_passed_on() {
        let words = "rustc\0--crate-name\0a\0-C\0opt-level=3\0-C\0metadata=12\0-Copt-level=2\0-Zautodiff=LooseTypes\0-L\0dependency=d\0--extern\0b=c\0";
        assert_eq!(
            passed_on(Words::of(words.as_bytes()).all()),
            [
                "-C",
                "opt-level=3",
                "-Copt-level=2",
                "-Zautodiff=LooseTypes",
                "-L",
                "dependency=d"
            ]
        );
    }

    #[test]
    fn a_program_names_every_symbol() {
        let text = text("a", &["_RNvC1a1f".to_owned(), "g\"".to_owned()]);
        assert!(text.contains("extern crate a;"), "{text}");
        assert!(text.contains("#[link_name = \"_RNvC1a1f\"]"), "{text}");
        assert!(text.contains("#[link_name = \"g\\\"\"]"), "{text}");
        assert!(text.contains("fn(); 2] = [f0, f1, ]"), "{text}");
    }
}
