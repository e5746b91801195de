//! The code pane: what of a comparison is shown, an entry for each pair of lines, and the rows of an entry.
//!
//! Entries are made once for a comparison and the settings; only those on the screen become rows.

use std::collections::BTreeMap;

use diff_view::{Detail, LineKind, Location, PairKind, Row, Show, Tone, layout};

use crate::comparison::Comparison;

/// How the two sides stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One below the other.
    Unified,
    /// Side by side.
    Split,
    /// The side after alone.
    After,
    /// The side before alone.
    Before,
}

/// What of a comparison is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How the two sides stand.
    pub shape: Shape,
    /// Which differences are shown as such.
    pub show: Show,
    /// What is shown beside the code.
    pub detail: Detail,
    /// Only what differs, with a few lines around it.
    pub folds: bool,
    /// Where lines of the source stand.
    pub source: Source,
}

/// Where lines of the source stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Nowhere.
    #[default]
    Hidden,
    /// Above what they became.
    Above,
    /// By themselves, each with notes on what it became.
    Alone,
}

/// One thing in the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A pair of lines, by its position in the diff.
    Pair(usize),
    /// Pairs that are folded: from, to, and how many would be seen.
    Fold(usize, usize, usize),
    /// A line of the source.
    Source(Box<Location>),
    /// A line of the source with the pairs that it became, which are not shown.
    Became(Box<Location>, Vec<usize>),
}

/// Lines around a difference where the rest is folded.
const CONTEXT: usize = 3;

/// What is shown of a comparison.
pub fn entries(of: &Comparison, settings: Settings) -> Vec<Entry> {
    let diff = &of.diff;
    let is_said = |line: &diff_view::Line| {
        // What the text says of itself is no part of the function.
        line.kind == LineKind::Blank && !line.text.trim().is_empty()
    };
    let visible = |at: usize| {
        let pair = &diff.pairs[at];
        let line = match settings.shape {
            Shape::Before => pair.before.map(|line| &diff.before.lines[line]),
            _ => None,
        };
        let line = line.or_else(|| pair.after.map(|line| &diff.after.lines[line]));
        let line = line.or_else(|| pair.before.map(|line| &diff.before.lines[line]));
        if line.is_none_or(is_said) {
            return false;
        }
        match settings.shape {
            Shape::Unified | Shape::Split => diff.is_visible(pair, settings.show, settings.detail),
            Shape::After | Shape::Before => line.is_some_and(|line| !settings.detail.hides(line)),
        }
    };
    let is_visible = |at: &usize| visible(*at);
    let mut order = Vec::with_capacity(diff.pairs.len());
    let own = |pairs: &[u32], order: &mut Vec<usize>| {
        order.extend(pairs.iter().map(|&at| at as usize).filter(is_visible));
    };
    match settings.shape {
        Shape::Unified | Shape::Split => order.extend((0..diff.pairs.len()).filter(is_visible)),
        Shape::After => own(&of.pair_of_after, &mut order),
        Shape::Before => own(&of.pair_of_before, &mut order),
    }
    if settings.source == Source::Alone {
        return alone(of, &order, settings);
    }
    let differs = |at: usize| diff.pairs[at].is_shown(settings.show, settings.detail);
    let mut kept = vec![true; order.len()];
    let has_difference = order.iter().any(|&at| differs(at));
    if settings.folds && has_difference && matches!(settings.shape, Shape::Unified | Shape::Split) {
        kept.fill(false);
        for (place, _) in order.iter().enumerate().filter(|(_, at)| differs(**at)) {
            let from = place.saturating_sub(CONTEXT);
            let to = (place + CONTEXT + 1).min(order.len());
            kept[from..to].fill(true);
        }
    }
    let mut entries = Vec::with_capacity(order.len());
    let mut source: Option<Location> = None;
    for (place, &at) in order.iter().enumerate() {
        if !kept[place] {
            match entries.last_mut() {
                Some(Entry::Fold(_, to, count)) => (*to, *count) = (at, *count + 1),
                _ => entries.push(Entry::Fold(at, at, 1)),
            }
            continue;
        }
        if settings.source == Source::Above {
            let found = location(of, at, settings);
            if found.is_some() && found != source {
                source.clone_from(&found);
                entries.extend(found.map(|found| Entry::Source(Box::new(found))));
            }
        }
        entries.push(Entry::Pair(at));
    }
    entries
}

