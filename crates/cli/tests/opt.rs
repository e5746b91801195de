//! `irad opt` gives the very bytes that LLVM's `opt` gives with Enzyme's plugin loaded: each fixture is a test.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use libtest_mimic::{Arguments, Trial};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn llvm(program: &str) -> PathBuf {
    let output = Command::new("llvm-config-22")
        .arg("--bindir")
        .output()
        .unwrap();
    let dir = String::from_utf8(output.stdout).unwrap();
    Path::new(dir.trim()).join(program)
}

/// Enzyme as a plugin. The tests of a process share one.
fn plugin() -> &'static Path {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(linked_plugin)
}

/// The plugin is linked from the objects that the engine is linked from, once for each build of them.
fn linked_plugin() -> PathBuf {
    let archive = Path::new(enzyme_sys::LIB_DIR).join("libEnzymeStatic-22.a");
    let made = fs::metadata(&archive).unwrap().modified().unwrap();
    let made = made.duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plugin-{made}"));
    let plugin = folder.join("LLVMEnzyme-22.so");
    if plugin.is_file() {
        return plugin;
    }
    fs::create_dir_all(&folder).unwrap();
    // Another process may be at it, too.
    let own = folder.join(format!("{}.so", process::id()));
    let status = Command::new(llvm("clang++"))
        .args(["-shared", "-o"])
        .arg(&own)
        .arg("-Wl,--whole-archive")
        .arg(archive)
        .arg("-Wl,--no-whole-archive")
        .arg(format!("-L{}", llvm("../lib").display()))
        .arg("-lLLVM-22")
        .status()
        .unwrap();
    assert!(status.success());
    fs::rename(own, &plugin).unwrap();
    plugin
}

fn irad() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .arg("opt")
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"));
    command
}

