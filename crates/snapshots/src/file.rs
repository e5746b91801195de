//! Snapshot files: insta's format, read with a word about what is wrong with them, and written whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use saphyr::{LoadableYamlNode, Mapping, Scalar, Yaml, YamlEmitter};
use serde_json::{Map, Value, json};

use session::files;

use crate::error::Error;

/// A snapshot: what it is of, and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The file that asks for it, from the root.
    pub source: String,
    /// The line there; only in snapshots that wait to be accepted.
    pub line: Option<usize>,
    /// A sentence about it.
    pub description: String,
    /// The command that shows the same.
    pub expression: String,
    /// The request, and the versions of what took part.
    pub info: Map<String, Value>,
    /// What it holds, without an empty end.
    pub body: String,
    /// How many lines stand before the body in its file; 0 for what was not read from one.
    pub header: usize,
}

/// Where the snapshots of a project lie.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// Where those lie that wait to be accepted, if elsewhere.
    pub pending: PathBuf,
}

/// A project's snapshots, locked against other processes that write them.
pub struct Lock(#[allow(dead_code, reason = "held until it is dropped")] Option<File>);

impl Folder {
    /// The file of an accepted snapshot.
    pub fn accepted(&self, name: &str) -> PathBuf {
        self.path.join(format!("{}.snap", stem(name)))
    }

    /// The file of a snapshot that waits to be accepted.
    pub fn waiting(&self, name: &str) -> PathBuf {
        self.pending.join(format!("{}.snap.new", stem(name)))
    }

    /// Keeps other processes from writing until it is dropped.
    pub fn lock(&self) -> Result<Lock, Error> {
        make(&self.path)?;
        // A file system without locks leaves what is written whole all the same: by renaming.
        let file = File::open(&self.path).ok();
        Ok(Lock(file.filter(|file| file.lock().is_ok())))
    }

    /// Names (as their files have them) of all snapshots that irad has written here, with whether they
    /// wait to be accepted.
    pub fn names(&self) -> Vec<(String, bool)> {
        let mut names = Vec::new();
        for (folder, suffix, waits) in [
            (&self.path, ".snap", false),
            (&self.pending, ".snap.new", true),
        ] {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some(stem) = name.strip_suffix(suffix)
                    && is_irads(&entry.path())
                {
                    names.push((stem.to_owned(), waits));
                }
            }
        }
        names.sort();
        names
    }
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::Folder {
        shown: shown(folder),
        error: Arc::new(error),
    })
}

/// Removes a snapshot's file. One that is gone by now, because another process was faster, is as it should be.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::Remove {
            shown: shown(path),
            error: Arc::new(error),
        }),
        _ => Ok(()),
    }
}

/// True for a file that says that irad wrote it; insta's other users may share the folder.
fn is_irads(path: &Path) -> bool {
    let Ok(bytes) = fs::read(path) else {
        return false;
    };
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .skip(1)
        .take_while(|line| *line != "---")
        .any(|line| line.trim_start().starts_with("irad: "))
}

/// A name as a file's.
pub fn stem(name: &str) -> String {
    // insta takes what stands before two underscores for a module.
    name.replace("::", "__")
        .chars()
        .map(|c| match c {
            c if c.is_alphanumeric() || "_-.".contains(c) => c,
            _ => '_',
        })
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned()
}

/// A path as people write it: from here, if it is below.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    below
        .filter(|below| !below.as_os_str().is_empty())
        .unwrap_or(path)
        .display()
        .to_string()
}

