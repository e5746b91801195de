//! Which productions failures have in common.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::program::Program;
use crate::reduced::Reduced;

/// Reduced failures by how they fail and by the productions that are left.
pub fn groups(reduced: &[&Reduced]) -> String {
    let mut groups: BTreeMap<(&str, String), Vec<&Reduced>> = BTreeMap::new();
    for one in reduced {
        let kind = one.features.join(", ");
        groups.entry((&one.failure, kind)).or_default().push(one);
    }
    let mut rows: Vec<_> = groups.into_iter().collect();
    rows.sort_by_key(|(_, some)| std::cmp::Reverse(some.len()));
    let mut out =
        "| failure | what is left | how many | the smallest |\n|---|---|--:|---|\n".to_owned();
    for ((failure, kind), some) in rows {
        let smallest = some.iter().min_by_key(|one| one.source.len());
        let file = smallest.map_or(String::new(), |one| one.file());
        _ = writeln!(out, "| {failure} | {kind} | {} | {file} |", some.len());
    }
    out
}

/// How often functions with a production fail, beside how often those without it do.
pub fn productions(functions: &[(Program, bool)]) -> String {
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (program, is_bad) in functions {
        for feature in program.features() {
            counts.entry(feature).or_default()[usize::from(*is_bad)] += 1;
        }
    }
    let bad = functions.iter().filter(|one| one.1).count();
    let all = functions.len();
    let mut rows: Vec<(f64, f64, &str, usize)> = counts
        .into_iter()
        .map(|(feature, [good, with])| {
            let others = all - good - with;
            let share = |some: usize, of: usize| 100.0 * some as f64 / of.max(1) as f64;
            (
                share(with, good + with),
                share(bad - with, others),
                feature,
                with,
            )
        })
        .collect();
    rows.sort_by(|a, b| (b.0 - b.1).total_cmp(&(a.0 - a.1)));
    let mut out = "| production | fail with it | fail without it | failures with it |\n".to_owned();
    out += "|---|--:|--:|--:|\n";
    for (with, without, feature, count) in rows {
        _ = writeln!(
            out,
            "| {feature} | {with:.0} % | {without:.0} % | {count} |"
        );
    }
    out
}
