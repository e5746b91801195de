//! Layouts at the widths of terminals.

use unicode_width::UnicodeWidthStr;

use crate::run::{check, irad, stdout, transcript};

fn diff(arguments: &[&str]) -> String {
    let base = [
        "diff",
        "fixtures/branch.ll",
        "--fn",
        "huber",
        "--mode",
        "reverse",
    ];
    stdout(&irad(&[&base, arguments].concat()).output().unwrap())
}

#[test]
fn both_layouts_at_three_widths() {
    for layout in ["unified", "split"] {
        for columns in ["60", "80", "160"] {
            let text = diff(&["--layout", layout, "--columns", columns]);
            for line in text.lines() {
                assert!(line.width() <= columns.parse().unwrap(), "{line}");
            }
            check(&format!("layout_{layout}_{columns}"), &text);
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (file, function) in [
        ("model", "loss"),
        ("softmax", "cross_entropy"),
        ("mangled_v0", "area"),
    ] {
        for layout in ["unified", "split"] {
            let path = format!("fixtures/{file}.ll");
            let output = irad(&[
                "diff",
                &path,
                "--fn",
                function,
                "--mode",
                "reverse",
                "--columns",
                "60",
                "--layout",
                layout,
            ])
            .output()
            .unwrap();
            let text = stdout(&output);
            assert!(text.contains("@@"), "{path}: {text}");
            for line in text.lines() {
                assert!(line.width() <= 60, "{line}");
            }
        }
    }
}

#[test]
fn auto_splits_where_there_is_room() {
    assert!(diff(&["--columns", "160"]).contains(" │ "));
    assert!(!diff(&["--columns", "100"]).contains(" │ "));
}

#[test]
fn colour_comes_and_goes_and_carries_nothing_alone() {
    let plain = diff(&["--columns", "80", "--color", "never"]);
    assert!(plain.contains("@@") && !plain.contains('\u{1b}'));
    for theme in ["ansi", "Dracula", "GitHub"] {
        let coloured = diff(&["--columns", "80", "--color", "always", "--theme", theme]);
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(without_escapes(&coloured), plain, "{theme}");
    }
}

/// Drops escape codes, and the trailing space that plain output does not have.
fn without_escapes(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut kept = String::new();
        let mut rest = line;
        while let Some(at) = rest.find('\u{1b}') {
            kept.push_str(&rest[..at]);
            let end = rest[at..].find(['m', 'K']).unwrap();
            rest = &rest[at + end + 1..];
        }
        kept.push_str(rest);
        out.push_str(kept.trim_end_matches(' '));
        out.push('\n');
    }
    out
}

#[test]
fn rust_lines_stand_above_what_they_became() {
    for (command, end) in [
        ("show", &[][..]),
        ("diff", &["--context", "1"]),
        ("explain", &["--no-check"]),
    ] {
        let common = [
            command,
            "fixtures/debuginfo.ll",
            "loss",
            "--source",
            "--columns",
            "100",
        ];
        let text = transcript(&[&common, end].concat());
        assert!(text.contains(" | "), "{text}");
        check(&format!("source_{command}"), &text);
    }
}

#[test]
fn real_differences_alone() {
    check(
        "show_real",
        &diff(&["--show", "real", "--columns", "100", "--context", "0"]),
    );
}
