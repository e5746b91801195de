//! A page for each entry that differs, with an index.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use diff_view::RowPaint;
use report::{Group, Map, MapTone, Place, map_html};
use session::ad_flags;
use snapshots::entry::Input;
use snapshots::update::{Row, Standing};

use super::paint::paint;
use crate::failure::Failure;
use crate::output::{Canvas, printable, write_file};

/// Columns that a difference is laid out for.
const WIDTH: usize = 100_000;

/// Writes `index.html` into a folder, and beside it a page for each entry of a file that differs.
pub fn write(rows: &[Row<'_>], folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::usage(
            "write",
            format!("cannot make {}: {error}", folder.display()),
        )
    })?;
    let group = |tone, words: &str| Group {
        tone,
        words: words.to_owned(),
        functions: Vec::new(),
    };
    let mut failed = group(MapTone::Wrong, "failed");
    let mut changed = group(MapTone::Doubtful, "changed");
    let mut new = group(MapTone::Refused, "new");
    let mut same = group(MapTone::Right, "as accepted");
    for (at, row) in rows.iter().enumerate() {
        let of = match row.standing {
            Standing::Failed => &mut failed,
            Standing::Changed | Standing::Updated => &mut changed,
            Standing::New | Standing::Recorded => &mut new,
            Standing::Same => &mut same,
        };
        let differs = row.standing != Standing::Same;
        of.functions.push(Place {
            name: printable(&row.entry.name).into_owned(),
            words: words(row),
            page: match differs {
                true => page(row, at, folder),
                false => None,
            },
            rows: difference(row),
        });
    }
    let map = Map {
        title: "Snapshots".to_owned(),
        command: "irad snap check".to_owned(),
        groups: vec![failed, changed, new, same],
    };
    write_file(&folder.join("index.html"), map_html(&map).as_bytes(), &[])
}

/// Why it failed, or which versions moved.
fn words(row: &Row<'_>) -> String {
    let words = match &row.error {
        Some(error) => error.to_string(),
        None => row.moved().join("; "),
    };
    printable(&words).into_owned()
}

/// The difference, as on a terminal.
fn difference(row: &Row<'_>) -> Vec<diff_view::Row> {
    let mut canvas = Canvas::Rows(RowPaint::default());
    if let Some(changes) = &row.changes {
        paint(changes, false, WIDTH, &mut canvas);
    }
    canvas.rows_of()
}

/// Has `irad report` write the page of an entry, and gives its name; none where the entry is of a crate, or where
/// there is no page.
fn page(row: &Row<'_>, at: usize, folder: &Path) -> Option<String> {
    let Input::File { path, .. } = &row.entry.input else {
        return None;
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = row.entry.name.chars().map(plain).take(60).collect();
    let name = format!("{}-{name}.html", at + 1);
    let out = folder.join(&name);
    let entry = row.entry;
    let mut command = Command::new(env::current_exe().ok()?);
    command.arg("report").arg(path);
    command.args([
        "--fn",
        &entry.function,
        "--mode",
        &entry.ad.mode.to_string(),
    ]);
    if let Some(module) = entry.module {
        command.args(["--module", &module.to_string()]);
    }
    command
        .args(ad_flags::arguments(&entry.ad))
        .arg("-o")
        .arg(&out);
    // A refusal has a page, too, and is told already.
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.stdin(Stdio::null()).status().ok()?;
    out.is_file().then_some(name)
}
