//! One request in, a stream of events out.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::FunctionValue;
use rustix::process::{Resource, Rlimit, Signal};
use trace::{
    AdOptions, Diagnosis, Greeting, Kind, Limits, Pipeline, Point, RemarkKind, Request, Severity,
    Task, Toolchain, Watch,
};

use crate::channel::outbox::Outbox;
use crate::channel::recorder::{FunctionPrinter, Recorder};
use crate::check::derivative::{check_derivative, compare};
use crate::check::guard;
use crate::check::locate::command::locate;
use crate::check::profile::command::profile;
use crate::check::session::Source;
use crate::diagnose::listen::{listen_to_ends, listen_to_llvm};
use crate::differentiate::case::case;
use crate::differentiate::derive::derive;
use crate::emit::export::emit;
use crate::ir::extract;
use crate::ir::load::{load, load_for, producer};
use crate::ir::lookup::find;
use crate::ir::target::target_machine;
use crate::ir::version::llvm_version;
use crate::options::Options;
use crate::pipeline::{self, Stage};
use crate::stack::STACK;
use crate::transform::shield::Shield;

/// An engine's `main`. Requests come and events leave by one socket, which is standard input at the start. LLVM
/// prints on standard output and standard error as it likes. With `--enzyme` it says where the archive lies that
/// Enzyme was linked from, and ends.
pub fn program() -> io::Result<()> {
    if env::args_os().nth(1).is_some_and(|word| word == "--enzyme") {
        println!("{}", enzyme_sys::LIB_DIR);
        return Ok(());
    }
    let channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Whoever reads standard input from here on finds its end, and not the socket.
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    serve(channel.try_clone()?, channel)
}

/// Reads a request frame and a module frame from `input` and writes events to `output`, once both sides have
/// greeted.
///
/// The error is about the transport alone; what goes wrong with the request is an event.
pub fn serve(mut input: impl Read, mut output: impl Write + Send + 'static) -> io::Result<()> {
    let ours = Greeting::new(llvm_version());
    trace::write_json(&mut output, &ours)?;
    let theirs: Greeting = trace::read_json(&mut input)
        .map_err(io::Error::other)?
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    // The front has heard the same, and says what is wrong.
    if !ours.fits(&theirs) {
        return Ok(());
    }
    let request: Request = trace::read_json(&mut input)
        .map_err(io::Error::other)?
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    limit(request.limits, patience(&request));
    let bytes = trace::read_frame(&mut input)
        .map_err(io::Error::other)?
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let work = move || {
        llvm_shim::report_crashes();
        let recorder = Recorder::new(Outbox::new(output));
        let outcome = fulfil(&request, &bytes, &recorder);
        llvm_shim::flush_output();
        match outcome {
            Ok(()) => recorder.done(),
            Err(diagnosis) => recorder.failed(diagnosis),
        }
    };
    // The only reason why a thread cannot start here is the limit that was just set.
    let worker = thread::Builder::new()
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| io::Error::other(format!("out of memory for the stack: {error}")))?;
    worker
        .join()
        .map_err(|_| io::Error::other("the engine panicked"))
}

/// The variable that tells the engine its parent's process id; without it nobody is expected.
const PARENT: &str = "IRAD_ENGINE_PARENT";

/// How much longer than its limit a request may take for what is done beside it, in seconds.
fn patience(request: &Request) -> u64 {
    match &request.task {
        Task::Differentiate {
            then_check: Some(then),
            ..
        } => then.seconds,
        _ => 0,
    }
}

/// Asks the kernel to hold this process to its limits, and to end it with its parent.
fn limit(limits: Limits, patience: u64) {
    let cap = |value: u64| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    // A limit that cannot be set (a lower one is in force already) is as good as set.
    let _ =
        rustix::process::setrlimit(Resource::As, cap(limits.memory_mib.saturating_mul(1 << 20)));
    let _ = rustix::process::setrlimit(
        Resource::Cpu,
        cap(limits.seconds.saturating_add(patience).saturating_add(1)),
    );
    let _ = rustix::process::setrlimit(Resource::Core, cap(0));
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    // A parent that was gone by then sends nothing any more.
    let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().to_string());
    if std::env::var(PARENT).is_ok_and(|expected| Some(expected) != parent) {
        std::process::exit(0);
    }
}

fn options(function: &str, ad: &AdOptions, watch: Watch) -> Options {
    Options {
        stands_alone: false,
        function: function.to_owned(),
        ad: ad.clone(),
        watch,
    }
}

