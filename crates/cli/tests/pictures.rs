//! Views as pictures and fragments of HTML say what text says, and nothing of the input leaves its place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn told(program: &mut Command) -> Output {
    program
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("IRAD_CHECK_LIMIT", "60")
        .env("IRAD_CONFIG", "");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        program.env_remove(name);
    }
    program.output().unwrap()
}

fn irad(arguments: &[&str]) -> Output {
    told(Command::new(env!("CARGO_BIN_EXE_irad")).args(arguments))
}

/// What irad prints in a form, and the exit code.
fn printed(arguments: &[&str], form: &str) -> (String, i32) {
    let mut all = arguments.to_vec();
    all.extend(["--columns", "100", "--format", form]);
    let output = irad(&all);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.stdout.is_empty(), "{all:?}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code().unwrap())
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
    ];
    let text = pairs
        .into_iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

/// The text between tags, of which only these may be there.
fn text_of(markup: &str, tags: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find('>').unwrap();
        let tag = rest[at + 1..end].trim_start_matches('/');
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(tags.contains(&name), "<{tag}>");
        for attribute in tag.split('"').step_by(2) {
            assert!(!attribute.contains(" on"), "<{tag}>");
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    unescaped(&out)
}

/// The lines of a picture. One with a background stands there twice, first as blocks that are filled with it.
fn lines_of_svg(svg: &str) -> Vec<String> {
    let mut lines: Vec<(&str, String)> = Vec::new();
    let (_, body) = svg.split_once("<text ").unwrap();
    for line in body
        .lines()
        .filter(|line| line.starts_with("    <tspan x="))
    {
        let y = line.split('"').nth(3).unwrap();
        let inner = &line[line.find("px\">").unwrap() + 4..];
        let text = text_of(inner, &["tspan"]).trim_end().to_owned();
        match lines.last_mut() {
            Some((last, kept)) if *last == y => *kept = text,
            _ => lines.push((y, text)),
        }
    }
    lines.into_iter().map(|(_, text)| text).collect()
}

fn trimmed(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The lines; of a timeline its words without the times, which also decide where a line ends.
fn timeless(lines: Vec<String>) -> Vec<String> {
    let is_unit = |word: &str| matches!(word, "µs" | "ms" | "s");
    let mut words: Vec<&str> = Vec::new();
    let mut times = 0;
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        match word {
            word if is_unit(word) => {
                words.pop();
                times += 1;
            }
            "·" => {}
            word => words.push(word),
        }
    }
    match times {
        0 => lines,
        _ => words.into_iter().map(str::to_owned).collect(),
    }
}

/// A picture and a fragment have the lines of the text, and nothing else.
fn same(arguments: &[&str]) {
    let (text, code) = printed(arguments, "text");
    let (svg, of_svg) = printed(arguments, "svg");
    let (html, of_html) = printed(arguments, "html");
    assert_eq!((of_svg, of_html), (code, code));
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""));
    assert!(svg.ends_with("</svg>\n") && svg.matches("</svg>").count() == 1);
    assert!(html.starts_with("<pre style=\"") && html.ends_with("</pre>\n"));
    let (_, body) = svg.split_once("</style>").unwrap();
    text_of(body, &["rect", "text", "tspan", "svg"]);
    for made in [&svg, &html] {
        let is_bad = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!made.contains(is_bad), "{made}");
    }
    let expected = timeless(trimmed(&text));
    let of_html = timeless(trimmed(&text_of(&html, &["pre", "span"])));
    assert_eq!(of_html, expected);
    let of_svg = timeless(trimmed(&lines_of_svg(&svg).join("\n")));
    assert_eq!(of_svg, expected);
}

macro_rules! views {
    ($($name:ident => $arguments:expr,)+) => {
        $(
            #[test]
            fn $name() {
                same(&$arguments);
            }
        )+
    };
}

const HOSTILE: &str = "crates/cli/tests/report/hostile.ll";
const NAME: &str = "</script><script>pwned=1</script>";

