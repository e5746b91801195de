//! `irad toolchain`: the Enzyme of a nightly compiler.

use diff_view::{Paint, Tone};
use serde_json::{Value, json};
use session::nightly::compiler::Compiler;
use session::nightly::component;
use session::nightly::enzyme::{self, Enzyme, Library, Wanted};
use session::nightly::link::LLVM_MAJOR;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Canvas, Global, print_json, say};
use crate::words::nightly::not_fetched;

/// Gives a nightly compiler an Enzyme.
///
/// rustc loads Enzyme from its sysroot, where rustup puts it with the component `enzyme`. Where that is installed, or
/// rustup can fetch it, irad uses it. Otherwise irad links its own Enzyme with the LLVM that the compiler loads, which
/// takes a second, and puts it into a sysroot of symbolic links in its cache (`IRAD_CACHE`, else `~/.cache/irad`). The
/// toolchain itself stays as it is then. irad compiles and runs a program: one derivative of each mode that must be
/// right, and one that is known to be wrong.
///
/// `cargo irad +nightly …` does the same where it has not been done, and fetches nothing.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo irad toolchain status
  cargo irad toolchain add nightly
  cargo irad toolchain add nightly --own
  cargo irad toolchain add nightly --link nightly-enzyme
  cargo irad toolchain remove nightly")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say which LLVM a nightly has, and whose Enzyme it would use.
    Status(Which),
    /// Give a nightly an Enzyme, anew if it has one of irad's.
    Add {
        #[command(flatten)]
        which: Which,
        /// Make a toolchain of this name for rustup, too: `cargo +NAME build` has Enzyme then.
        #[arg(long, value_name = "NAME")]
        link: Option<String>,
        /// Take irad's own Enzyme: rustup's component is neither fetched nor used.
        #[arg(long)]
        own: bool,
    },
    /// Take away all that `add` has made or fetched for a nightly.
    Remove(Which),
}

#[derive(clap::Args)]
struct Which {
    /// The toolchain's name, as rustup has it, or its folder.
    #[arg(default_value = "nightly")]
    toolchain: String,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

impl Args {
    fn which(&self) -> &Which {
        match &self.command {
            Command::Status(which) | Command::Add { which, .. } | Command::Remove(which) => which,
        }
    }

    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.which().json
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let which = args.which();
    let compiler = Compiler::find(&which.toolchain)?;
    let (enzyme, removed) = match &args.command {
        Command::Status(_) => (enzyme::existing(&compiler), false),
        Command::Add { link, own, .. } => {
            let wanted = Wanted {
                own: *own,
                fetched: !own && fetches(&compiler),
                link: link.as_deref(),
            };
            (Some(enzyme::add(&compiler, wanted)?), false)
        }
        Command::Remove(_) => (None, enzyme::remove(&compiler)?),
    };
    if which.json {
        print_json("toolchain", document(&compiler, enzyme.as_ref(), removed))?;
        return Ok(exit::DONE);
    }
    let mut canvas = global.canvas(None);
    let mut line = |what: &str, found: &str| row(&mut canvas, what, found);
    line("compiler", &compiler.version);
    line("LLVM", &compiler.llvm);
    match &enzyme {
        Some(enzyme) => {
            line("Enzyme", &whose(&enzyme.library));
            line(
                "tried",
                match enzyme.probed.swaps_right {
                    true => "both modes are right, and so are elements that are swapped",
                    false => {
                        "both modes are right; elements that a generic function swaps keep each other's derivatives, which is known to be wrong"
                    }
                },
            );
            if let Some(name) = &enzyme.linked {
                line("toolchain", &format!("cargo +{name} has Enzyme"));
            }
        }
        None if removed => line("Enzyme", "removed"),
        None => line("Enzyme", &would(&compiler)),
    }
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

/// True where rustup did not have its component and has fetched it now. Where it cannot, the reason is said.
fn fetches(compiler: &Compiler) -> bool {
    if component::installed(compiler).is_some() {
        return false;
    }
    match component::fetch(compiler) {
        Ok(_) => true,
        Err(error) => {
            let reason = not_fetched(&error);
            say(&format!(
                "note: no component enzyme for {} ({reason})\n",
                compiler.name
            ));
            false
        }
    }
}

fn row(canvas: &mut Canvas, what: &str, found: &str) {
    canvas.text(&format!("{what:<10} "), Tone::Title.style());
    canvas.line(found, Tone::Plain.style());
}

fn whose(library: &Library) -> String {
    match library {
        Library::Component(path) => format!("rustup's component, {}", path.display()),
        Library::Own(path) => format!("irad's own, {}", path.display()),
    }
}

/// What `add` would come to.
fn would(compiler: &Compiler) -> String {
    if let Some(path) = component::installed(compiler) {
        return format!(
            "{}; not tried yet: cargo irad toolchain add {}",
            whose(&Library::Component(path)),
            compiler.name
        );
    }
    match compiler.major() == LLVM_MAJOR {
        true => format!(
            "none; cargo irad toolchain add {} fetches rustup's component, or links irad's own",
            compiler.name
        ),
        false => format!(
            "none, and irad's own is for LLVM {LLVM_MAJOR}; cargo irad toolchain add {} fetches rustup's component",
            compiler.name
        ),
    }
}

fn document(compiler: &Compiler, enzyme: Option<&Enzyme>, removed: bool) -> Value {
    json!({
        "toolchain": compiler.name,
        "version": compiler.version,
        "commit": compiler.commit,
        "host": compiler.host,
        "llvm": compiler.llvm,
        "component": component::installed(compiler),
        "enzyme": enzyme.map(|enzyme| match &enzyme.library {
            Library::Component(path) | Library::Own(path) => path,
        }),
        "own": enzyme.map(|enzyme| matches!(enzyme.library, Library::Own(_))),
        "swaps_right": enzyme.map(|enzyme| enzyme.probed.swaps_right),
        "linked": enzyme.and_then(|enzyme| enzyme.linked.clone()),
        "fetched": enzyme.map(|enzyme| enzyme.fetched),
        "removed": removed,
    })
}
