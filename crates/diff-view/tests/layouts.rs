//! How pairs of hand-written functions are aligned and laid out.
//!
//! Each file in `pairs/` says what it is about, how it is to be laid out, and what the two texts are. The
//! golden beside it shows every row behind the lines that it stands for, with carets under changed words.

use std::fs;
use std::path::Path;

use diff_view::{
    AnsiPaint, Detail, Diff, Paint, Row, Show, Theme, diff, hunks,
    layout::{Options, patch, split, unified},
};
use unicode_width::UnicodeWidthStr;

macro_rules! pairs {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn every_pair_has_a_test() {
            let named = [$(stringify!($name)),*];
            for entry in fs::read_dir(folder()).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap();
                assert!(named.contains(&name), "{name} is in no test");
            }
        }
    };
}

pairs! {
    added_parameter
    attributes_only
    colours
    context
    control_characters
    empty_functions
    equal
    folds
    from_nothing
    inlined_block
    long_lines
    long_names
    metadata_only
    metadata_renumbered
    moved_and_changed_block
    moved_block
    other_names
    patch_of_numbers
    quoted_names
    removed_block
    renumbering
    reordered_phi
    swapped_operands
    switch
    wide_characters
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pairs"))
}

/// Lays a pair out in each way that its file asks for, and compares it with the golden beside it.
fn check(name: &str) {
    let file = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    let (head, texts) = file.split_once(";; before\n").unwrap();
    let (before, after) = texts.split_once(";; after\n").unwrap();
    let diff = diff(before, after, None);
    let counts = diff.counts();
    let mut out = format!(
        "+{} -{}: {} real, {} attributes, {} metadata, {} moved, {} renaming\n",
        counts.added,
        counts.removed,
        counts.real,
        counts.attributes,
        counts.metadata,
        counts.moved,
        counts.renaming
    );
    for words in head
        .lines()
        .filter_map(|line| line.strip_prefix(";; view: "))
    {
        out.push_str(&format!("\n== {words}\n"));
        View::of(words).show(&diff, &mut out);
    }
    insta::with_settings!({
        snapshot_path => folder(),
        prepend_module_to_snapshot => false,
        description => head.lines().take_while(|line| !line.starts_with(";;")).map(|line| &line[2..]).collect::<Vec<_>>().join(" "),
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, out);
    });
}

/// One way to lay a pair out.
struct View {
    width: usize,
    context: usize,
    show: Show,
    detail: Detail,
    is_split: bool,
    is_patch: bool,
    /// For a terminal, in a theme's colours.
    ansi: Option<Theme>,
}

impl View {
    fn of(words: &str) -> Self {
        let mut view = View {
            width: 80,
            context: 3,
            show: Show::All,
            detail: Detail::ALL,
            is_split: false,
            is_patch: false,
            ansi: None,
        };
        for word in words.split(' ') {
            match word.split_once('=') {
                Some(("context", lines)) => view.context = lines.parse().unwrap(),
                Some(("theme", name)) => view.ansi = Some(Theme::named(name).unwrap()),
                _ => match word {
                    "unified" => {}
                    "split" => view.is_split = true,
                    "patch" => view.is_patch = true,
                    "ansi" => view.ansi = Some(Theme::ansi()),
                    "real" => view.show = Show::Real,
                    "code" => view.detail = Detail::CODE,
                    "renaming" => view.show = Show::Renaming,
                    columns => view.width = columns.parse().unwrap(),
                },
            }
        }
        view
    }

    fn rows(&self, diff: &Diff) -> Vec<Row> {
        let found = hunks(diff, self.context, self.show, self.detail);
        let options = Options {
            width: self.width,
            rename: &|_| None,
            show: self.show,
            detail: self.detail,
            source: None,
        };
        match (self.is_patch, self.is_split) {
            (true, _) => patch(diff, "f", self.context),
            (_, true) => split(diff, &found, &options),
            _ => unified(diff, &found, &options),
        }
    }

    fn show(&self, diff: &Diff, out: &mut String) {
        let rows = self.rows(diff);
        if let Some(theme) = &self.ansi {
            let mut paint = AnsiPaint::new(theme.clone());
            paint.rows(rows);
            out.push_str(&paint.out.replace('\u{1b}', "\\e"));
            return;
        }
        for row in rows {
            let line = |side: Option<usize>| side.map_or(String::new(), |at| (at + 1).to_string());
            let lines = format!("{:>3} {:>3} |", line(row.before), line(row.after));
            out.push_str(&format!("{lines}{}\n", row.text()));
            let carets: String = row
                .pieces()
                .map(|(text, span)| {
                    let mark = if span.style.emphasis { "^" } else { " " };
                    mark.repeat(text.width())
                })
                .collect();
            if carets.contains('^') {
                out.push_str(&format!("        |{}\n", carets.trim_end()));
            }
            let is_wide = !self.is_patch
                && row.text().width() > self.width
                && row.before.or(row.after).is_some();
            assert!(!is_wide, "wider than {}: {}", self.width, row.text());
        }
    }
}