fn bytes(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Modules with several requests to Enzyme. It orders some of its work by address, and opt's are others in
/// every run, so that opt gives one of several results itself.
const SEVERAL: [&str; 3] = ["autodiff_global.ll", "autodiff_metadata.ll", "nightly.ll"];

fn comes_out_byte_for_byte(name: &str) {
    let plugin = plugin();
    let file = format!("fixtures/{name}");
    let mut pipelines = vec!["default<O2>", "function(sroa,early-cse),module(globaldce)"];
    if SEVERAL.contains(&name) {
        pipelines.push("default<O2>,enzyme,default<O2>");
        pipelines.push("enzyme");
    }
    for pipeline in pipelines {
        for text in [true, false] {
            let passes = format!("-passes={pipeline}");
            let mut peer = Command::new(llvm("opt"));
            peer.arg(format!("-load-pass-plugin={}", plugin.display()))
                .args([&passes, &file])
                .current_dir(root());
            let mut ours = irad();
            ours.args([&file, "--passes", pipeline]);
            if text {
                peer.arg("-S");
                ours.arg("-S");
            }
            let ours = bytes(&mut ours);
            assert!(ours.len() > 100, "{file} through {pipeline} is empty");
            let theirs = bytes(&mut peer);
            if ours == theirs {
                continue;
            }
            assert!(
                pipeline.contains("enzyme"),
                "{file} through {pipeline} (text: {text}) differs from opt's"
            );
            // That is no difference of irad's only if opt differs from itself, and has this result, too.
            let others: Vec<Vec<u8>> = (0..63).map(|_| bytes(&mut peer)).collect();
            assert!(
                others.iter().any(|other| *other != theirs) && others.contains(&ours),
                "{file} through {pipeline} (text: {text}) is none of opt's results"
            );
        }
    }
}

fn main() -> ExitCode {
    let mut names: Vec<String> = fs::read_dir(root().join("fixtures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ll") || name.ends_with(".bc"))
        .collect();
    names.sort();
    assert!(names.len() > 30, "{names:?}");
    assert!(
        SEVERAL
            .iter()
            .all(|name| names.iter().any(|known| known == name))
    );
    let mut trials: Vec<Trial> = names
        .into_iter()
        .map(|name| {
            Trial::test(format!("byte_for_byte::{name}"), move || {
                comes_out_byte_for_byte(&name);
                Ok(())
            })
        })
        .collect();
    let others: [(&str, fn()); 6] = [
        (
            "what_passes_print_is_what_opt_prints",
            what_passes_print_is_what_opt_prints,
        ),
        (
            "a_case_runs_with_the_options_of_its_refusal",
            a_case_runs_with_the_options_of_its_refusal,
        ),
        (
            "options_files_and_standard_input",
            options_files_and_standard_input,
        ),
        (
            "what_llvm_does_not_know_is_bad_usage",
            what_llvm_does_not_know_is_bad_usage,
        ),
        (
            "a_reduced_case_fails_without_irad",
            a_reduced_case_fails_without_irad,
        ),
        (
            "without_llvm_reduce_the_case_is_whole_and_says_so",
            without_llvm_reduce_the_case_is_whole_and_says_so,
        ),
    ];
    trials.extend(others.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn options_files_and_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let plugin = plugin();
    let ir = fs::read(root().join("fixtures/autodiff_global.ll")).unwrap();
    let through = |command: &mut Command| {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&ir).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout
    };
    let peer = through(
        Command::new(llvm("opt"))
            .arg(format!("-load={}", plugin.display()))
            .arg(format!("-load-pass-plugin={}", plugin.display()))
            .args(["-passes=enzyme", "-enzyme-preopt=false", "-S"]),
    );
    let ours = through(irad().args([
        "-",
        "--passes",
        "enzyme",
        "-S",
        "--llvm-arg=-enzyme-preopt=false",
    ]));
    assert!(peer == ours);
    let default = through(irad().args(["-", "--passes", "enzyme", "-S"]));
    assert!(default != ours, "the option had no effect");

    let out = dir.path().join("out.ll");
    let written = irad()
        .args(["fixtures/dot.ll", "--passes", "instcombine", "-S", "-o"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(written.status.success() && written.stdout.is_empty());
    assert!(
        fs::read_to_string(&out)
            .unwrap()
            .starts_with("; ModuleID = 'fixtures/dot.ll'")
    );
}

/// LLVM and Enzyme print on both standard streams, and neither is the engine's channel.
fn what_passes_print_is_what_opt_prints() {
    let plugin = plugin();
    let text = fs::read_to_string(root().join("fixtures/model.ll")).unwrap();
    let start = text.find("@_ZN5model4loss").unwrap() + 1;
    let symbol = text[start..].split('(').next().unwrap();
    let options = [
        format!("-type-analysis-func={symbol}"),
        format!("-activity-analysis-func={symbol}"),
    ];
    for pipeline in [
        "print-type-analysis",
        "print-activity-analysis",
        "print<domtree>,function(instcombine),print<loops>",
    ] {
        let mut peer = Command::new(llvm("opt"));
        peer.arg(format!("-load={}", plugin.display()))
            .arg(format!("-load-pass-plugin={}", plugin.display()))
            .arg(format!("-passes={pipeline}"))
            .args(&options)
            .args(["fixtures/model.ll", "-S"])
            .current_dir(root());
        let mut ours = irad();
        ours.args(["fixtures/model.ll", "--passes", pipeline, "-S"])
            .args(options.iter().map(|option| format!("--llvm-arg={option}")));
        let (peer, ours) = (peer.output().unwrap(), ours.output().unwrap());
        assert!(peer.status.success() && ours.status.success(), "{pipeline}");
        assert!(peer.stdout.len() > text.len() / 4, "{pipeline}");
        assert!(peer.stdout == ours.stdout, "{pipeline}: standard output");
        assert!(peer.stderr == ours.stderr, "{pipeline}: standard error");
    }
    // Elsewhere it is a remark, where it was said.
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args([
            "diff",
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
        ])
        .args(["--prepare", "print<domtree>", "--remarks", "--json"])
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let remarks = document["remarks"].as_array().unwrap();
    let printed = remarks.iter().find(|remark| {
        let message = remark["message"].as_str().unwrap();
        message.starts_with("DominatorTree for function: ")
    });
    assert_eq!(printed.unwrap()["stage"], "prepare");
}

/// What `--prepare rustc` sets of Enzyme's options, the reduction and its command set, too.
fn a_case_runs_with_the_options_of_its_refusal() {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case.ll");
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["reduce", "fixtures/refused/external.ll", "--fn", "surface"])
        .args([
            "--mode",
            "reverse",
            "--prepare",
            "rustc",
            "--loose-types",
            "-o",
        ])
        .arg(&case)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("LLVM_REDUCE", "/nowhere/llvm-reduce")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = fs::read_to_string(&case).unwrap();
    let command = text.lines().next().unwrap();
    for option in [
        "-enzyme-strict-aliasing=false",
        "-enzyme-rust-type=true",
        "-enzyme-loose-types=true",
    ] {
        assert!(command.contains(option), "{command}");
    }
}

fn what_llvm_does_not_know_is_bad_usage() {
    for arguments in [
        ["fixtures/dot.ll", "--passes", "instcombin", "-S"],
        [
            "fixtures/dot.ll",
            "--passes",
            "enzyme",
            "--llvm-arg=-no-such-option",
        ],
    ] {
        let output = irad().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

/// A case that irad reduced fails in the same words where nothing of irad takes part.
fn a_reduced_case_fails_without_irad() {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case.ll");
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["reduce", "fixtures/refused/external.ll", "--fn", "surface"])
        .args(["--mode", "reverse", "--json", "-o"])
        .arg(&case)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("TMPDIR", dir.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["reduced"], true);
    let words = document["fails_with"].as_str().unwrap();
    assert_eq!(words, "No augmented forward pass found for lookup");
    // Nothing is left but the case.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    let plugin = plugin();
    let output = Command::new(llvm("opt"))
        .arg(format!("-load-pass-plugin={}", plugin.display()))
        .args(["-passes=enzyme", "-disable-output"])
        .arg(&case)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains(words), "{said}");
}

fn without_llvm_reduce_the_case_is_whole_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let case = dir.path().join("case.ll");
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["reduce", "fixtures/refused/chain.ll", "--fn", "loss"])
        .args(["--mode", "reverse", "-o"])
        .arg(&case)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("LLVM_REDUCE", "/nowhere/llvm-reduce")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("llvm-reduce was not found"), "{errors}");
    assert!(fs::read_to_string(&case).unwrap().contains("@irad_case("));
}
