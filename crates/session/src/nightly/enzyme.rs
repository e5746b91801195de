//! The Enzyme that a nightly is given: rustup's, or irad's own in a sysroot of symbolic links.
//!
//! All of it lies in one folder of irad's cache, by the compiler's commit, so that a nightly that was updated gets
//! a new one. The user's toolchains stay as they are.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use super::compiler::Compiler;
use super::component;
use super::error::NightlyError;
use super::link;
use super::probe::{Probed, probe};
use super::wrapper;

/// A compiler's Enzyme, ready to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enzyme {
    /// Its folder in irad's cache.
    pub folder: PathBuf,
    /// Whose it is.
    pub library: Library,
    /// What a program came to that was compiled with it.
    pub probed: Probed,
    /// The rustup toolchain that was made of it, if there is one.
    pub linked: Option<String>,
    /// True where irad had rustup fetch its component, which `remove` has rustup take away again.
    pub fetched: bool,
}

/// Whose library it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Library {
    /// rustup's component, here.
    Component(PathBuf),
    /// irad's own, here.
    Own(PathBuf),
}

impl Enzyme {
    /// What to run in place of the compiler's rustc.
    pub fn rustc(&self) -> PathBuf {
        self.folder.join("rustc")
    }
}

/// Where irad keeps what it made for compilers: `IRAD_CACHE`, or where the user's caches are.
pub fn cache() -> PathBuf {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let root = match (of("IRAD_CACHE"), of("XDG_CACHE_HOME"), of("HOME")) {
        (Some(own), _, _) => PathBuf::from(own),
        (None, Some(caches), _) => PathBuf::from(caches).join("irad"),
        (None, None, Some(home)) => PathBuf::from(home).join(".cache/irad"),
        (None, None, None) => env::temp_dir().join("irad"),
    };
    root.join("toolchains")
}

fn folder(compiler: &Compiler) -> PathBuf {
    cache().join(format!("{}-{}", compiler.commit, compiler.host))
}

/// The Enzyme that was made for this compiler, if there is one and nothing has changed since.
pub fn existing(compiler: &Compiler) -> Option<Enzyme> {
    let folder = folder(compiler);
    let record = recorded(&folder)?;
    let path = |key: &str| record[key].as_str().map(PathBuf::from);
    let library = path("library")?;
    if !library.is_file() || record["rustc"].as_str()? != compiler.rustc.to_string_lossy() {
        return None;
    }
    let library = match path("archive") {
        // Another irad has another Enzyme.
        Some(archive) if archive.is_file() && record["stamp"] != json!(stamp(&archive)) => {
            return None;
        }
        Some(_) => Library::Own(library),
        None => Library::Component(library),
    };
    // Another irad may run rustc in another way.
    let sysroot = match library {
        Library::Own(_) => folder.join("sysroot"),
        Library::Component(_) => compiler.sysroot.clone(),
    };
    let (rustc, script) = (
        folder.join("rustc"),
        wrapper::script(&compiler.rustc, &sysroot),
    );
    if fs::read_to_string(&rustc).ok().as_deref() != Some(&script) {
        // What runs is not written over.
        let new = folder.join(format!("rustc.partial-{}", process::id()));
        write_program(&new, &script).ok()?;
        fs::rename(&new, &rustc).ok()?;
    }
    Some(Enzyme {
        folder,
        library,
        probed: Probed {
            swaps_right: record["swaps_right"].as_bool()?,
        },
        linked: linked(&record),
        fetched: fetched(&record),
    })
}

/// What an Enzyme is made of, and for whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// irad's own, though rustup's component is there.
    pub own: bool,
    /// True where irad has had rustup fetch the component.
    pub fetched: bool,
    /// The name of a toolchain that is made of it for rustup; one that was made before is made anew.
    pub link: Option<&'a str>,
}

