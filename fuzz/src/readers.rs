//! One function for each reader: takes any bytes, and panics when the reader does or when what it
//! returns contradicts itself.
//!
//! `fuzz_targets/` and the test `crates/cli/tests/readers.rs` both include this file.

use std::thread;
use std::time::{Duration, Instant};

use diff_view::layout::{self, Options};
use diff_view::{Detail, Function, Paint, PlainPaint, Show, diff as align, hunks, lex};
use ir_load::{
    Bitcode, GlobalKind, Index, LoadError, Origin, Source, SourceKind, Uses, demangle,
    demangle_words, producer, resolve, slice,
};
use trace::{Event, Request, Trace, read_event, read_frame, read_json, write_event, write_frame};

/// Reads any bytes, and panics when something is wrong with that.
pub type Reader = fn(&[u8]);

/// Every reader, by the name of its fuzz target.
pub const READERS: [(&str, Reader); 7] = [
    ("source", source),
    ("bitcode", bitcode),
    ("index", index),
    ("name", name),
    ("wire", wire),
    ("trace", trace),
    ("diff", diff),
];

/// The kind of a file, and the modules of a dump.
pub fn source(data: &[u8]) {
    let _ = producer(data);
    let source = match Source::new(Origin::Stdin, data.to_vec()) {
        Ok(source) => source,
        Err(LoadError::Foreign { .. }) => return,
        Err(_) => {
            assert!(data.iter().all(u8::is_ascii_whitespace));
            return;
        }
    };
    // Of an archive the modules in its members are, and several modules are files of their own.
    if !source.is_whole() && (source.module_count() > 1 || data.starts_with(b"!<arch>")) {
        for number in 1..=source.module_count() {
            let module = source.module(number).unwrap();
            assert!(module.starts_with(b"BC\xc0\xde") && module.len() <= data.len());
        }
        return;
    }
    // Of an object file the bitcode in it is the source.
    if data.starts_with(b"\x7fELF") {
        assert!(
            data.windows(source.bytes().len())
                .any(|part| part == source.bytes())
        );
        return;
    }
    assert_eq!(source.bytes(), data);
    let count = source.module_count();
    assert!(count > 0 && source.module(0).is_err() && source.module(count + 1).is_err());
    if source.kind != SourceKind::Dump {
        assert_eq!(count, 1);
        assert_eq!(source.module(1).unwrap(), data);
        return;
    }
    // What is not the module's is blank, and what is stands on the line where it stood.
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    // Each module of a dump is as long as the lines before its end: a few tell as much as all.
    for number in (1..=count).take(8) {
        let module = source.module(number).unwrap();
        for (at, line) in module.split(|&byte| byte == b'\n').enumerate() {
            assert!(line.is_empty() || line == lines[at], "line {at} moved");
        }
    }
}

/// What a bitcode module holds, and what uses what.
pub fn bitcode(data: &[u8]) {
    let _ = producer(data);
    let names = Bitcode::names(data);
    let Some(uses) = Bitcode::uses(data) else {
        return;
    };
    let globals = &uses.globals;
    assert_eq!(*globals, names.expect("they can be read alone").globals);
    let count = |kind| globals.iter().filter(|global| global.kind == kind).count();
    let functions = count(GlobalKind::Function);
    let wanted: Vec<_> = [GlobalKind::Function, GlobalKind::Variable]
        .into_iter()
        .flat_map(|kind| (0..count(kind)).map(move |nth| (kind, nth)))
        .take(32)
        .collect();
    // Whoever uses one of several uses one of them.
    let mut each: Vec<usize> = wanted.iter().flat_map(|one| uses.users(&[*one])).collect();
    each.sort_unstable();
    each.dedup();
    let all = uses.users(&wanted);
    assert_eq!(all, each);
    assert!(all.iter().all(|&user| user < functions));
    // Who reads which function makes no difference.
    let shared = Uses::begin(data).expect("it began before");
    thread::scope(|scope| {
        scope.spawn(|| shared.help());
        shared.help();
    });
    let shared = shared.end().expect("it came to its end before");
    assert_eq!(shared.users(&wanted), all);
    assert!(shared.globals == uses.globals);
}

/// Where functions lie, what their texts say, and what each of some needs of the rest.
pub fn index(data: &[u8]) {
    let index = Index::of(data);
    let mut end = 0;
    for function in index.functions() {
        assert!(function.span.start >= end && function.span.end > function.span.start);
        end = function.span.end;
        let before = &data[..function.span.start];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        assert_eq!(function.line, line);
        let _ = index.text(function);
        let summary = index.summary(function);
        assert_eq!(summary.function_type, index.function_type(function));
        assert_eq!(index.get(&function.symbol).unwrap().symbol, function.symbol);
    }
    assert!(end <= data.len());
    let _ = index.attribute_groups();
    for function in index.functions().iter().take(8) {
        let Some(part) = slice(&index, &[&function.symbol]) else {
            continue;
        };
        let lines = part.text.iter().filter(|&&byte| byte == b'\n').count();
        for line in [0, 1, lines / 2, lines, usize::MAX] {
            let _ = part.original(data, line, 3);
        }
        let _ = slice(&Index::of(&part.text), &[&function.symbol]);
    }
}

