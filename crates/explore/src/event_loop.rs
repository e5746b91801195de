//! The loop: hears news, changes the model, and paints it.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::crossterm::event;
use ratatui::layout::Rect;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use view_model::glyphs::Glyphs;
use view_model::press::sight::keep_in_sight;
use view_model::run::{Run, Status};
use view_model::story::Story;
use view_model::{Effect, Model, TextKey, press, screen};

use crate::clipboard;
use crate::compare::{Comparing, Pair, Source};
use crate::engines::Engines;
use crate::input;
use crate::looks::Looks;
use crate::news::News;
use crate::paint;
use crate::sources::Sources;
use crate::start::{ExploreError, Start, Words};
use crate::take::take;
use crate::terminal::{Held, give_back, seize};
use crate::watch::watch;

/// How long the screen waits for code that is being compared, before it is shown without.
const PATIENCE: Duration = Duration::from_millis(12);
/// The same where the text itself can be shown meanwhile.
const SHORT_PATIENCE: Duration = Duration::from_millis(4);

/// Explores until somebody leaves. What the file turns out to be is said on the screen.
pub fn run(start: Start, words: &dyn Words) -> Result<(), ExploreError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(ExploreError::NoTerminal);
    }
    let (sender, receiver) = mpsc::channel();
    let file = start.path.display().to_string();
    let mut model = Model::new(&file, Glyphs { ascii: start.ascii });
    let looks = Looks::of(start.theme.as_deref(), start.is_dark);
    if start.watch {
        watch(start.path.clone(), sender.clone());
    }
    model.work = Some(format!("reading {file}"));
    let engines = Engines::new(start, sender.clone());
    engines.load();
    let held = Held::take()?;
    let size = ratatui::crossterm::terminal::size()?;
    model.size = size;
    listen_to_system(sender.clone())?;
    listen_to_terminal(sender.clone());
    let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
    let mut explorer = Explorer {
        terminal: Terminal::new(backend)?,
        comparing: Comparing::start(&sender),
        engines,
        looks,
        sources: Sources::default(),
        words,
        model,
    };
    let ended = explorer.go(&receiver);
    explorer.engines.stop();
    drop(held);
    ended
}

/// The system's orders, as news.
pub fn listen_to_system(sender: Sender<News>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let news = match signal {
                SIGTSTP => News::Suspend,
                SIGCONT => News::Resume,
                _ => News::End,
            };
            if sender.send(news).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// What a person does, as news.
pub fn listen_to_terminal(sender: Sender<News>) {
    thread::spawn(move || {
        loop {
            let news = match event::read() {
                Ok(event) => input::heard(event),
                // The terminal has gone.
                Err(_) => Some(News::End),
            };
            let is_end = matches!(news, Some(News::End));
            let has_gone = news.is_some_and(|news| sender.send(news).is_err());
            if has_gone || is_end {
                return;
            }
        }
    });
}

/// Stops the process as a shell does, and goes on when the shell says so.
pub fn suspend() -> io::Result<()> {
    give_back();
    emulate_default_handler(SIGTSTP)?;
    // Here the process goes on.
    seize()
}

/// All is painted anew at the next time. (To clear the screen, ratatui asks the terminal where its cursor is, and
/// another thread would read the answer.)
pub fn redraw<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let size = terminal.size()?;
    terminal.resize(Rect::new(0, 0, size.width, size.height))
}

struct Explorer<'w> {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    comparing: Comparing,
    engines: Engines,
    looks: Looks,
    sources: Sources,
    words: &'w dyn Words,
    model: Model,
}

/// What becomes of the loop.
#[derive(PartialEq, Eq)]
enum Next {
    On,
    Leave,
}

