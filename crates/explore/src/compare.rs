//! Compares texts on a thread of its own: first what somebody waits for, then what is left.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;

use diff_view::Function;
use trace::TextId;
use view_model::{Comparison, TextKey};

use crate::news::News;

/// Something to compare: names of texts, and the texts.
pub struct Pair {
    /// The text before.
    pub before: (TextKey, String),
    /// The text after.
    pub after: (TextKey, String),
}

/// What the thread is told.
enum Told {
    /// Somebody waits for this.
    Now(Pair),
    /// When there is nothing else to do.
    Later(Vec<Pair>),
    /// A run is made anew.
    Forget(usize),
}

/// The thread that compares.
pub struct Comparing {
    sender: Sender<Told>,
    /// What it was told to do later, so that it is told once.
    told: HashSet<(usize, TextId, TextId)>,
}

impl Comparing {
    /// Starts it.
    pub fn start(news: Sender<News>) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || work(&receiver, &news));
        Comparing {
            sender,
            told: HashSet::new(),
        }
    }

    /// Compares this next.
    pub fn now(&self, pair: Pair) {
        let _ = self.sender.send(Told::Now(pair));
    }

    /// True the first time that a pair of texts is to be compared some time.
    pub fn is_new(&mut self, run: usize, before: TextId, after: TextId) -> bool {
        self.told.insert((run, before, after))
    }

    /// Compares these some time.
    pub fn later(&self, pairs: Vec<Pair>) {
        let _ = self.sender.send(Told::Later(pairs));
    }

    /// Forgets a run's texts.
    pub fn forget(&mut self, run: usize) {
        self.told.retain(|(own, ..)| *own != run);
        let _ = self.sender.send(Told::Forget(run));
    }
}

/// More lines than this are not kept read. What is read twice is held twice by what was compared.
const MOST_LINES: usize = 600_000;

/// Functions that were read; those of a row of texts are needed twice.
#[derive(Default)]
struct Readings {
    functions: HashMap<TextKey, Arc<Function>>,
    order: VecDeque<TextKey>,
    lines: usize,
}

impl Readings {
    fn of(&mut self, (key, text): &(TextKey, String)) -> Arc<Function> {
        if let Some(known) = self.functions.get(key) {
            return Arc::clone(known);
        }
        let function = Arc::new(Function::parse(text));
        self.lines += function.lines.len();
        self.functions.insert(*key, Arc::clone(&function));
        self.order.push_back(*key);
        while self.lines > MOST_LINES && self.order.len() > 2 {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(gone) = self.functions.remove(&oldest) {
                self.lines -= gone.lines.len();
            }
        }
        function
    }
}

fn work(receiver: &Receiver<Told>, news: &Sender<News>) {
    let mut readings = Readings::default();
    let mut now: VecDeque<Pair> = VecDeque::new();
    let mut later: VecDeque<Pair> = VecDeque::new();
    loop {
        let idle = now.is_empty() && later.is_empty();
        let told = match idle {
            true => match receiver.recv() {
                Ok(told) => Some(told),
                Err(_) => return,
            },
            false => match receiver.try_recv() {
                Ok(told) => Some(told),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => return,
            },
        };
        match told {
            Some(Told::Now(pair)) => now.push_back(pair),
            Some(Told::Later(pairs)) => later.extend(pairs),
            Some(Told::Forget(run)) => {
                let is_of = |pair: &Pair| pair.before.0.run == run || pair.after.0.run == run;
                now.retain(|pair| !is_of(pair));
                later.retain(|pair| !is_of(pair));
                readings = Readings::default();
            }
            None => {
                let Some(pair) = now.pop_front().or_else(|| later.pop_front()) else {
                    continue;
                };
                let before = readings.of(&pair.before);
                let after = readings.of(&pair.after);
                let found = Comparison::of((pair.before.0, &before), (pair.after.0, &after));
                if news.send(News::Compared(Box::new(found))).is_err() {
                    return;
                }
            }
        }
    }
}
