//! Why a nightly cannot be used, or what it makes of a crate cannot be seen.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::not_fetched::NotFetched;
use crate::build::BuildError;
use crate::engine::StartError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NightlyError {
    /// rustup has no toolchain of that name.
    #[error("rustup has no toolchain {name}")]
    NoToolchain {
        /// The name.
        name: String,
        /// rustup's words.
        said: String,
    },
    /// rustup did not do what it was asked for.
    #[error("rustup {words} failed")]
    Rustup {
        /// What it was asked for.
        words: String,
        /// Its own words.
        said: String,
    },
    /// rustup or rustc cannot be run.
    #[error("{program} cannot be run: {error}")]
    CannotRun {
        /// The program.
        program: PathBuf,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// rustc does not say what it is.
    #[error("{} does not say which commit it was made of", rustc.display())]
    NoCommit {
        /// The compiler.
        rustc: PathBuf,
    },
    /// The compiler has no unstable options.
    #[error("{version} is no nightly, and std::autodiff is unstable")]
    Stable {
        /// What it calls itself.
        version: String,
    },
    /// irad's Enzyme was made for another LLVM.
    #[error("{version} has LLVM {llvm}, and irad's Enzyme is for LLVM {own}")]
    OtherLlvm {
        /// What the compiler calls itself.
        version: String,
        /// Its LLVM.
        llvm: String,
        /// Enzyme's.
        own: String,
        /// What the toolchain is called.
        name: String,
    },
    /// The toolchain has no LLVM of its own to link with.
    #[error("there is no libLLVM in {}", folder.display())]
    NoLibrary {
        /// Where it should be.
        folder: PathBuf,
    },
    /// Enzyme's static archive is nowhere.
    #[error("Enzyme's archive {file} was not found")]
    NoArchive {
        /// Its name.
        file: String,
        /// Where irad looked.
        tried: Vec<PathBuf>,
    },
    /// There is no engine, which knows where it was built.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The linker refused.
    #[error("Enzyme cannot be linked with {}", library.display())]
    Link {
        /// The toolchain's LLVM.
        library: PathBuf,
        /// The linker's words.
        said: String,
    },
    /// What was linked does not work.
    #[error("{version} does not compile a derivative with this Enzyme")]
    Probe {
        /// What the compiler calls itself.
        version: String,
        /// The compiler's or the program's words.
        said: String,
    },
    /// A derivative that everybody gets right is wrong.
    #[error("{what} of x³ is wrong with this Enzyme: {found}, not {right}")]
    WrongProbe {
        /// Which one.
        what: &'static str,
        /// What came out.
        found: String,
        /// What is right.
        right: &'static str,
    },
    /// rustup does not take the component away that irad had it fetch.
    #[error("rustup's component enzyme stays in {name}")]
    KeptComponent {
        /// What the toolchain is called.
        name: String,
        /// Why.
        error: NotFetched,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// cargo could not build it.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// rustc makes no program of a library.
    #[error("rustc makes no program of the library {library}")]
    NoProgram {
        /// The library.
        library: String,
        /// rustc's words.
        said: String,
    },
    /// Nothing of what was built was linked as one module, which is when rustc runs Enzyme.
    #[error("nothing was built that rustc runs Enzyme for")]
    NothingLinked,
}

impl NightlyError {
    /// From what the system says of a file.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |error| NightlyError::Io {
            path,
            error: Arc::new(error),
        }
    }

    /// From what the system says of a program.
    pub(crate) fn run(program: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let program = program.into();
        |error| NightlyError::CannotRun {
            program,
            error: Arc::new(error),
        }
    }
}
