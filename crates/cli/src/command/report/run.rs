//! What `irad report` does, from arguments to a page.

use std::path::Path;

use report::{Bundle, Page, Run, Sources};
use serde_json::Value;
use session::load::{Input, load_any};
use session::module::Module;
use session::shell;
use session::sides::check_saved;
use session::{mode, resolve};
use trace::{AdOptions, Mode, Task, Trace};
use view_model::story::Story;

use super::args::Args;
use super::extract::extract;
use super::made::{self, INPUTS};
use super::material::{Material, called, gather, settled};
use super::redact::redact;
use super::second;
use super::sources::{FOLDER, Reader, below};
use super::words::said;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_file};

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    if let Some(page) = &args.extract {
        return extract(page, &args.out);
    }
    let file = args.file.as_deref().expect("clap asks for it");
    let wanted = args.function.given();
    match load_any(file, args.module, wanted, global.limits())? {
        Input::Trace(trace, name) => of_trace(*trace, &name, file, args, global),
        Input::Module(module) => of_module(*module, file, args, global),
    }
}

/// A page of a module's function.
fn of_module(module: Module, file: &Path, args: &Args, global: &Global) -> Result<u8, Failure> {
    global.warn(&module.warnings());
    let wanted = function_name(args.function.given())?;
    let symbol = module.resolve(wanted)?.symbol;
    let mode = mode::chosen(&module, &symbol, args.mode.map(Mode::from))?;
    let limits = global.limits();
    let name = made::file_name(&module.short);
    let mut text = settled(module, &name, &symbol, args)?;
    let mut reader = Reader {
        first: args.sources.as_deref(),
        veiled: Default::default(),
    };
    if args.redact_paths {
        let redacted = redact(&text);
        (text, reader.veiled) = (redacted.text, redacted.paths);
    }
    // From here on the page knows no more than what it carries.
    let module = Module::from_bytes(&name, text);
    let first = AdOptions {
        mode,
        ..args.ad.options.clone()
    };
    let mut all = vec![first.clone()];
    if let Some(flags) = &args.compare {
        all.push(second::options(flags, &first)?);
    }
    let mut materials = Vec::new();
    for ad in &all {
        let resolved = resolve::resolved(ad, ad.mode, &module)?;
        materials.push(gather(&module, &symbol, &resolved, args, limits)?);
    }
    let mut bundle = Bundle::default();
    bundle.add(&name, module.text());
    let values = args.checking.inputs.values()?;
    if !values.is_empty() {
        bundle.add(
            INPUTS,
            &serde_json::to_vec_pretty(&values).unwrap_or_default(),
        );
    }
    let stories: Vec<(Story, Option<Failure>)> = materials
        .into_iter()
        .map(|Material { trace, failure }| (Story::of(trace, None), failure))
        .collect();
    let mut all_sources = Vec::new();
    let mut has_sources = false;
    for (story, _) in &stories {
        let sources = match args.no_source {
            true => Sources::default(),
            false => Sources::of(story, &|file| reader.read(file)),
        };
        for (at, file) in sources.files.iter().enumerate() {
            let path = Path::new(FOLDER).join(below(file));
            if let Some(path) = path.to_str() {
                bundle.add(path, sources.text(at).as_bytes());
                has_sources = true;
            }
        }
        all_sources.push(sources);
    }
    let function = called(&module, &symbol);
    let command = made::command(&name, &function, mode, has_sources, args, global)?;
    let runs = stories.iter().zip(&all).zip(all_sources);
    let runs = runs
        .map(|(((story, failure), ad), sources)| Run {
            function: printable(&ir_load::demangle(&symbol)),
            what: format!("{} mode", ad.mode),
            request: shell::line(&made::request(&name, &function, ad)),
            story,
            said: said(&story.trace, failure.as_ref(), &command),
            sources,
        })
        .collect();
    let failure = stories.iter().find_map(|(_, failure)| failure.clone());
    let versions = made::versions(&stories[0].0.trace.toolchain);
    bundle.command.clone_from(&command);
    bundle.versions.clone_from(&versions);
    let page = Page {
        runs,
        command: shell::line(&command),
        versions,
        notes: notes(args),
        bundle,
    };
    write_file(&args.out, report::html(&page).as_bytes(), &[file])?;
    match failure {
        Some(failure) => Err(failure.note(format!(
            "{} shows every step until then",
            args.out.display()
        ))),
        None => Ok(exit::DONE),
    }
}