impl Snapshot {
    /// Reads a snapshot; `None` when there is no such file. `fresh` is the body that it would have
    /// now, if that is known: it shows where a body was changed by hand.
    pub fn read(path: &Path, fresh: Option<&str>) -> Result<Option<Self>, Error> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::Read {
                    shown: shown(path),
                    error: Arc::new(error),
                });
            }
        };
        Reader::new(path, &bytes)?.read(fresh).map(Some)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let string = |text: &str| Yaml::Value(Scalar::String(text.to_owned().into()));
        let mut header = Mapping::new();
        header.insert(string("source"), string(&self.source));
        if let Some(line) = self.line {
            let line = i64::try_from(line).unwrap_or(i64::MAX);
            header.insert(string("assertion_line"), Yaml::Value(Scalar::Integer(line)));
        }
        header.insert(string("description"), string(&self.description));
        header.insert(string("expression"), string(&self.expression));
        let mut info = self.info.clone();
        info.insert("lines".to_owned(), json!(self.body.lines().count()));
        info.insert("digest".to_owned(), json!(digest(&self.body)));
        header.insert(string("info"), yaml(&Value::Object(info)));
        let mut out = String::new();
        YamlEmitter::new(&mut out)
            .dump(&Yaml::Mapping(header))
            .expect("a string takes everything");
        out.push_str("\n---\n");
        out.push_str(&self.body);
        out.push('\n');
        out
    }

    /// Writes it, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        if let Some(folder) = path.parent() {
            make(folder)?;
        }
        Ok(files::write(path, self.text().as_bytes(), &[])?)
    }

    /// True when everything but the place that asks for it is the same.
    pub fn is_same_as(&self, other: &Snapshot) -> bool {
        let bare = |snapshot: &Snapshot| Snapshot {
            line: None,
            header: 0,
            ..snapshot.clone()
        };
        bare(self) == bare(other)
    }
}

/// FNV-1a: it finds edits and merges, and is not meant to withstand anybody.
fn digest(body: &str) -> String {
    let hash = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // A digest of digits alone would be read as a number.
    format!("fnv-{hash:016x}")
}

fn yaml(value: &Value) -> Yaml<'static> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(value) => Yaml::Value(Scalar::Boolean(*value)),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Yaml::Value(Scalar::Integer(number)),
            None => Yaml::Value(Scalar::String(number.to_string().into())),
        },
        Value::String(text) => Yaml::Value(Scalar::String(text.clone().into())),
        Value::Array(values) => Yaml::Sequence(values.iter().map(yaml).collect()),
        Value::Object(fields) => Yaml::Mapping(
            fields
                .iter()
                .map(|(key, value)| (yaml(&json!(key)), yaml(value)))
                .collect(),
        ),
    }
}

fn plain(value: &Yaml<'_>) -> Value {
    match value {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(values) => values.iter().map(plain).collect(),
        Yaml::Mapping(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
                .collect::<Map<_, _>>(),
        ),
        _ => Value::Null,
    }
}

/// A file that is being read.
struct Reader<'b> {
    path: &'b Path,
    lines: Vec<&'b str>,
    ends: bool,
}