views! {
    a_difference => ["diff", "fixtures/model.ll", "loss"],
    a_difference_in_two_columns => ["diff", "fixtures/neuron.ll", "loss", "--layout", "split"],
    a_timeline => ["passes", "fixtures/neuron.ll", "loss"],
    a_step => ["passes", "fixtures/neuron.ll", "loss", "--step", "cleanup/sroa"],
    all_steps => ["passes", "fixtures/neuron.ll", "loss", "--all"],
    who_made_what => ["passes", "fixtures/neuron.ll", "loss", "--blame"],
    where_two_part => ["passes", "fixtures/neuron.ll", "loss", "--passes", "sroa", "--vs", "mem2reg"],
    two_that_never_part => ["passes", "fixtures/neuron.ll", "loss", "--passes", "sroa", "--vs", "sroa"],
    an_explanation => ["explain", "fixtures/newton.ll", "square_root"],
    pairs => ["explain", "fixtures/neuron.ll", "loss", "--pairs", "--source"],
    numbers => ["explain", "fixtures/neuron.ll", "loss", "--values"],
    a_check => ["check", "fixtures/model.ll", "loss"],
    a_check_that_fails => [
        "check", "fixtures/numeric/stencils.ll", "from_next", "--mode", "reverse", "--faithful"
    ],
    hostile_names_in_a_difference => ["diff", HOSTILE, "--fn", NAME, "--mode", "reverse"],
    hostile_names_in_a_timeline => ["passes", HOSTILE, "--fn", NAME, "--mode", "reverse"],
    hostile_names_in_steps => ["passes", HOSTILE, "--fn", NAME, "--mode", "reverse", "--all"],
    hostile_names_in_pairs => ["explain", HOSTILE, "--fn", NAME, "--mode", "reverse", "--pairs"],
    hostile_names_in_an_explanation => ["explain", HOSTILE, "--fn", NAME, "--mode", "reverse"],
    hostile_names_in_a_check => ["check", HOSTILE, "--fn", NAME, "--mode", "reverse"],
}

/// The hostile names are there, spelled out.
#[test]
fn hostile_names_can_be_read() {
    let (html, _) = printed(
        &["diff", HOSTILE, "--fn", NAME, "--mode", "reverse"],
        "html",
    );
    assert!(
        html.contains("&lt;script&gt;pwned=1&lt;/script&gt;"),
        "{html}"
    );
}

/// A theme is a choice of the user's, and nothing of the terminal or the environment decides.
#[test]
fn light_and_dark() {
    let drawn = |more: &[&str]| {
        let mut arguments = vec![
            "explain",
            "fixtures/neuron.ll",
            "loss",
            "--no-check",
            "--pairs",
        ];
        arguments.extend(["--format", "svg"]);
        arguments.extend(more);
        String::from_utf8(irad(&arguments).stdout).unwrap()
    };
    let light = drawn(&["--theme", "light"]);
    let dark = drawn(&["--theme", "dark"]);
    assert!(light.contains(".bg { fill: #FFFFFF }"), "{light}");
    assert!(dark.contains(".bg { fill: #222222 }"), "{dark}");
    assert_eq!(drawn(&[]), light);
    assert_eq!(drawn(&["--color", "never"]), light);
    assert_ne!(drawn(&["--theme", "Nord"]), light);
    let output = irad(&[
        "check",
        "fixtures/neuron.ll",
        "loss",
        "--format",
        "svg",
        "--theme",
        "no such",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no theme no such"));
}

/// The README's pictures are what irad draws now, and fit where they are shown.
#[test]
fn the_pictures_of_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    let output = told(
        Command::new(root().join("scripts/pictures.sh"))
            .arg(folder.path())
            .env("IRAD", env!("CARGO_BIN_EXE_irad")),
    );
    assert!(output.status.success(), "{output:?}");
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let made = entry.unwrap();
        let name = made.file_name().into_string().unwrap();
        let kept = root().join("docs/pictures").join(&name);
        let made = std::fs::read_to_string(made.path()).unwrap();
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            std::fs::write(&kept, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&kept).unwrap();
        assert!(
            made == kept,
            "docs/pictures/{name} is out of date: make pictures"
        );
        assert!(readme.contains(&format!("docs/pictures/{name}")), "{name}");
        let lines = lines_of_svg(&made);
        assert!((12..=24).contains(&lines.len()), "{lines:?}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{lines:?}"
        );
        // The source, its gradient, a pair, a verdict.
        for part in [
            "let error = (w * x).tanh() - y;",
            "checked      right at",
            "adjoint",
            "fmul double %w, %x",
        ] {
            assert!(
                lines.iter().any(|line| line.contains(part)),
                "{part}: {lines:?}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 2);
}