/// A page of a run that was saved. It holds no module, so it carries none.
fn of_trace(
    trace: Trace,
    name: &str,
    file: &Path,
    args: &Args,
    global: &Global,
) -> Result<u8, Failure> {
    let wanted = args.function.given();
    check_saved(&trace, name, wanted, args.mode.map(Mode::from))?;
    args.ad.warn_unused("a saved trace is what it was", global);
    if args.compare.is_some() {
        let words = format!("{name} is a saved trace, and --compare runs the function once more");
        return Err(
            Failure::usage("usage", words).help("irad report --compare takes the IR file itself")
        );
    }
    let mut reader = Reader {
        first: args.sources.as_deref(),
        veiled: Default::default(),
    };
    let trace = match args.redact_paths {
        true => redacted(&trace, &mut reader),
        false => trace,
    };
    let (symbol, what) = match &trace.request.task {
        Task::Differentiate { function, ad, .. } => (function.clone(), format!("{} mode", ad.mode)),
        Task::Run { function, .. } => (function.clone(), "passes".to_owned()),
        _ => (String::new(), String::new()),
    };
    let versions = made::versions(&trace.toolchain);
    let said = said(&trace, None, &[]);
    let story = Story::of(trace, None);
    if story.states.is_empty() {
        let words = format!("{name} holds no function that could be shown");
        return Err(Failure::usage("trace", words));
    }
    let sources = match args.no_source {
        true => Sources::default(),
        false => Sources::of(&story, &|file| reader.read(file)),
    };
    let command = ["irad", "report", name, "-o"].map(str::to_owned);
    let out = format!("{}.html", made::stem(name));
    let mut notes = notes(args);
    notes.push(
        "It was made of a saved run, which holds no module: the page carries none.".to_owned(),
    );
    let page = Page {
        runs: vec![Run {
            function: printable(&ir_load::demangle(&symbol)),
            what,
            request: shell::quoted(name),
            story: &story,
            said,
            sources,
        }],
        command: format!("{} {}", shell::line(&command), shell::quoted(&out)),
        versions,
        notes,
        bundle: Bundle::default(),
    };
    write_file(&args.out, report::html(&page).as_bytes(), &[file])?;
    Ok(exit::DONE)
}

/// The same run, whose absolute paths name no folder any more.
fn redacted(trace: &Trace, reader: &mut Reader<'_>) -> Trace {
    fn veil(value: &mut Value, reader: &mut Reader<'_>) {
        match value {
            Value::String(text) => {
                let redacted = redact(text.as_bytes());
                *text = String::from_utf8_lossy(&redacted.text).into_owned();
                reader.veiled.extend(redacted.paths);
            }
            Value::Array(list) => list.iter_mut().for_each(|one| veil(one, reader)),
            Value::Object(fields) => fields.values_mut().for_each(|one| veil(one, reader)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut document = serde_json::to_value(trace).expect("plain data");
    veil(&mut document, reader);
    serde_json::from_value(document).expect("a path is where no word of the format is")
}

/// What was left out.
fn notes(args: &Args) -> Vec<String> {
    let mut notes = Vec::new();
    if args.no_source {
        notes.push("The Rust source was left out.".to_owned());
    }
    if args.redact_paths {
        notes.push("The names of folders in absolute paths were made unreadable.".to_owned());
    }
    notes
}

fn printable(text: &str) -> String {
    diff_view::printable(text).into_owned()
}