impl<'b> Reader<'b> {
    fn new(path: &'b Path, bytes: &'b [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            broken(path, line, "", "it is no text from here on")
        })?;
        Ok(Reader {
            path,
            lines: text.lines().collect(),
            ends: text.ends_with('\n'),
        })
    }

    /// An error at a line, counted from 0.
    fn broken(&self, at: usize, words: &str) -> Error {
        let text = self.lines.get(at).copied().unwrap_or_default();
        broken(self.path, at + 1, text, words)
    }

    fn read(&self, fresh: Option<&str>) -> Result<Snapshot, Error> {
        if let Some(at) = self.lines.iter().position(|line| is_conflict(line)) {
            return Err(self.broken(at, "two versions were merged here, and nobody has decided"));
        }
        if self.lines.first() != Some(&"---") {
            return Err(self.broken(0, "a snapshot begins with a line of three dashes"));
        }
        let last = self.lines.len() - 1;
        let Some(end) = self.lines[1..].iter().position(|line| *line == "---") else {
            return Err(self.broken(last, "it is cut off in its header"));
        };
        let end = end + 1;
        let header = self.header(end)?;
        let text = |key: &str| -> Result<String, Error> {
            match header.get(key) {
                Some(Value::String(text)) => Ok(text.clone()),
                Some(_) => Err(self.broken(self.line_of(key, end), "text is wanted here")),
                None => Ok(String::new()),
            }
        };
        let Some(Value::Object(info)) = header.get("info") else {
            return Err(self.broken(end, "its header has no info, so irad did not write it"));
        };
        let mut body: Vec<&str> = self.lines[end + 1..].to_vec();
        while body.last().is_some_and(|line| line.trim().is_empty()) {
            body.pop();
        }
        let joined = body.join("\n");
        let joined = joined.trim_end().to_owned();
        self.is_whole(info, &body, &joined, end, fresh)?;
        Ok(Snapshot {
            source: text("source")?,
            line: header
                .get("assertion_line")
                .and_then(Value::as_u64)
                .and_then(|line| usize::try_from(line).ok()),
            description: text("description")?,
            expression: text("expression")?,
            info: {
                let mut info = info.clone();
                info.remove("lines");
                info.remove("digest");
                info
            },
            body: joined,
            header: end + 1,
        })
    }

    fn header(&self, end: usize) -> Result<Map<String, Value>, Error> {
        // With its first line, so that lines are counted as in the file.
        let text = self.lines[..end].join("\n");
        let found = match Yaml::load_from_str(&text) {
            Ok(mut documents) if documents.len() == 1 => plain(&documents.remove(0)),
            Ok(_) => return Err(self.broken(1, "its header is not one YAML document")),
            Err(error) => {
                let marker = error.marker();
                let at = marker.line().saturating_sub(1).min(end - 1);
                return Err(self.broken(at, &format!("its header is no YAML: {}", error.info())));
            }
        };
        match found {
            Value::Object(fields) => Ok(fields),
            _ => Err(self.broken(1, "its header is no list of keys and values")),
        }
    }

    /// Where a key of the header stands.
    fn line_of(&self, key: &str, end: usize) -> usize {
        let found = self.lines[..end]
            .iter()
            .position(|line| line.trim_start().starts_with(&format!("{key}:")));
        found.unwrap_or(0)
    }

    /// Compares a body with what its header says about it.
    fn is_whole(
        &self,
        info: &Map<String, Value>,
        body: &[&str],
        joined: &str,
        end: usize,
        fresh: Option<&str>,
    ) -> Result<(), Error> {
        let (Some(Value::Number(lines)), Some(Value::String(known))) =
            (info.get("lines"), info.get("digest"))
        else {
            let at = self.line_of("info", end);
            return Err(self.broken(at, "lines and digest are missing, so irad did not write it"));
        };
        let lines = lines.as_u64().and_then(|lines| usize::try_from(lines).ok());
        let lines = lines.unwrap_or_default();
        if digest(joined) == *known {
            return Ok(());
        }
        if body.len() < lines || !self.ends {
            return Err(self.broken(
                self.lines.len() - 1,
                &format!("it is cut off: {} of {lines} lines are there", body.len()),
            ));
        }
        let fresh: Vec<&str> = fresh
            .map(|fresh| fresh.lines().collect())
            .unwrap_or_default();
        let first = fresh
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None))
            .zip(body)
            .position(|(fresh, line)| fresh != Some(line))
            .filter(|_| !fresh.is_empty());
        match first {
            Some(at) => Err(self.broken(
                end + 1 + at,
                "it was changed by hand, or merged, after irad wrote it",
            )),
            None => Err(self.broken(
                end + 1,
                &format!(
                    "it was changed by hand, or merged, between here and line {}",
                    self.lines.len()
                ),
            )),
        }
    }
}

/// A line that version control leaves where it could not merge.
fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", ">>>>>>>", "|||||||"].iter().any(|mark| {
        line.strip_prefix(mark)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