/// Gives the compiler an Enzyme: rustup's component where it is installed, else irad's own.
pub fn add(compiler: &Compiler, wanted: Wanted<'_>) -> Result<Enzyme, NightlyError> {
    let component = component::installed(compiler).filter(|_| !wanted.own);
    if component.is_none() && compiler.major() != link::LLVM_MAJOR {
        return Err(NightlyError::OtherLlvm {
            version: compiler.version.clone(),
            llvm: compiler.llvm.clone(),
            own: link::LLVM_MAJOR.to_owned(),
            name: compiler.name.clone(),
        });
    }
    let folder = folder(compiler);
    let record = recorded(&folder);
    let before = record.as_ref().and_then(linked);
    let fetched = wanted.fetched || record.as_ref().is_some_and(fetched);
    // It is whole or not there.
    let partial = folder.with_extension(format!("partial-{}", process::id()));
    let made = make(compiler, component, fetched, &partial, &folder);
    let renamed = made.and_then(|made| {
        let _ = fs::remove_dir_all(&folder);
        fs::rename(&partial, &folder).map_err(NightlyError::io(&folder))?;
        Ok(made)
    });
    if renamed.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    let mut enzyme = renamed?;
    let name = wanted.link.map(str::to_owned).or_else(|| before.clone());
    if let Some(old) = before.filter(|old| Some(old) != name.as_ref()) {
        rustup(&["toolchain", "uninstall", &old], None)?;
    }
    if let Some(name) = name {
        link_toolchain(compiler, &mut enzyme, &name)?;
    }
    Ok(enzyme)
}

fn recorded(folder: &Path) -> Option<Value> {
    let record = fs::read(folder.join(RECORD)).ok()?;
    serde_json::from_slice(&record).ok()
}

fn linked(record: &Value) -> Option<String> {
    record["linked"].as_str().map(str::to_owned)
}

fn fetched(record: &Value) -> bool {
    record["fetched"] == true
}

/// The file that says what a folder of the cache holds.
const RECORD: &str = "enzyme.json";

fn make(
    compiler: &Compiler,
    component: Option<PathBuf>,
    fetched: bool,
    partial: &Path,
    folder: &Path,
) -> Result<Enzyme, NightlyError> {
    fs::create_dir_all(partial).map_err(NightlyError::io(partial))?;
    let (library, archive, sysroot) = match component {
        Some(library) => (library, None, compiler.sysroot.clone()),
        None => {
            let archive = link::archive()?;
            let sysroot = partial.join("sysroot");
            copy_links(compiler, &sysroot)?;
            link::link(compiler, &archive, &compiler.libraries(&sysroot))?;
            let own = compiler.libraries(&folder.join("sysroot"));
            let library = own.join(link::file_name(compiler));
            (library, Some(archive), folder.join("sysroot"))
        }
    };
    // While it is tried, it lies elsewhere.
    let tried = match archive {
        Some(_) => partial.join("sysroot"),
        None => sysroot.clone(),
    };
    let rustc = partial.join("rustc");
    write_program(&rustc, &wrapper::script(&compiler.rustc, &tried))?;
    let probed = probe(compiler, &rustc, partial)?;
    write_program(&rustc, &wrapper::script(&compiler.rustc, &sysroot))?;
    let enzyme = Enzyme {
        folder: folder.to_owned(),
        library: match archive {
            Some(_) => Library::Own(library),
            None => Library::Component(library),
        },
        probed,
        linked: None,
        fetched,
    };
    record(compiler, &enzyme, archive.as_deref(), partial)?;
    Ok(enzyme)
}

fn record(
    compiler: &Compiler,
    enzyme: &Enzyme,
    archive: Option<&Path>,
    folder: &Path,
) -> Result<(), NightlyError> {
    let (Library::Component(library) | Library::Own(library)) = &enzyme.library;
    let record = json!({
        "version": compiler.version,
        "rustc": compiler.rustc,
        "library": library,
        "archive": archive,
        "stamp": archive.map(stamp),
        "swaps_right": enzyme.probed.swaps_right,
        "linked": enzyme.linked,
        "fetched": enzyme.fetched,
    });
    let path = folder.join(RECORD);
    fs::write(&path, format!("{record:#}\n")).map_err(NightlyError::io(&path))
}

/// What changes when a file is written anew.
fn stamp(path: &Path) -> String {
    let Ok(metadata) = fs::metadata(path) else {
        return String::new();
    };
    let modified = metadata.modified().ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!(
        "{}-{}",
        metadata.len(),
        since.unwrap_or_default().as_nanos()
    )
}

fn write_program(path: &Path, text: &str) -> Result<(), NightlyError> {
    fs::write(path, text).map_err(NightlyError::io(path))?;
    let runs = fs::Permissions::from_mode(0o755);
    fs::set_permissions(path, runs).map_err(NightlyError::io(path))
}