fn fulfil(request: &Request, bytes: &[u8], recorder: &Recorder) -> Result<(), Diagnosis> {
    recorder.stage("start");
    llvm_shim::parse_options(&request.llvm_options)
        .map_err(|error| Diagnosis::new(Kind::Option, error.to_string()))?;
    recorder.stage("load");
    // Never dropped: the process ends when this returns, and the system frees faster.
    let context = ManuallyDrop::new(Context::create());
    if let Task::Extract { functions, file } = &request.task {
        recorder.stage("extract");
        let file = file.as_deref().map(extract::read).transpose()?;
        let bytes = file.unwrap_or(bytes);
        let text = extract::extract(&context, bytes, &request.source, functions)?;
        recorder.module(&text);
        return Ok(());
    }
    if matches!(request.task, Task::Optimise { .. }) {
        llvm_shim::unify_types(&context);
    }
    // Whoever has LLVM's own tool run gets what it prints as it is.
    if !matches!(request.task, Task::Optimise { .. }) {
        recorder.tell_printed();
    }
    let source = Source {
        context: &context,
        bytes,
        name: &request.source,
    };
    let (module, completed) = match &request.task {
        Task::Differentiate { function, ad, .. }
        | Task::Check { function, ad, .. }
        | Task::Locate { function, ad, .. }
        | Task::Values { function, ad, .. }
        | Task::Profile { function, ad, .. }
        | Task::Case { function, ad }
        | Task::Emit { function, ad, .. } => source.load(ad, function)?,
        Task::Run {
            function,
            whole_program: false,
            ..
        } if function != pipeline::ALL => (
            load_for(&context, bytes, &request.source, function)?,
            Vec::new(),
        ),
        Task::Extract { .. }
        | Task::Disassemble
        | Task::TryGuard
        | Task::Run { .. }
        | Task::Optimise { .. } => (load(&context, bytes, &request.source)?, Vec::new()),
    };
    let module = ManuallyDrop::new(module);
    recorder.toolchain(Toolchain {
        irad: env!("CARGO_PKG_VERSION").to_owned(),
        llvm: llvm_version(),
        enzyme: enzyme_sys::VERSION.to_owned(),
        // Of a module that is only read, which is how somebody asks what the engine is made of.
        enzyme_origin: match &request.task {
            Task::Disassemble => enzyme_sys::ORIGIN.to_owned(),
            _ => String::new(),
        },
        producer: producer(&module),
    });
    if !completed.is_empty() {
        let completed = RemarkKind::LibraryCompleted {
            functions: completed,
        };
        recorder.remark(Severity::Note, completed);
    }
    match &request.task {
        Task::Extract { .. } => unreachable!("answered above"),
        Task::Disassemble => {
            recorder.module(module.print_to_string().to_bytes());
            Ok(())
        }
        Task::Differentiate {
            function,
            ad,
            watch,
            then_check,
        } => {
            let options = options(function, ad, *watch);
            let derived = derive(&module, &options, recorder)?;
            let Some(then) = then_check else {
                return Ok(());
            };
            recorder.derived();
            let recorder = &recorder.hushed();
            compare(&source, &module, &options, &then.check, derived, recorder)
        }
        Task::Check {
            function,
            ad,
            check,
        } => {
            let options = options(function, ad, Watch::Points);
            check_derivative(&source, &module, &options, check, recorder)
        }
        Task::Locate {
            function,
            ad,
            check,
        } => {
            let options = options(function, ad, Watch::Values);
            locate(&source, &module, &options, check, None, recorder)
        }
        Task::Values {
            function,
            ad,
            check,
            iteration,
        } => {
            let options = options(function, ad, Watch::Values);
            let iteration = Some(*iteration);
            locate(&source, &module, &options, check, iteration, recorder)
        }
        Task::Profile {
            function,
            ad,
            check,
            measure,
        } => {
            let options = options(function, ad, Watch::Counts);
            profile(&source, &module, &options, check, *measure, recorder)
        }
        Task::TryGuard => guard::available(recorder),
        Task::Case { function, ad } => {
            let options = options(function, ad, Watch::Points);
            case(&module, &options, recorder)?;
            recorder.module(module.print_to_string().to_bytes());
            Ok(())
        }
        Task::Emit {
            function,
            ad,
            emission,
        } => {
            let options = options(function, ad, Watch::Points);
            let (emitted, code) = emit(&module, &options, emission, recorder)?;
            recorder.emitted(emitted);
            recorder.module(&code);
            Ok(())
        }
        Task::Run {
            function,
            pipeline,
            whole_program,
            watch,
        } => {
            listen_to_llvm(&module, recorder);
            let stage = Stage {
                name: "run",
                pipeline,
                repair: llvm_shim::Repair::None,
                watch: *watch,
                functions: &[function],
                first: match *whole_program || function == pipeline::ALL {
                    true => &[],
                    false => &[function],
                },
                numbered: &[],
            };
            run(&module, function, &stage, recorder)
        }
        Task::Optimise { passes, bitcode } => {
            listen_to_llvm(&module, recorder);
            listen_to_ends(recorder);
            recorder.stage("run");
            llvm_shim::run(
                &module,
                target_machine(&module).as_ref(),
                llvm_shim::Pipeline::Text(passes),
                Some(pipeline::ENROLL),
                None,
            )
            .map_err(|error| {
                pipeline::refused(&error.to_string(), "run", &Pipeline::Text(passes.clone()))
            })?;
            if *bitcode {
                recorder.module(&llvm_shim::write_bitcode(&module));
            } else {
                recorder.module(module.print_to_string().to_bytes());
            }
            Ok(())
        }
    }
}

fn run(
    module: &Module<'_>,
    function: &str,
    stage: &Stage<'_>,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    let functions: Vec<FunctionValue<'_>> = if function == pipeline::ALL {
        let functions = module.get_functions();
        functions.filter(|f| f.count_basic_blocks() > 0).collect()
    } else {
        vec![find(module, function)?]
    };
    let mut printer = FunctionPrinter::new(module);
    let mut names = Vec::new();
    let mut shield = Shield::default();
    for watched in functions {
        let name = watched.get_name().to_string_lossy().into_owned();
        recorder.point(Point::Input, &mut printer, watched);
        if stage.pipeline != &Pipeline::None && function != pipeline::ALL {
            shield = Shield::raise(module, watched, stage.first.is_empty());
        }
        names.push(name);
    }
    pipeline::run(module, target_machine(module).as_ref(), stage, recorder)?;
    shield.tell(module, function, recorder);
    // A pass may have deleted one all the same; the step that did says so.
    let mut printer = FunctionPrinter::new(module);
    for name in names {
        if let Some(watched) = module.get_function(&name) {
            recorder.point(Point::Final, &mut printer, watched);
        }
    }
    Ok(())
}