fn broken(path: &Path, line: usize, text: &str, what: &str) -> Error {
    Error::Broken {
        shown: shown(path),
        waits: path.extension().is_some_and(|end| end == "new"),
        line,
        text: text.to_owned(),
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        Snapshot {
            source: "irad.toml".to_owned(),
            line: None,
            description: "reverse f(x: f64 Active) -> f64 Active: \"it\"".to_owned(),
            expression: "irad show f.ll --fn f --mode reverse".to_owned(),
            info: json!({
                "irad": "0.1.0",
                "request": {"function": "f", "wrt": ["x", "1"]},
                "stage": ["final"],
            })
            .as_object()
            .unwrap()
            .clone(),
            body: "define double @f(\n    double %x\n  ) {\n0:\n  ret double %x\n}".to_owned(),
            header: 0,
        }
    }

    fn read(text: &str, fresh: Option<&str>) -> Result<Snapshot, Error> {
        Reader::new(Path::new("a.snap"), text.as_bytes())?.read(fresh)
    }

    fn place(text: &str, fresh: Option<&str>) -> (usize, String) {
        let error = read(text, fresh).unwrap_err();
        let Error::Broken { line, .. } = error else {
            panic!("another error: {error}");
        };
        let words = error.to_string();
        assert!(words.starts_with("a.snap line "), "{words}");
        (line, words)
    }

    #[test]
    fn what_is_written_is_read() {
        let text = snapshot().text();
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let read = read(&text, None).unwrap();
            assert!(read.is_same_as(&snapshot()), "{read:?}");
            assert_eq!(text.lines().nth(read.header), Some("define double @f("));
        }
    }

    #[test]
    fn an_unresolved_merge_is_named_by_its_line() {
        let text = snapshot().text();
        let merged = text.replace(
            "  ret double %x\n",
            "<<<<<<< HEAD\n  ret double %x\n=======\n  ret double 0.0\n>>>>>>> other\n",
        );
        let expected = text
            .lines()
            .position(|line| line == "  ret double %x")
            .unwrap()
            + 1;
        let (line, title) = place(&merged, None);
        assert_eq!(line, expected);
        assert!(title.contains("merged"), "{title}");
    }

    #[test]
    fn a_cut_is_named_wherever_it_is() {
        let text = snapshot().text();
        for end in 0..text.len() {
            // Without the last line end nothing is lost.
            if end == text.len() - 1 {
                continue;
            }
            let cut = &text[..end];
            let (line, _) = place(cut, Some(&snapshot().body));
            assert!(line <= cut.lines().count().max(1), "cut at {end}: {line}");
        }
    }

    #[test]
    fn an_edit_is_named_by_its_line() {
        let text = snapshot().text();
        let edited = text.replace("ret double %x", "ret double %y");
        let expected = edited
            .lines()
            .position(|line| line == "  ret double %y")
            .unwrap()
            + 1;
        let (line, title) = place(&edited, Some(&snapshot().body));
        assert_eq!(line, expected, "{title}");
        assert!(title.contains("by hand"), "{title}");
        let added = text.replace("0:\n", "0:\n  fence acquire\n");
        let expected = added
            .lines()
            .position(|line| line == "  fence acquire")
            .unwrap()
            + 1;
        assert_eq!(place(&added, Some(&snapshot().body)).0, expected);
        // Nobody knows what it was: the body at least is named.
        assert!(place(&edited, None).1.contains("between here and line"));
    }

    #[test]
    fn a_damaged_header_is_named_by_its_line() {
        let text = snapshot().text();
        for (from, to) in [
            ("description: ", "description: \"unclosed "),
            ("info:", "  info:"),
            ("source: irad.toml", "source: [irad.toml"),
            ("source: irad.toml", "source:\n  - irad.toml"),
            ("digest: ", "digests: "),
        ] {
            assert!(text.contains(from));
            let (line, title) = place(&text.replace(from, to), None);
            assert!(line < 20, "{title}");
        }
        assert_eq!(place("define void @f()\n", None).0, 1);
        assert_eq!(place("", None).0, 1);
    }

    #[test]
    fn names_become_files() {
        assert_eq!(stem("a::b c/d"), "a__b_c_d");
        assert_eq!(stem("../x"), "_x");
    }
}
