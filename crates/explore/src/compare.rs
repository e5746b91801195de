//! Compares texts on threads of their own: on one what somebody waits for, on the other what is left.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use diff_view::{Function, Prepared};
use trace::TextId;
use view_model::{Comparison, TextKey};

use crate::compared::Compared;
use crate::news::News;

/// A text as it is known.
pub enum Source {
    /// As the engine wrote it.
    Text(String),
    /// It has been read.
    Read(Arc<Function>),
}

impl Source {
    /// True where making it ready takes longer than starting a thread.
    fn is_large(&self) -> bool {
        match self {
            Source::Text(text) => text.len() >= 200_000,
            Source::Read(function) => function.lines.len() >= 4000,
        }
    }
}

/// Something to compare: names of texts, and the texts.
pub struct Pair {
    /// The text before.
    pub before: (TextKey, Source),
    /// The text after.
    pub after: (TextKey, Source),
}

/// Which making of a run a text is of.
type Made = (TextKey, u64);

/// A pair on its way, and which makings of its runs it is of.
struct Sent {
    pair: Pair,
    made: [u64; 2],
}

/// The threads that compare.
pub struct Comparing {
    now: Sender<Sent>,
    later: Sender<Sent>,
    /// Takes apart what nobody needs, which takes as long as it is large.
    away: Sender<Vec<Arc<Comparison>>>,
    /// What it was told to do later, so that it is told once.
    told: HashSet<(usize, TextId, TextId)>,
    /// What of that has not been begun.
    left: VecDeque<(TextKey, TextKey)>,
    /// One of them is being compared.
    is_busy: bool,
    /// How often each run was made anew.
    made: HashMap<usize, u64>,
    readings: Arc<Mutex<Readings>>,
}

impl Comparing {
    /// Starts them.
    pub fn start(news: &Sender<News>) -> Self {
        let readings = Arc::new(Mutex::new(Readings::default()));
        let worker = |is_awaited: bool| {
            let (sender, receiver) = mpsc::channel();
            let (news, readings) = (news.clone(), Arc::clone(&readings));
            thread::spawn(move || work(&receiver, &news, &readings, is_awaited));
            sender
        };
        let (away, gone) = mpsc::channel::<Vec<Arc<Comparison>>>();
        thread::spawn(move || gone.into_iter().for_each(drop));
        Comparing {
            now: worker(true),
            later: worker(false),
            away,
            told: HashSet::new(),
            left: VecDeque::new(),
            is_busy: false,
            made: HashMap::new(),
            readings,
        }
    }

    /// Compares this at once.
    pub fn now(&self, pair: Pair) {
        let _ = self.now.send(self.sent(pair));
    }

    /// Compares these some time: those that were not named before.
    pub fn later(&mut self, run: usize, pairs: Vec<(TextId, TextId)>) {
        for (before, after) in pairs {
            if self.told.insert((run, before, after)) {
                let key = |text| TextKey { run, text };
                self.left.push_back((key(before), key(after)));
            }
        }
    }

    /// What to compare when there is nothing else to do, if something: of what is left, that which is the least by
    /// `distance`.
    pub fn next(
        &mut self,
        distance: impl Fn(&(TextKey, TextKey)) -> usize,
    ) -> Option<(TextKey, TextKey)> {
        if self.is_busy {
            return None;
        }
        let places = 0..self.left.len();
        let closest = places.min_by_key(|&at| distance(&self.left[at]))?;
        self.left.remove(closest)
    }

    /// Compares this on the other thread.
    pub fn ahead(&mut self, pair: Pair) {
        self.is_busy = self.later.send(self.sent(pair)).is_ok();
    }

    /// Something was compared: true where it is of runs as they are now.
    pub fn arrived(&mut self, found: &Compared) -> bool {
        self.is_busy &= found.is_awaited;
        let own = &found.comparison;
        found.made == [self.made_of(own.before), self.made_of(own.after)]
    }

    /// Takes apart what nobody needs.
    pub fn take_apart(&self, gone: Vec<Arc<Comparison>>) {
        if !gone.is_empty() {
            let _ = self.away.send(gone);
        }
    }

    /// Forgets a run's texts, which come anew.
    pub fn forget(&mut self, run: usize) {
        self.told.retain(|(own, ..)| *own != run);
        self.left
            .retain(|(before, after)| before.run != run && after.run != run);
        *self.made.entry(run).or_default() += 1;
        held(&self.readings).forget(run);
    }

    fn made_of(&self, key: TextKey) -> u64 {
        self.made.get(&key.run).copied().unwrap_or_default()
    }

    fn sent(&self, pair: Pair) -> Sent {
        let made = [self.made_of(pair.before.0), self.made_of(pair.after.0)];
        Sent { pair, made }
    }
}

/// More lines than this are not kept ready.
const MOST_LINES: usize = 600_000;

/// Functions that were made ready; those of a row of texts are needed twice.
#[derive(Default)]
struct Readings {
    ready: HashMap<Made, Arc<Prepared>>,
    order: VecDeque<Made>,
    lines: usize,
}