/// Where the source of a pair of lines is.
fn location(of: &Comparison, at: usize, settings: Settings) -> Option<Location> {
    let diff = &of.diff;
    let pair = &diff.pairs[at];
    match (pair.after, pair.before) {
        (Some(line), _) if settings.shape != Shape::Before => {
            diff.after.location(&diff.after.lines[line])
        }
        (_, Some(line)) => diff.before.location(&diff.before.lines[line]),
        _ => None,
    }
}

/// More lines than this between two that became something are left out.
const GAP: u32 = 12;

/// The source by itself: the lines of each file from the first that became something to the last, the file that most
/// comes from first.
fn alone(of: &Comparison, order: &[usize], settings: Settings) -> Vec<Entry> {
    let mut files: Vec<(String, BTreeMap<u32, (Location, Vec<usize>)>, usize)> = Vec::new();
    for &at in order {
        // What goes is not what the source has become.
        let has_gone = of.diff.pairs[at].after.is_none() && settings.shape != Shape::Before;
        let Some(found) = location(of, at, settings).filter(|found| found.line > 0 && !has_gone)
        else {
            continue;
        };
        let known = files.iter().position(|(file, ..)| *file == found.file);
        let file = known.unwrap_or_else(|| {
            files.push((found.file.clone(), BTreeMap::new(), 0));
            files.len() - 1
        });
        let (_, lines, count) = &mut files[file];
        *count += 1;
        let line = lines.entry(found.line).or_insert((found, Vec::new()));
        line.1.push(at);
    }
    // What was inlined from elsewhere stands at its call, where there is one.
    let is_own = |lines: &BTreeMap<u32, (Location, Vec<usize>)>| {
        lines.values().all(|(location, _)| location.is_own())
    };
    if files.iter().any(|(_, lines, _)| is_own(lines)) {
        files.retain(|(_, lines, _)| is_own(lines));
    }
    files.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    let mut entries = Vec::new();
    for (_, lines, _) in files {
        let mut last: Option<u32> = None;
        for (number, (location, pairs)) in lines {
            let from = last.map_or(number, |last| last + 1);
            if number.saturating_sub(from) <= GAP {
                entries.extend((from..number).map(|line| {
                    let location = Location {
                        line,
                        ..location.clone()
                    };
                    Entry::Became(Box::new(location), Vec::new())
                }));
            }
            entries.push(Entry::Became(Box::new(location), pairs));
            last = Some(number);
        }
    }
    entries
}

/// True for an entry that is a difference.
pub fn is_difference(of: &Comparison, entry: &Entry, settings: Settings) -> bool {
    match entry {
        Entry::Pair(at) => {
            let pair = &of.diff.pairs[*at];
            pair.is_shown(settings.show, settings.detail) || pair.kind == PairKind::Moved
        }
        Entry::Became(_, pairs) => pairs
            .iter()
            .any(|&at| of.diff.pairs[at].is_shown(settings.show, settings.detail)),
        _ => false,
    }
}

/// The entry that shows a pair, or the fold that it is in.
pub fn entry_of(entries: &[Entry], pair: usize) -> Option<usize> {
    let is_here = |entry: &Entry| match entry {
        Entry::Pair(at) => *at == pair,
        Entry::Fold(from, to, _) => (*from..=*to).contains(&pair),
        Entry::Became(_, pairs) => pairs.contains(&pair),
        Entry::Source(_) => false,
    };
    // Pairs stand in their order but in the side before, where blocks may have moved.
    let guess = entries.partition_point(|entry| match entry {
        Entry::Pair(at) => *at < pair,
        Entry::Fold(_, to, _) => *to < pair,
        Entry::Source(_) | Entry::Became(..) => false,
    });
    if entries.get(guess).is_some_and(is_here) {
        return Some(guess);
    }
    entries.iter().position(is_here)
}