/// The function that a name means. The first line is the name, the rest the module.
pub fn name(data: &[u8]) {
    let at = data.iter().position(|&byte| byte == b'\n');
    let (wanted, module) = data.split_at(at.unwrap_or(0));
    let wanted = String::from_utf8_lossy(wanted);
    let _ = demangle(&wanted);
    let _ = demangle_words(&wanted);
    let index = Index::of(module);
    if let Ok(found) = resolve(&index, &wanted) {
        assert!(index.get(&found.symbol).unwrap().is_defined);
        let _ = demangle(&found.symbol);
    }
    for function in index.functions().iter().take(64) {
        // A symbol means itself, whatever else is called like it. Only an @ before it is taken off.
        if !function.symbol.starts_with('@') && index.get(&function.symbol).unwrap().is_defined {
            assert_eq!(
                resolve(&index, &function.symbol).unwrap().symbol,
                function.symbol
            );
        }
    }
}

/// What the engine and its front say to each other.
pub fn wire(data: &[u8]) {
    let mut rest = data;
    while let Ok(Some(frame)) = read_frame(&mut rest) {
        let mut again = Vec::new();
        write_frame(&mut again, &frame).unwrap();
        let so_far = &data[..data.len() - rest.len()];
        assert!(so_far.ends_with(&again), "a frame comes back as it was");
    }
    let mut rest = data;
    while let Ok(Some(_)) = read_json::<Request>(&mut rest) {}
    let mut rest = data;
    while let Ok(Some(event)) = read_event(&mut rest) {
        let mut bytes = Vec::new();
        write_event(&mut bytes, event).unwrap();
        let back: Event = read_event(&mut bytes.as_slice()).unwrap().unwrap();
        let mut again = Vec::new();
        write_event(&mut again, back).unwrap();
        assert_eq!(bytes, again, "an event comes back as it was");
    }
}

/// A saved trace.
pub fn trace(data: &[u8]) {
    let Ok(trace) = Trace::from_json(data) else {
        return;
    };
    assert_eq!(Trace::from_json(&trace.to_json()).unwrap(), trace);
    // Whatever a trace refers to, it holds.
    assert!((0..trace.texts.len()).all(|id| trace.text(id).is_some()));
    assert!(trace.points.iter().all(|p| trace.point(p.point).is_some()));
    for step in &trace.steps {
        let _ = step.id();
        assert!(step.changed.iter().all(|c| trace.text(c.text).is_some()));
    }
}

/// Two functions and their difference. A NUL stands between the two texts.
pub fn diff(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (before, after) = text.split_once('\0').unwrap_or((&text, &text));
    for line in text.lines() {
        let tokens = lex(line);
        assert!(tokens.iter().all(|token| !token.text.is_empty()));
        let whole: String = tokens.iter().map(|token| token.text).collect();
        assert_eq!(whole, line, "tokens leave nothing out");
    }
    assert!(Function::parse(before).instructions() <= Function::parse(before).lines.len());

    let deadline = Instant::now() + Duration::from_millis(200);
    let diff = align(before, after, Some(deadline));
    let mut olds: Vec<usize> = diff.pairs.iter().filter_map(|pair| pair.before).collect();
    let news: Vec<usize> = diff.pairs.iter().filter_map(|pair| pair.after).collect();
    olds.sort_unstable();
    assert!(olds.into_iter().eq(0..diff.before.lines.len()));
    assert!(news.into_iter().eq(0..diff.after.lines.len()));
    for pair in &diff.pairs {
        let sides = [
            (
                pair.before.map(|at| &diff.before.lines[at]),
                pair.words_before(),
            ),
            (
                pair.after.map(|at| &diff.after.lines[at]),
                pair.words_after(),
            ),
        ];
        for (line, words) in sides {
            let inside = |range| line.is_some_and(|line| line.text.get(range).is_some());
            assert!(words.iter().cloned().all(inside), "{pair:?}");
        }
    }

    for (width, show, detail) in [(100, Show::Real, Detail::CODE), (7, Show::All, Detail::ALL)] {
        let options = Options {
            width,
            rename: &|symbol| Some(demangle(symbol).into_owned()),
            show,
            detail,
            source: None,
        };
        let hunks = hunks(&diff, 3, show, detail);
        assert!(hunks.iter().all(|hunk| hunk.pairs.end <= diff.pairs.len()));
        let laid_out = [
            layout::unified(&diff, &hunks, &options),
            layout::split(&diff, &hunks, &options),
        ];
        for row in laid_out.iter().flatten() {
            let whole: String = row.pieces().map(|(text, _)| text).collect();
            assert_eq!(whole, row.text(), "spans leave nothing out");
            assert!(row.before.is_none_or(|at| at < diff.before.lines.len()));
            assert!(row.after.is_none_or(|at| at < diff.after.lines.len()));
            let obeyed = |c: char| c.is_control() && c != '\t';
            assert!(!row.text().contains(obeyed), "{row:?}");
        }
        let mut paint = PlainPaint::default();
        paint.rows(layout::patch(&diff, "f", 3));
    }
}
