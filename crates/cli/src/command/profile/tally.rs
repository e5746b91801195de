//! Counts added up: by role, by line of the primal, by Rust line, and by function.

use std::collections::{BTreeMap, BTreeSet};

use crate::view::Listing;
use trace::{AdRole, Cost, Counted, CountedInstruction, Explained, Profile, reasons};

/// A line of a Rust source file.
pub(super) type Line = (String, u32);

/// Of each instruction of the primal, from 1, those that use its value.
pub(super) type Users = BTreeMap<u32, Vec<u32>>;

/// What stands for what a line of the source, or of the primal, costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Share {
    /// Of the primal.
    pub(super) primal: Cost,
    /// Of the derivative.
    pub(super) derivative: Cost,
    /// Of the derivative, by role; none for functions that it calls, whose roles are not known.
    pub(super) roles: BTreeMap<Option<AdRole>, Cost>,
    /// Bytes that are kept for the reverse sweep.
    pub(super) kept: u64,
    /// Why, in Enzyme's words.
    pub(super) because: Vec<String>,
    /// The lines whose derivatives need them.
    pub(super) needed_by: BTreeSet<Line>,
}

/// What a derivative did, by role; none for functions that it calls, whose roles are not known.
pub(super) fn by_role(derivative: &Counted) -> BTreeMap<Option<AdRole>, Cost> {
    let mut roles: BTreeMap<Option<AdRole>, Cost> = BTreeMap::new();
    for one in derivative.instructions() {
        *roles.entry(one.role).or_default() += one.cost;
    }
    roles
}

/// Which instructions of a function use which others' values, by their texts.
pub(super) fn users(primal: &Listing, count: usize) -> Users {
    let texts: Vec<String> = (0..count).map(|at| primal.instruction(at)).collect();
    let number = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let mut defined: BTreeMap<&str, u32> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        if let Some((name, _)) = text.split_once(" = ").filter(|_| text.starts_with('%')) {
            defined.insert(name, number(at));
        }
    }
    let mut users = Users::new();
    for (at, text) in texts.iter().enumerate() {
        let used = text
            .split_once(" = ")
            .map_or(text.as_str(), |(_, rest)| rest);
        let end = |character: char| ", ()[]{}<>\n".contains(character);
        for name in used.split(end) {
            if let Some(of) = defined.get(name) {
                users.entry(*of).or_default().push(number(at));
            }
        }
    }
    users
}

/// What both did, by line of the Rust source; under none what comes from no line.
pub(super) fn by_source(
    profile: &Profile,
    explained: &Explained,
    users: &Users,
) -> BTreeMap<Option<Line>, Share> {
    shares(profile, explained, users, |one| {
        let of = one.of.and_then(|of| explained.primal.get(of as usize - 1));
        let of = of.and_then(|of| of.source.clone());
        of.or_else(|| one.source.clone())
    })
}

/// What both did, by instruction of the primal, from 1; under none what belongs to none.
pub(super) fn by_primal(
    profile: &Profile,
    explained: &Explained,
    users: &Users,
) -> BTreeMap<Option<u32>, Share> {
    shares(profile, explained, users, |one| one.of)
}

fn shares<K: Ord>(
    profile: &Profile,
    explained: &Explained,
    users: &Users,
    key: impl Fn(&CountedInstruction) -> K,
) -> BTreeMap<K, Share> {
    let mut all: BTreeMap<K, Share> = BTreeMap::new();
    for one in profile.primal.instructions() {
        all.entry(key(one)).or_default().primal += one.cost;
    }
    for one in profile.derivative.instructions() {
        let share = all.entry(key(one)).or_default();
        share.derivative += one.cost;
        *share.roles.entry(one.role).or_default() += one.cost;
        share.kept += one.kept();
        if one.kept() == 0 {
            continue;
        }
        let of = one.of.and_then(|of| explained.primal.get(of as usize - 1));
        let because = of.map_or(&one.because, |of| &of.because);
        for reason in reasons(because) {
            let words = ir_load::demangle_words(&reason);
            if !share.because.contains(&words) {
                share.because.push(words);
            }
        }
        let users = one.of.and_then(|of| users.get(&of));
        let lines = users.into_iter().flatten().filter_map(|user| {
            let user = explained.primal.get(*user as usize - 1)?;
            user.source.clone().filter(|_| user.propagates)
        });
        share.needed_by.extend(lines);
        share.needed_by.extend(one.needed_by.iter().cloned());
    }
    all
}