impl Readings {
    fn keep(&mut self, made: Made, prepared: &Arc<Prepared>) {
        if self.ready.insert(made, Arc::clone(prepared)).is_some() {
            return;
        }
        self.lines += prepared.function().lines.len();
        self.order.push_back(made);
        while self.lines > MOST_LINES && self.order.len() > 2 {
            let Some(gone) = self
                .order
                .pop_front()
                .and_then(|oldest| self.ready.remove(&oldest))
            else {
                break;
            };
            self.lines -= gone.function().lines.len();
        }
    }

    fn forget(&mut self, run: usize) {
        self.ready.retain(|(key, _), _| key.run != run);
        self.order.retain(|(key, _)| key.run != run);
        let all = self.ready.values();
        self.lines = all.map(|ready| ready.function().lines.len()).sum();
    }
}

fn held(readings: &Mutex<Readings>) -> MutexGuard<'_, Readings> {
    readings.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ready(readings: &Mutex<Readings>, made: Made, source: Source) -> Arc<Prepared> {
    let known = held(readings).ready.get(&made).cloned();
    known.unwrap_or_else(|| {
        let function = match source {
            Source::Text(text) => Arc::new(Function::parse(&text)),
            Source::Read(function) => function,
        };
        let prepared = Arc::new(Prepared::of(&function));
        held(readings).keep(made, &prepared);
        prepared
    })
}

/// Does two things, at the same time where that is worth it.
fn both<T: Send>(
    one: impl FnOnce() -> T + Send,
    other: impl FnOnce() -> T,
    is_worth_it: bool,
) -> (T, T) {
    if !is_worth_it {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        match one.join() {
            Ok(one) => (one, other),
            Err(panic) => panic::resume_unwind(panic),
        }
    })
}

fn work(
    receiver: &Receiver<Sent>,
    news: &Sender<News>,
    readings: &Mutex<Readings>,
    is_awaited: bool,
) {
    for Sent { pair, made } in receiver {
        let Pair { before, after } = pair;
        let keys = (before.0, after.0);
        let is_large = before.1.is_large() && after.1.is_large();
        let of_new = (keys.1, made[1]);
        let (old, new) = match keys.0 == keys.1 {
            true => {
                let new = ready(readings, of_new, after.1);
                (Arc::clone(&new), new)
            }
            false => both(
                || ready(readings, (keys.0, made[0]), before.1),
                || ready(readings, of_new, after.1),
                is_large,
            ),
        };
        let found = Compared {
            comparison: Comparison::of((keys.0, &old), (keys.1, &new)),
            made,
            is_awaited,
        };
        if news.send(News::Compared(Box::new(found))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "define void @f() {\n  ret void\n}\n";
    const AFTER: &str = "define void @f() {\n  call void @g()\n  ret void\n}\n";

    fn key(text: TextId) -> TextKey {
        TextKey { run: 0, text }
    }

    fn pair(before: TextId, after: TextId) -> Pair {
        let source = |text: TextId| Source::Text(if text == 0 { BEFORE } else { AFTER }.to_owned());
        Pair {
            before: (key(before), source(before)),
            after: (key(after), source(after)),
        }
    }

    fn compared(receiver: &Receiver<News>) -> Compared {
        match receiver.recv().unwrap() {
            News::Compared(found) => *found,
            _ => panic!("something else was heard"),
        }
    }

    #[test]
    fn what_is_closest_is_compared_first_and_one_at_a_time() {
        let (sender, receiver) = mpsc::channel();
        let mut comparing = Comparing::start(&sender);
        comparing.later(0, vec![(0, 1), (1, 2), (2, 3)]);
        // What was named is not named again.
        comparing.later(0, vec![(1, 2)]);
        let distance = |(_, after): &(TextKey, TextKey)| after.text.abs_diff(3);
        let next = comparing.next(distance).unwrap();
        assert_eq!(next, (key(2), key(3)));
        comparing.ahead(pair(0, 1));
        assert_eq!(comparing.next(distance), None);
        // What somebody waits for does not stand behind it.
        comparing.now(pair(1, 1));
        for _ in 0..2 {
            let found = compared(&receiver);
            assert!(comparing.arrived(&found));
        }
        assert_eq!(comparing.next(distance), Some((key(1), key(2))));
        assert_eq!(comparing.next(distance), Some((key(0), key(1))));
        assert_eq!(comparing.next(distance), None);
    }

    #[test]
    fn what_was_compared_of_a_run_that_is_made_anew_counts_for_nothing() {
        let (sender, receiver) = mpsc::channel();
        let mut comparing = Comparing::start(&sender);
        comparing.now(pair(0, 1));
        let found = compared(&receiver);
        comparing.forget(0);
        assert!(!comparing.arrived(&found));
        // The text of that number is another one now.
        let again = Pair {
            before: (key(0), Source::Text(AFTER.to_owned())),
            after: (key(1), Source::Text(AFTER.to_owned())),
        };
        comparing.now(again);
        let found = compared(&receiver);
        assert!(comparing.arrived(&found));
        assert_eq!(found.comparison.change, view_model::story::Change::Nothing);
    }
}
