//! Computed snapshots compared with the accepted ones, and written where that is wanted.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use trace::Verdict;

use crate::changes::{self, Changes};
use crate::compute::Computed;
use crate::entry::Entry;
use crate::error::Error;
use crate::file::{self, Snapshot};
use crate::policy::{Target, Update};
use crate::project::Project;

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it was.
    Same,
    /// Changed.
    Changed,
    /// There was no snapshot of it.
    New,
    /// It had changed, and is taken as it is.
    Updated,
    /// There was no snapshot of it, and now there is.
    Recorded,
    /// It could not be computed, or its snapshot cannot be read.
    Failed,
}

impl Standing {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Same => "same",
            Standing::Changed => "changed",
            Standing::New => "new",
            Standing::Updated => "updated",
            Standing::Recorded => "recorded",
            Standing::Failed => "failed",
        }
    }
}

/// What became of one entry.
pub struct Row<'e> {
    /// The entry.
    pub entry: &'e Entry,
    /// How it stands.
    pub standing: Standing,
    /// The accepted snapshot.
    pub old: Option<Snapshot>,
    /// What it would be now.
    pub new: Option<Snapshot>,
    /// How the two differ.
    pub changes: Option<Changes>,
    /// Why it failed.
    pub error: Option<Error>,
    /// Why the accepted snapshot could not be read that was replaced.
    pub unreadable: Option<Error>,
    /// What is odd about its input.
    pub warnings: Vec<String>,
    /// What a check of its derivative came to, if there was one.
    pub verdict: Option<Verdict>,
    /// The accepted snapshot's file.
    pub file: PathBuf,
    /// What was written.
    pub wrote: Option<PathBuf>,
    /// How long it took.
    pub taken: Duration,
}

impl Row<'_> {
    /// Which versions moved since the snapshot was accepted, and which instances are other ones.
    pub fn moved(&self) -> Vec<String> {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => {
                let mut moved = changes::moved(old, new);
                moved.extend(changes::instances(old, new));
                moved
            }
            _ => Vec::new(),
        }
    }
}

/// Takes a computed snapshot as it is.
pub fn record<'e>(
    entry: &'e Entry,
    computed: Computed,
    project: &Project,
) -> Result<Row<'e>, Error> {
    let mut row = begun(entry, &computed, project);
    let mut new = match computed.result {
        Ok(new) => new,
        Err(error) => return Ok(failed(row, error)),
    };
    new.line = None;
    match Snapshot::read(&row.file, Some(&new.body)) {
        Ok(old) => row.old = old,
        // It is about to be replaced, which is what was asked for.
        Err(error) => row.unreadable = Some(error),
    }
    if let Some(old) = &row.old
        && !entry.is_named
        && let Some(was) = other_subject(old, &new)
    {
        // Names are made of a file's and a function's, and two may make the same one.
        let file = file::shown(&row.file);
        return Ok(failed(row, Error::OtherSubject { file, was }));
    }
    let existed = row.file.exists();
    row.standing = match &row.old {
        Some(old) if is_same(old, &new) => Standing::Same,
        _ if existed => Standing::Updated,
        _ => Standing::Recorded,
    };
    if !row.old.as_ref().is_some_and(|old| old.is_same_as(&new)) {
        new.write(&row.file)?;
        row.wrote = Some(row.file.clone());
    }
    project.forget(&entry.name)?;
    if let Some(old) = &row.old
        && row.standing == Standing::Updated
    {
        row.changes = Some(Changes::between(entry.content, &old.body, &new.body));
    }
    row.new = Some(new);
    Ok(row)
}

/// Compares a computed snapshot with the accepted one, and writes what `update` wants written.
pub fn check<'e>(
    entry: &'e Entry,
    computed: Computed,
    project: &Project,
    update: Update,
) -> Result<Row<'e>, Error> {
    let mut row = begun(entry, &computed, project);
    let new = match computed.result {
        Ok(new) => new,
        Err(error) => return Ok(failed(row, error)),
    };
    match Snapshot::read(&row.file, Some(&new.body)) {
        Ok(old) => row.old = old,
        Err(error) => return Ok(failed(row, error)),
    }
    if let Some(verdict) = became_wrong(&row) {
        row.new = Some(new);
        return Ok(failed(row, Error::BecameWrong(Box::new(verdict))));
    }
    let target = update.target(row.old.is_some());
    if row.old.as_ref().is_some_and(|old| is_same(old, &new)) {
        if target != Target::Nothing {
            project.forget(&entry.name)?;
        }
        let is_whole = row.old.as_ref().is_some_and(|old| old.is_same_as(&new));
        if update == Update::Force && !is_whole {
            write_accepted(&new, &mut row)?;
            row.standing = Standing::Updated;
        }
        row.new = Some(new);
        return Ok(row);
    }
    row.changes = row
        .old
        .as_ref()
        .map(|old| Changes::between(entry.content, &old.body, &new.body));
    row.standing = match (&row.old, target) {
        (Some(_), Target::InPlace) => Standing::Updated,
        (None, Target::InPlace) => Standing::Recorded,
        (Some(_), _) => Standing::Changed,
        (None, _) => Standing::New,
    };
    match target {
        Target::InPlace => {
            write_accepted(&new, &mut row)?;
            project.forget(&entry.name)?;
        }
        Target::Pending => {
            let waiting = project.folder.waiting(&entry.name);
            new.write(&waiting)?;
            row.wrote = Some(waiting);
        }
        Target::Nothing => {}
    }
    row.new = Some(new);
    Ok(row)
}

/// What an accepted snapshot is of, if that is another function or file.
fn other_subject(old: &Snapshot, new: &Snapshot) -> Option<String> {
    let of = |snapshot: &Snapshot, key: &str| {
        let request = snapshot.info.get("request")?;
        request.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    let is_other = ["input", "function"]
        .iter()
        .any(|key| of(old, key).is_some() && of(old, key) != of(new, key));
    let was = || {
        format!(
            "{} of {}",
            of(old, "function").unwrap_or_default(),
            of(old, "input").unwrap_or_default()
        )
    };
    is_other.then(was)
}

/// The verdict, where the derivative is wrong and was not when the snapshot was accepted.
fn became_wrong(row: &Row<'_>) -> Option<Verdict> {
    let verdict = row.verdict.as_ref().filter(|verdict| verdict.is_wrong())?;
    let before = row.old.as_ref().and_then(|old| old.info.get("verdict"));
    (before.and_then(Value::as_str) != Some(verdict.word())).then(|| verdict.clone())
}

fn is_same(old: &Snapshot, new: &Snapshot) -> bool {
    old.body == new.body && changes::instances(old, new).is_empty()
}

fn write_accepted(new: &Snapshot, row: &mut Row<'_>) -> Result<(), Error> {
    let accepted = Snapshot {
        line: None,
        ..new.clone()
    };
    accepted.write(&row.file)?;
    row.wrote = Some(row.file.clone());
    Ok(())
}

fn begun<'e>(entry: &'e Entry, computed: &Computed, project: &Project) -> Row<'e> {
    Row {
        entry,
        standing: Standing::Same,
        old: None,
        new: None,
        changes: None,
        error: None,
        unreadable: None,
        warnings: computed.warnings.clone(),
        verdict: computed.verdict.clone(),
        file: project.folder.accepted(&entry.name),
        wrote: None,
        taken: computed.taken,
    }
}

fn failed<'e>(mut row: Row<'e>, error: Error) -> Row<'e> {
    row.standing = Standing::Failed;
    row.error = Some(error);
    row
}
