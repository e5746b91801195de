//! rustup's component `enzyme`: whether a compiler has it, and having rustup fetch it.

use std::path::PathBuf;
use std::process::Command;

use super::compiler::Compiler;
use super::link;
use super::not_fetched::NotFetched;

/// What rustup calls it.
const NAME: &str = "enzyme";

/// The component's library, where it is installed.
pub fn installed(compiler: &Compiler) -> Option<PathBuf> {
    let name = link::file_name(compiler);
    [
        compiler.libraries(&compiler.sysroot),
        compiler.sysroot.join("lib"),
    ]
    .into_iter()
    .map(|folder| folder.join(&name))
    .find(|path| path.is_file())
}

/// Has rustup add the component to the toolchain.
pub fn fetch(compiler: &Compiler) -> Result<PathBuf, NotFetched> {
    rustup(compiler, "add")?;
    installed(compiler).ok_or(NotFetched::NotFound)
}

/// Has rustup take the component away again.
pub fn give_back(compiler: &Compiler) -> Result<(), NotFetched> {
    rustup(compiler, "remove")
}

fn rustup(compiler: &Compiler, what: &str) -> Result<(), NotFetched> {
    if compiler.is_folder() {
        return Err(NotFetched::NotRustups);
    }
    let output = Command::new("rustup")
        .args(["component", what, NAME, "--toolchain", &compiler.name])
        .output()
        .map_err(|_| NotFetched::NotRustups)?;
    match output.status.success() {
        true => Ok(()),
        false => Err(NotFetched::Refused(reason(&String::from_utf8_lossy(
            &output.stderr,
        )))),
    }
}

/// The line that says why. rustup tells of its progress first, and shows its stack after.
fn reason(said: &str) -> String {
    let error = said.lines().find_map(|line| line.strip_prefix("error: "));
    let line = error.or_else(|| said.lines().next());
    line.unwrap_or("it does not say why").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_error_is_the_reason() {
        let said = "info: downloading component enzyme\nerror: component download failed\n\nCaused by:\n    0: no";
        assert_eq!(reason(said), "component download failed");
        assert_eq!(reason("no such command"), "no such command");
        assert_eq!(reason(""), "it does not say why");
    }
}
