//! Damaged input is an error in order, whatever the damage: an exit code of the contract, within the
//! time limit, without a panic, without pages of noise, and without a process left behind.
//!
//! Every fixture, as text and as bitcode, is cut off at 200 places, and 500 times a few of its bytes
//! are flipped; `irad list` and `irad diff` read each of these. That is some 170 000 runs, and takes
//! an hour: the default run takes every 401st of them, which is at least three of every fixture and
//! form. `IRAD_ROBUST=all` (`make robust`) takes all, `IRAD_ROBUST=20` every twentieth, and
//! `IRAD_ROBUST_ONLY='list fixtures/dot.ll'` those whose name begins so.
//!
//! What the damage is follows from the file's name and a number, so a run can be repeated.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ir_load::Index;

/// One run in so many is taken if nothing else is said. A prime, so that every kind of damage is met.
const SHARE: usize = 401;
const CUTS: usize = 200;
const FLIPS: usize = 500;
/// What each engine is given, in seconds; and what irad may take on top of it.
const LIMIT: u64 = 10;
const GRACE: u64 = 5;
/// A message quotes a line or two of the input, and the longest lines of the fixtures have 2 KiB.
const MAX_STDERR: usize = 16 * 1024;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A fixture in one of its forms.
struct Input {
    name: String,
    bytes: Vec<u8>,
    function: String,
}

/// One run of irad.
struct Job<'a> {
    input: &'a Input,
    command: &'static str,
    damage: usize,
}

impl Job<'_> {
    fn name(&self) -> String {
        let (kind, number) = match self.damage.checked_sub(CUTS) {
            None => ("cut", self.damage),
            Some(number) => ("flip", number),
        };
        format!("{} {} {kind} {number}", self.command, self.input.name)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.input.bytes.clone();
        if self.damage < CUTS {
            bytes.truncate(bytes.len() * self.damage / CUTS);
            return bytes;
        }
        // FNV-1a of the name, then SplitMix64.
        let seed = self
            .input
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut state = seed ^ (self.damage as u64) << 40;
        let mut next = |below: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ mixed >> 31) % below as u64) as usize
        };
        for _ in 0..1 + next(8) {
            if !bytes.is_empty() {
                let at = next(bytes.len());
                bytes[at] ^= 1 + next(255) as u8;
            }
        }
        bytes
    }
}

fn irad() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .current_dir(root())
        .stdin(Stdio::null())
        .env("NO_COLOR", "1");
    command
}

fn inputs() -> Vec<Input> {
    let mut folders = vec![root().join("fixtures")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // Those are many, and of the same shapes as the others.
            if path.is_dir() && !path.ends_with("numeric") {
                folders.push(path);
            } else if ["ll", "bc", "txt"]
                .iter()
                .any(|end| path.extension() == Some(end.as_ref()))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut inputs = Vec::new();
    for file in files {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let bytes = fs::read(&file).unwrap();
        let opt = |more: &[&str]| {
            let output = irad()
                .args(["opt", &name, "--passes", "verify"])
                .args(more)
                .output();
            output
                .ok()
                .filter(|output| output.status.success())
                .map(|output| output.stdout)
        };
        let is_text = !name.ends_with(".bc");
        let text = if is_text {
            Some(bytes.clone())
        } else {
            opt(&["-S"])
        };
        let function = largest(&text.unwrap_or_default());
        let bitcode = if is_text { opt(&[]) } else { None };
        inputs.push(Input {
            name: name.clone(),
            bytes,
            function: function.clone(),
        });
        // What LLVM cannot read has no bitcode.
        if let Some(bytes) = bitcode {
            inputs.push(Input {
                name: format!("{name} as bitcode"),
                bytes,
                function,
            });
        }
    }
    inputs
}

/// The symbol of the largest function that is not the standard library's.
fn largest(text: &[u8]) -> String {
    let index = Index::of(text);
    let own = |path: &str| {
        !["core::", "alloc::", "std::", "<"]
            .iter()
            .any(|s| path.starts_with(s))
    };
    index
        .functions()
        .iter()
        .filter(|function| function.is_defined)
        .max_by_key(|function| (own(&function.path), function.span.len()))
        .map_or_else(|| "f".to_owned(), |function| function.symbol.clone())
}

/// Where one worker's runs take place. Its engine is a copy, so that its processes can be told.
struct Place {
    folder: tempfile::TempDir,
    engine: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = folder.path().join("irad-engine");
        fs::copy(env!("CARGO_BIN_EXE_irad-engine-22"), &engine).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Place { folder, engine }
    }

    /// Runs a job; the exit code, and what is wrong with the run.
    fn run(&self, job: &Job<'_>) -> (Option<i32>, Vec<String>) {
        let file = self.folder.path().join("input");
        let errors = self.folder.path().join("errors");
        fs::write(&file, job.bytes()).unwrap();
        let mut command = irad();
        command
            .arg(job.command)
            .arg(&file)
            .args(["--timeout", &LIMIT.to_string()]);
        if job.command == "diff" {
            command.args(["--mode", "reverse", "--fn", &job.input.function]);
        }
        let started = Instant::now();
        let mut child = command
            .env("IRAD_ENGINE", &self.engine)
            .env("TMPDIR", self.folder.path().join("tmp"))
            .stdout(Stdio::null())
            .stderr(File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        let deadline = started + Duration::from_secs(LIMIT + GRACE);
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if Instant::now() > deadline => break None,
                None => thread::sleep(Duration::from_micros(500)),
            }
        };
        if status.is_none() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let code = status.as_ref().and_then(ExitStatus::code);
        let errors = fs::read(&errors).unwrap();
        let mut wrong = Vec::new();
        match (status, code) {
            (None, _) => wrong.push(format!("did not end within {} seconds", LIMIT + GRACE)),
            // There is no code 1 without --exit-code.
            (_, Some(0 | 2 | 3 | 4)) => {}
            (Some(status), _) => wrong.push(status.to_string()),
        }
        if errors.len() > MAX_STDERR {
            wrong.push(format!("{} bytes on standard error", errors.len()));
        }
        let errors = String::from_utf8_lossy(&errors);
        if errors.contains("panicked at") {
            wrong.push(errors.lines().take(3).collect::<Vec<_>>().join(" / "));
        }
        if !matches!(code, None | Some(0)) && !errors.contains("error: ") {
            wrong.push(format!("code {code:?} without a word"));
        }
        if !self.is_clean() {
            wrong.push("left an engine or a file behind".to_owned());
        }
        (code, wrong)
    }

    fn is_clean(&self) -> bool {
        // The kernel may need a moment to end what it was told to end.
        let patience = Instant::now() + Duration::from_secs(2);
        let runs = || {
            fs::read_dir("/proc").unwrap().flatten().any(|process| {
                fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == self.engine)
            })
        };
        while runs() {
            if Instant::now() > patience {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        fs::read_dir(self.folder.path().join("tmp"))
            .unwrap()
            .next()
            .is_none()
    }
}