impl Explorer<'_> {
    fn go(&mut self, receiver: &Receiver<News>) -> Result<(), ExploreError> {
        self.wait_for_code(receiver, Instant::now())?;
        self.draw()?;
        loop {
            let Ok(news) = receiver.recv() else {
                return Ok(());
            };
            let begun = Instant::now();
            if self.hear(news)? == Next::Leave {
                return Ok(());
            }
            // What came at once is shown at once.
            let until = begun + SHORT_PATIENCE;
            while Instant::now() < until {
                let Ok(news) = receiver.try_recv() else { break };
                if self.hear(news)? == Next::Leave {
                    return Ok(());
                }
            }
            if self.wait_for_code(receiver, begun)? == Next::Leave {
                return Ok(());
            }
            self.draw()?;
        }
    }

    /// Code that is there in a moment is not announced.
    fn wait_for_code(
        &mut self,
        receiver: &Receiver<News>,
        begun: Instant,
    ) -> Result<Next, ExploreError> {
        while self.model.is_waiting() || self.model.is_empty {
            let patience = match self.model.stands_in() {
                true => SHORT_PATIENCE,
                false => PATIENCE,
            };
            let until = begun + patience;
            let left = until.saturating_duration_since(Instant::now());
            let Ok(news) = receiver.recv_timeout(left) else {
                break;
            };
            if self.hear(news)? == Next::Leave {
                return Ok(Next::Leave);
            }
        }
        Ok(Next::On)
    }

    fn hear(&mut self, news: News) -> Result<Next, ExploreError> {
        let is_key = matches!(news, News::Key(_));
        let mut effects = match news {
            News::Key(key) => press(&mut self.model, key),
            News::Resized(width, height) => {
                self.model.size = (width, height);
                Vec::new()
            }
            News::End => return Ok(Next::Leave),
            News::Suspend => vec![Effect::Suspend],
            News::Resume => {
                seize()?;
                redraw(&mut self.terminal)?;
                Vec::new()
            }
            News::Changed => {
                self.sources.forget();
                self.model.say("the file has changed");
                self.engines.load();
                Vec::new()
            }
            News::Compared(found) if !self.comparing.arrived(&found) => Vec::new(),
            news => take(&mut self.model, news, &self.engines, self.words),
        };
        if !is_key {
            // A key has done so.
            effects.extend(self.model.settle());
            keep_in_sight(&mut self.model);
        }
        for effect in effects {
            if self.fulfil(effect)? == Next::Leave {
                return Ok(Next::Leave);
            }
        }
        self.compare_ahead();
        self.comparing.take_apart(mem::take(&mut self.model.let_go));
        Ok(Next::On)
    }

    /// Compares what is left when there is nothing else to do, from the step that is shown on.
    fn compare_ahead(&mut self) {
        let Some((_, shown)) = self.model.texts() else {
            return;
        };
        let distance = |(before, after): &(TextKey, TextKey)| {
            let is_here = after.run == shown.run;
            // Texts are numbered as steps make them.
            let way = after
                .text
                .abs_diff(shown.text)
                .min(before.text.abs_diff(shown.text));
            if is_here { way } else { usize::MAX }
        };
        while let Some((before, after)) = self.comparing.next(distance) {
            if let Some(pair) = self.pair(before, after) {
                self.comparing.ahead(pair);
            }
        }
    }

    fn fulfil(&mut self, effect: Effect) -> Result<Next, ExploreError> {
        match effect {
            Effect::Quit => return Ok(Next::Leave),
            Effect::Compare(before, after) => {
                if let Some(pair) = self.pair(before, after) {
                    self.comparing.now(pair);
                }
            }
            Effect::Measure(run, pairs) => self.comparing.later(run, pairs),
            Effect::Start(number, ask) => {
                self.comparing.forget(number);
                let mut run = Run::new(
                    ask.clone(),
                    Story::of(view_model::press::runs::empty_trace(), None),
                );
                run.status = Status::Working;
                self.model.restart(number, run);
                self.model.work = Some("the engine is at work".to_owned());
                self.engines.run(number, ask);
            }
            Effect::Explain(number) => {
                let ask = self.model.runs[number].ask.clone();
                self.engines.explain(number, ask);
                self.model.work = Some("asking what each line is there for".to_owned());
            }
            Effect::Values(number) => {
                let ask = self.model.runs[number].ask.clone();
                self.engines.values(number, ask);
                self.model.work = Some("running it for the numbers".to_owned());
            }
            Effect::Locate(number) => {
                let ask = self.model.runs[number].ask.clone();
                self.engines.locate(number, ask);
                self.model.work = Some("looking for where it goes wrong".to_owned());
            }
            Effect::Stop => self.engines.stop(),
            Effect::Copy(text) => {
                if !clipboard::copy(&text, self.terminal.backend_mut())? {
                    self.model
                        .warn("that is too long for the terminal's clipboard; e saves it");
                }
            }
            Effect::Save(path, text) => {
                let input = self.engines.start().path.clone();
                let written = session::files::write(&path, text.as_bytes(), &[&input]);
                match written {
                    Ok(()) => self.model.say(format!("saved {}", path.display())),
                    Err(error) => self.model.warn(error.to_string()),
                }
            }
            Effect::Theme => match self.looks.next() {
                Some(name) => self.model.say(format!("theme {name}")),
                None => self.model.say("no colours are wanted"),
            },
            Effect::Suspend => {
                suspend()?;
                redraw(&mut self.terminal)?;
            }
        }
        Ok(Next::On)
    }

    /// Two texts of runs, to be compared.
    fn pair(&self, before: TextKey, after: TextKey) -> Option<Pair> {
        let source = |key: TextKey| {
            let run = self.model.runs.get(key.run)?;
            Some(match run.functions.get(&key.text) {
                Some(function) => Source::Read(Arc::clone(function)),
                None => Source::Text(run.story.trace.text(key.text)?),
            })
        };
        Some(Pair {
            before: (before, source(before)?),
            after: (after, source(after)?),
        })
    }

    fn draw(&mut self) -> Result<(), ExploreError> {
        // Of sizes in quick succession the last one counts, whatever was heard of them.
        let size = self.terminal.size()?;
        if (size.width, size.height) != self.model.size {
            self.hear(News::Resized(size.width, size.height))?;
        }
        let read = |location: &diff_view::Location| self.sources.line(location);
        let shown = screen(&self.model, &read);
        let (looks, glyphs) = (&self.looks, self.model.glyphs);
        self.terminal.draw(|frame| {
            paint::paint(&shown, looks, glyphs, frame.buffer_mut());
            if let Some(place) = paint::cursor(&shown) {
                frame.set_cursor_position(place);
            }
        })?;
        Write::flush(self.terminal.backend_mut())?;
        Ok(())
    }
}