/// A sysroot like the compiler's, of links. The folders on the way to where Enzyme lies are folders.
fn copy_links(compiler: &Compiler, to: &Path) -> Result<(), NightlyError> {
    let steps = ["lib", "rustlib", compiler.host.as_str(), "lib"];
    let (mut from, mut to) = (compiler.sysroot.clone(), to.to_owned());
    for depth in 0..=steps.len() {
        fs::create_dir_all(&to).map_err(NightlyError::io(&to))?;
        for entry in fs::read_dir(&from)
            .map_err(NightlyError::io(&from))?
            .flatten()
        {
            let name = entry.file_name();
            if steps.get(depth).is_some_and(|step| name == *step) {
                continue;
            }
            let link = to.join(&name);
            symlink(entry.path(), &link).map_err(NightlyError::io(&link))?;
        }
        if let Some(step) = steps.get(depth) {
            from.push(step);
            to.push(step);
        }
    }
    Ok(())
}

/// Makes a rustup toolchain of this name that has irad's Enzyme.
///
/// rustc finds its sysroot from where its own library lies and resolves symbolic links for that, so these two files
/// are hard links, or copies where the cache lies on another file system.
fn link_toolchain(
    compiler: &Compiler,
    enzyme: &mut Enzyme,
    name: &str,
) -> Result<(), NightlyError> {
    let toolchain = enzyme.folder.join("toolchain");
    let _ = fs::remove_dir_all(&toolchain);
    copy_links(compiler, &toolchain)?;
    let bin = toolchain.join("bin");
    let programs = compiler.sysroot.join("bin");
    fs::remove_file(&bin).map_err(NightlyError::io(&bin))?;
    fs::create_dir_all(&bin).map_err(NightlyError::io(&bin))?;
    let entries = |folder: &Path| fs::read_dir(folder).map_err(NightlyError::io(folder));
    for entry in entries(&programs)?.flatten() {
        hard_link(&entry.path(), &bin.join(entry.file_name()))?;
    }
    let libraries = toolchain.join("lib");
    for entry in entries(&compiler.sysroot.join("lib"))?.flatten() {
        let file = entry.file_name();
        if file.to_string_lossy().starts_with("librustc_driver") {
            let link = libraries.join(&file);
            fs::remove_file(&link).map_err(NightlyError::io(&link))?;
            hard_link(&entry.path(), &link)?;
        }
    }
    if let Library::Own(library) = &enzyme.library {
        let link = compiler
            .libraries(&toolchain)
            .join(link::file_name(compiler));
        symlink(library, &link).map_err(NightlyError::io(&link))?;
    }
    rustup(&["toolchain", "link", name], Some(&toolchain))?;
    enzyme.linked = Some(name.to_owned());
    let archive = match enzyme.library {
        Library::Own(_) => Some(link::archive()?),
        Library::Component(_) => None,
    };
    record(compiler, enzyme, archive.as_deref(), &enzyme.folder)
}

fn hard_link(from: &Path, to: &Path) -> Result<(), NightlyError> {
    let real = fs::canonicalize(from).map_err(NightlyError::io(from))?;
    if fs::hard_link(&real, to).is_err() {
        fs::copy(&real, to).map_err(NightlyError::io(to))?;
    }
    Ok(())
}

/// Takes away all that was made for this compiler, and for the older ones that its toolchain had. False where there
/// was nothing.
pub fn remove(compiler: &Compiler) -> Result<bool, NightlyError> {
    let folders = fs::read_dir(cache()).into_iter().flatten().flatten();
    let own = folder(compiler);
    let mut removed = false;
    for folder in folders.map(|entry| entry.path()) {
        let record = recorded(&folder);
        let rustc = record.as_ref().and_then(|record| record["rustc"].as_str());
        if folder != own && rustc != compiler.rustc.to_str() {
            continue;
        }
        if let Some(name) = record.as_ref().and_then(linked) {
            rustup(&["toolchain", "uninstall", &name], None)?;
        }
        // rustup keeps its components when it updates a toolchain, so that one of an older nightly's may be there.
        if record.as_ref().is_some_and(fetched) && component::installed(compiler).is_some() {
            component::give_back(compiler).map_err(|error| NightlyError::KeptComponent {
                name: compiler.name.clone(),
                error,
            })?;
        }
        fs::remove_dir_all(&folder).map_err(NightlyError::io(&folder))?;
        removed = true;
    }
    if !removed {
        return Ok(false);
    }
    // An empty cache is none; the folder that somebody chose stays.
    let _ = fs::remove_dir(cache());
    if env::var_os("IRAD_CACHE").is_none()
        && let Some(root) = cache().parent()
    {
        let _ = fs::remove_dir(root);
    }
    Ok(true)
}

fn rustup(words: &[&str], path: Option<&Path>) -> Result<(), NightlyError> {
    let output = Command::new("rustup")
        .args(words)
        .args(path)
        .output()
        .map_err(NightlyError::run("rustup"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(NightlyError::Rustup {
            words: words.join(" "),
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}