#[test]
fn damaged_input_is_an_error_in_order() {
    let share = match env::var("IRAD_ROBUST") {
        Ok(all) if all == "all" => 1,
        Ok(share) => share
            .parse()
            .expect("IRAD_ROBUST is `all`, or one in how many"),
        Err(_) => SHARE,
    };
    let only = env::var("IRAD_ROBUST_ONLY").unwrap_or_default();
    let inputs = inputs();
    assert!(inputs.len() > 100, "{} inputs", inputs.len());
    let jobs: Vec<Job<'_>> = inputs
        .iter()
        .flat_map(|input| ["list", "diff"].map(|command| (input, command)))
        .flat_map(|(input, command)| {
            (0..CUTS + FLIPS).map(move |damage| Job {
                input,
                command,
                damage,
            })
        })
        .filter(|job| job.name().starts_with(&only))
        .step_by(share)
        .collect();

    let next = AtomicUsize::new(0);
    let codes = Mutex::new(BTreeMap::<String, usize>::new());
    let found = Mutex::new(Vec::new());
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("robust");
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let place = Place::new();
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (code, wrong) = place.run(job);
                    let code = code.map_or("none".to_owned(), |code| code.to_string());
                    *codes
                        .lock()
                        .unwrap()
                        .entry(format!("{} {code}", job.command))
                        .or_default() += 1;
                    if !wrong.is_empty() {
                        fs::create_dir_all(&kept).unwrap();
                        let file = kept.join(job.name().replace(['/', ' '], "-"));
                        fs::write(&file, job.bytes()).unwrap();
                        let line = format!(
                            "{} (--fn {}; kept as {}): {}",
                            job.name(),
                            job.input.function,
                            file.display(),
                            wrong.join("; ")
                        );
                        eprintln!("{line}");
                        found.lock().unwrap().push(line);
                    }
                }
            });
        }
    });
    println!(
        "{} runs in {:?}; exit codes: {:?}",
        jobs.len(),
        started.elapsed(),
        codes.lock().unwrap()
    );
    // Both commands read some of it, and refused some of it.
    if only.is_empty() {
        let codes = codes.lock().unwrap();
        for ending in ["list 0", "list 2", "diff 0", "diff 2"] {
            assert!(codes.contains_key(ending), "{ending} is none of {codes:?}");
        }
    }
    let found = found.into_inner().unwrap();
    assert!(
        found.is_empty(),
        "{} runs went wrong:\n{}",
        found.len(),
        found.join("\n")
    );
}
