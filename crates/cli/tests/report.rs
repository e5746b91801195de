//! Pages: what they hold, that they make themselves again, and what a real browser makes of them.
//!
//! The browser is Debian's, driven by packages of npm's; `scripts/setup.sh test` installs both. Where they are not, the
//! tests that need them are reported as ignored.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;
use trace::{Named, PointText, Text, Trace, Unit, UnitKind};

fn main() {
    let arguments = Arguments::from_args();
    let browser = browser();
    let trials = vec![
        Trial::test("a_page_makes_itself_again", run(makes_itself_again)),
        Trial::test("a_redacted_page_makes_itself_again", run(redacted)),
        Trial::test("what_is_private_can_be_left_out", run(left_out)),
        Trial::test("names_are_text", run(names_are_text)),
        Trial::test("a_refusal_has_a_page", run(refusal)),
        Trial::test("a_saved_run_has_a_page", run(saved)),
        Trial::test("a_saved_run_can_be_redacted", run(redacted_trace)),
        Trial::test("what_is_no_page_is_told", run(no_page)),
        Trial::test("a_module_has_a_map", run(map)),
        Trial::test("snapshots_that_differ_have_pages", run(snapshots)),
        Trial::test("a_browser_shows_it", run(in_a_browser)).with_ignored_flag(browser.is_none()),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn run(test: fn()) -> impl FnOnce() -> Result<(), Failed> {
    move || {
        test();
        Ok(())
    }
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// The browser and the folder of its driver, where both are.
fn browser() -> Option<PathBuf> {
    let modules = root().join("target/browser");
    let chromium = std::env::var("IRAD_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let is_here = Path::new(&chromium).exists()
        && modules.join("node_modules/playwright-core").is_dir()
        && modules.join("node_modules/axe-core").is_dir()
        && Command::new("node").arg("--version").output().is_ok();
    is_here.then_some(modules)
}

fn irad(folder: &Path, arguments: &[&str]) -> Output {
    let mut irad = Command::new(env!("CARGO_BIN_EXE_irad"));
    irad.args(arguments)
        .current_dir(folder)
        .env("IRAD_CONFIG", "")
        .env("IRAD_CHECK_LIMIT", "60")
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env_remove("CI")
        .env_remove("INSTA_UPDATE")
        .env_remove("CLICOLOR_FORCE");
    irad.output().unwrap()
}

fn done(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// A page of a fixture's function, and all that its blocks hold.
fn page(folder: &Path, name: &str, arguments: &[&str]) -> (String, Output) {
    let out = folder.join(name);
    let mut all = vec!["report"];
    all.extend(arguments);
    all.extend(["-o", out.to_str().unwrap()]);
    let output = irad(&root(), &all);
    let page = fs::read_to_string(&out).unwrap_or_default();
    assert!(
        !page.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (page, output)
}

const LOSS: [&str; 5] = ["fixtures/model.ll", "--fn", "loss", "--mode", "reverse"];

/// One with debug info, whose source is here.
const PREDICT: [&str; 5] = [
    "fixtures/debuginfo.ll",
    "--fn",
    "predict",
    "--mode",
    "reverse",
];

/// What a page's blocks hold, by their names.
fn blocks(page: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for part in page
        .split("<script type=\"application/octet-stream\" id=\"")
        .skip(1)
    {
        let (id, rest) = part.split_once("\">").unwrap();
        let (data, _) = rest.split_once("</script>").unwrap();
        let bytes = report::pack::unpack(data, 1 << 30).unwrap();
        found.insert(id.to_owned(), String::from_utf8(bytes).unwrap());
    }
    assert!(found.len() > 3, "{:?}", found.keys());
    found
}

/// Takes out what a page carries, and runs its command there.
fn again(page: &Path) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let at = folder.path().join("again");
    let (page, out) = (page.to_str().unwrap(), at.to_str().unwrap());
    done(&irad(
        folder.path(),
        &["report", "--extract", page, "-o", out],
    ));
    let bin = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .arg(at.join("again.sh"))
        .env("PATH", path)
        .env("IRAD_CONFIG", "")
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    done(&output);
    let entries = fs::read_dir(&at)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut pages = entries.filter(|path| path.extension().is_some_and(|end| end == "html"));
    fs::read(pages.next().expect("the command writes a page")).unwrap()
}

fn makes_itself_again() {
    let folder = TempDir::new().unwrap();
    let more = [
        "--compare",
        "--mode forward",
        "--range",
        "y=-1..1",
        "--seed",
        "7",
    ];
    for (name, arguments) in [
        ("model.html", &LOSS[..]),
        ("both.html", &[&LOSS[..], &more].concat()),
        ("predict.html", &PREDICT),
    ] {
        let (page, output) = page(folder.path(), name, arguments);
        done(&output);
        // The bound for this model.
        assert!(page.len() < 1 << 20, "{} bytes", page.len());
        let lines = &blocks(&page)["data-lines"];
        assert!(lines.contains("fmul"), "{lines}");
        assert!(
            again(&folder.path().join(name)) == page.as_bytes(),
            "{name} is another one"
        );
    }
}

fn redacted() {
    let folder = TempDir::new().unwrap();
    let more = ["--redact-paths"];
    let (page, output) = page(folder.path(), "a.html", &[&LOSS[..], &more].concat());
    done(&output);
    assert!(again(&folder.path().join("a.html")) == page.as_bytes());
}

fn left_out() {
    let folder = TempDir::new().unwrap();
    // A function of debug info whose folder has a name, and a source that is there.
    let home = folder.path().join("home/ann");
    fs::create_dir_all(&home).unwrap();
    let secret = "#[no_mangle]\npub fn square(x: f64) -> f64 { /* tomato */ x * x }\n";
    fs::write(home.join("secret.rs"), secret).unwrap();
    let module = folder.path().join("square.ll");
    let text = fs::read_to_string(root().join("crates/cli/tests/report/square.ll")).unwrap();
    fs::write(&module, text.replace("FOLDER", home.to_str().unwrap())).unwrap();
    let of = |name: &str, more: &[&str]| {
        let module = module.to_str().unwrap();
        let arguments = [&[module, "--fn", "square", "--mode", "reverse"], more].concat();
        let (page, output) = page(folder.path(), name, &arguments);
        done(&output);
        let all: String = blocks(&page).into_values().collect();
        format!("{page}{all}")
    };
    let whole = of("whole.html", &[]);
    assert!(whole.contains("tomato") && whole.contains("home/ann"));
    assert!(!whole.contains("was left out"));
    let without = of("without.html", &["--no-source"]);
    assert!(!without.contains("tomato") && without.contains("The Rust source was left out"));
    let veiled = of("veiled.html", &["--redact-paths"]);
    assert!(
        veiled.contains("tomato") && !veiled.contains("/ann"),
        "{veiled}"
    );
    assert!(veiled.contains("made unreadable"));
}

const HOSTILE: [&str; 5] = [
    "crates/cli/tests/report/hostile.ll",
    "--fn",
    "</script><script>pwned=1</script>",
    "--mode",
    "reverse",
];

fn names_are_text() {
    let folder = TempDir::new().unwrap();
    let (page, _) = page(folder.path(), "a.html", &HOSTILE);
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(!page.contains("<img") && !page.contains("<b onclick"));
    assert!(!page.contains('\u{202e}') && !page.contains('\u{2066}') && !page.contains('\u{1b}'));
    let mut names = BTreeMap::new();
    for part in page.split(" id=\"").skip(1) {
        *names.entry(part.split('"').next().unwrap()).or_insert(0) += 1;
    }
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

fn refusal() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "fixtures/refused/chain.ll",
        "--fn",
        "loss",
        "--mode",
        "reverse",
    ];
    let (page, output) = page(folder.path(), "a.html", &arguments);
    assert_eq!(output.status.code(), Some(3));
    assert!(page.contains("The run ended early"), "{page}");
    assert!(blocks(&page)["data-run0"].contains("prepare/"));
}

fn saved() {
    let folder = TempDir::new().unwrap();
    let (page, output) = page(folder.path(), "a.html", &["talk/loss.trace"]);
    done(&output);
    assert!(page.contains("It was made of a saved run"));
    assert!(blocks(&page)["data-run0"].contains("\"primal\":[{"));
}

/// A run that was saved of a source in a folder whose name is nobody's business.
fn redacted_trace() {
    let folder = TempDir::new().unwrap();
    let private = folder.path().join("secret-place");
    fs::create_dir(&private).unwrap();
    let source = "pub fn half(x: f64) -> f64 { 0.5 * x * x }\n";
    fs::write(private.join("one.rs"), source).unwrap();
    let run = private.join("run.trace");
    let (source, run) = (private.join("one.rs"), run.to_str().unwrap());
    let source = source.to_str().unwrap();
    let saving = [
        "passes", source, "--fn", "half", "--mode", "reverse", "--save", run,
    ];
    done(&irad(&root(), &saving));
    let everything = |page: &str| page.to_owned() + &blocks(page).into_values().collect::<String>();
    let (plain, output) = page(folder.path(), "plain.html", &[run]);
    done(&output);
    assert!(everything(&plain).contains("secret-place"));
    let (veiled, output) = page(folder.path(), "veiled.html", &[run, "--redact-paths"]);
    done(&output);
    assert!(!everything(&veiled).contains("secret-place"));
    let output = irad(
        folder.path(),
        &["report", run, "--compare", "--mode forward", "-o", "a.html"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--compare runs the function"));
}

fn no_page() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.html"), "<p>").unwrap();
    let output = irad(
        folder.path(),
        &["report", "--extract", "a.html", "-o", "out"],
    );
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no page that irad report wrote"), "{said}");
    assert!(!folder.path().join("out").exists());
}

fn map() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("map.html");
    let arguments = [
        "survey",
        "fixtures/refused/chain.ll",
        "--mode",
        "reverse",
        "--report",
    ];
    done(&irad(
        &root(),
        &[&arguments[..], &[out.to_str().unwrap()]].concat(),
    ));
    let map = fs::read_to_string(out).unwrap();
    assert!(
        map.contains("chain::loss") && map.contains("refused: "),
        "{map}"
    );
    assert!(!map.contains("<script"));
}

fn snapshots() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let module = fs::read_to_string(root().join("fixtures/model.ll")).unwrap();
    fs::write(at.join("model.ll"), &module).unwrap();
    let entry = "[[entry]]\nname = \"loss\"\ninput = \"model.ll\"\nfunction = \"loss\"\nmode = \"reverse\"\n";
    fs::write(at.join("irad.toml"), entry).unwrap();
    done(&irad(at, &["snap", "record"]));
    assert!(module.contains("fsub"));
    fs::write(at.join("model.ll"), module.replace("fsub", "fadd")).unwrap();
    let output = irad(at, &["snap", "check", "--report", "pages"]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let index = fs::read_to_string(at.join("pages/index.html")).unwrap();
    assert!(
        index.contains("<a href=\"1-loss.html\">loss</a>"),
        "{index}"
    );
    assert!(
        index.contains("class=\"l del\"") && index.contains("class=\"l add\""),
        "{index}"
    );
    let page = fs::read_to_string(at.join("pages/1-loss.html")).unwrap();
    assert!(page.contains("irad report model.ll"));
}

/// A run of so many steps, each of which changes a line or two of a function of a hundred.
fn large(steps: usize) -> Trace {
    let saved = fs::read(root().join("talk/loss.trace")).unwrap();
    let mut trace = Trace::from_json(&saved).unwrap();
    trace.explained = None;
    trace.values = None;
    let input = trace.points.iter().find(|p| p.point == trace::Point::Input);
    let function = input.unwrap().function.clone();
    let body = |step: usize| {
        let mut text = format!("define double @{function}(double %x) {{\nstart:\n");
        for line in 0..100 {
            // Lines change in turn.
            let turn = (step + 99 - line) / 100;
            text.push_str(&format!("  %v{line} = fmul double %x, {turn}.0\n"));
        }
        text.push_str("  ret double %v0\n}\n");
        Text {
            body: text,
            metadata: Vec::new(),
        }
    };
    trace.texts = (0..=steps).map(body).collect();
    trace.points = vec![PointText {
        point: trace::Point::Input,
        function: function.clone(),
        text: 0,
    }];
    let first = trace.steps[0].clone();
    trace.steps = (1..=steps)
        .map(|text| {
            let mut step = first.clone();
            step.nth = u32::try_from(text).unwrap();
            step.unit = Unit {
                kind: UnitKind::Function,
                name: function.clone(),
                functions: vec![function.clone()],
            };
            step.changed = vec![Named {
                function: function.clone(),
                text,
            }];
            step
        })
        .collect();
    trace
}

fn in_a_browser() {
    let modules = browser().expect("else it is ignored");
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let mut pages = BTreeMap::new();
    let mut add = |name: &'static str, arguments: &[&str]| {
        let file = format!("{name}.html");
        let (page, _) = page(at, &file, arguments);
        pages.insert(name, at.join(file));
        page
    };
    add("model", &PREDICT);
    add(
        "compare",
        &[&PREDICT[..], &["--compare", "--mode forward"]].concat(),
    );
    add(
        "refused",
        &[
            "fixtures/refused/chain.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
        ],
    );
    add("hostile", &HOSTILE);
    add("wrong", &["talk/wrong.trace"]);
    fs::write(at.join("large.trace"), large(10_000).to_json()).unwrap();
    let page = add("large", &[at.join("large.trace").to_str().unwrap()]);
    println!(
        "note: a page of ten thousand steps has {} bytes",
        page.len()
    );
    assert!(page.len() < 10 << 20, "{} bytes", page.len());
    let list = at.join("pages.json");
    fs::write(&list, serde_json::to_vec(&pages).unwrap()).unwrap();
    let output = Command::new("node")
        .arg(root().join("crates/cli/tests/report/browser.cjs"))
        .args([&modules, &list])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{errors}");
    // None was left out.
    assert!(
        said.lines().filter(|line| line.starts_with("ok ")).count() >= 17,
        "{said}"
    );
    assert!(said.ends_with("done\n"), "{said}{errors}");
}