/// What it takes to lay an entry out.
pub struct Paper<'a> {
    /// What is shown.
    pub settings: Settings,
    /// Columns.
    pub width: usize,
    /// A line of a source file.
    pub read: &'a dyn Fn(&Location) -> Option<String>,
}

/// The rows of an entry.
pub fn rows(of: &Comparison, entry: &Entry, paper: &Paper<'_>) -> Vec<Row> {
    let settings = paper.settings;
    let rename = |symbol: &str| of.names.get(symbol).cloned();
    let options = layout::Options {
        width: paper.width,
        rename: &rename,
        show: settings.show,
        detail: settings.detail,
        source: None,
    };
    let diff = &of.diff;
    match entry {
        Entry::Source(location) | Entry::Became(location, _) => {
            let words = (paper.read)(location).unwrap_or_default();
            let text = format!("{:>4} | {}", location.line, words.trim_end());
            vec![said(&diff_view::printable(&text), Tone::Title, paper.width)]
        }
        Entry::Fold(_, _, count) => {
            let lines = if *count == 1 { "line" } else { "lines" };
            vec![said(
                &format!("~ {count} {lines} without a difference"),
                Tone::Muted,
                paper.width,
            )]
        }
        Entry::Pair(at) => {
            let pair = &diff.pairs[*at];
            match settings.shape {
                Shape::Unified => layout::unified_pair(diff, pair, &options),
                Shape::Split => layout::split_pair(diff, pair, &options),
                Shape::After | Shape::Before => {
                    let (function, line) = match settings.shape {
                        Shape::Before => (&diff.before, pair.before),
                        _ => (&diff.after, pair.after),
                    };
                    let Some(line) = line else { return Vec::new() };
                    let shown = &function.lines[line];
                    layout::lines(&[(&shown.text, shown.kind)], &options)
                        .map(|mut row| {
                            let own = Some(line);
                            match settings.shape {
                                Shape::Before => (row.before, row.after) = (own, None),
                                _ => (row.before, row.after) = (None, own),
                            }
                            row
                        })
                        .collect()
                }
            }
        }
    }
}

fn said(text: &str, tone: Tone, width: usize) -> Row {
    let mut row = Row::default();
    let text: String = text
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .take(width)
        .collect();
    row.push(&text, tone.style(), None);
    row
}

/// The first pair that an entry is about.
pub fn first_pair(entry: &Entry) -> Option<usize> {
    match entry {
        Entry::Pair(at) => Some(*at),
        Entry::Became(_, pairs) => pairs.first().copied(),
        Entry::Fold(..) | Entry::Source(_) => None,
    }
}

/// The text that a search looks at, of what an entry shows.
pub fn text_of<'c>(
    of: &'c Comparison,
    entry: &Entry,
    shape: Shape,
) -> impl Iterator<Item = &'c str> + use<'c> {
    let pair = first_pair(entry).map(|at| &of.diff.pairs[at]);
    let before = pair
        // What reads the same on both sides is read once.
        .filter(|pair| pair.kind != PairKind::Same || pair.after.is_none())
        .and_then(|pair| pair.before)
        .map(|line| of.diff.before.lines[line].text.as_str());
    let after = pair
        .and_then(|pair| pair.after)
        .map(|line| of.diff.after.lines[line].text.as_str());
    let is_one_side = before.is_some() && after.is_some();
    let before = before.filter(|_| !is_one_side || shape != Shape::After);
    let after = after.filter(|_| !is_one_side || shape != Shape::Before);
    after.into_iter().chain(before)
}
