//! A talk on the stage.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use view_model::glyphs::Glyphs;
use view_model::stage::{Cue, Stage};

use super::line::{Place, Speaker};
use super::runs::{StageError, read};
use crate::event_loop::{listen_to_system, listen_to_terminal, redraw, suspend};
use crate::looks::Looks;
use crate::news::News;
use crate::paint;
use crate::sources::Sources;
use crate::start::Words;
use crate::terminal::{Held, seize};

/// Between two numbers that appear.
const BEAT: Duration = Duration::from_millis(220);

/// How it looks.
pub struct Lights<'a> {
    /// The theme's name; none for no colours.
    pub theme: Option<&'a str>,
    /// Whether the terminal's background is dark, if that is known.
    pub is_dark: Option<bool>,
    /// The terminal shows ASCII only.
    pub ascii: bool,
}

/// Presents a talk until somebody leaves. The notes may listen or not.
pub fn present(path: &Path, words: &dyn Words, lights: &Lights<'_>) -> Result<(), StageError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(StageError::NoTerminal);
    }
    let size = ratatui::crossterm::terminal::size()?;
    let (talk, runs) = read(path, words, usize::from(size.0))?;
    let mut looks = Looks::of(lights.theme, lights.is_dark);
    let glyphs = Glyphs {
        ascii: lights.ascii,
    };
    let mut stage = Stage::new(talk, runs, size, glyphs);
    let sources = Sources::default();
    // Without notes there is a talk all the same.
    let speaker = Speaker::open(path).ok();
    let (sender, receiver) = mpsc::channel();
    let held = Held::take()?;
    listen_to_system(sender.clone())?;
    listen_to_terminal(sender);
    let mut terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())))?;
    loop {
        let shown = stage.screen(&|location| sources.line(location));
        terminal.draw(|frame| paint::paint(&shown, &looks, glyphs, frame.buffer_mut()))?;
        terminal.backend_mut().flush()?;
        if let Some(speaker) = &speaker {
            speaker.tell(Place {
                at: stage.at,
                part: stage.part,
                is_blank: stage.is_blank,
            });
        }
        let news = match receiver.recv_timeout(BEAT) {
            Ok(news) => news,
            Err(RecvTimeoutError::Timeout) if stage.tick() => continue,
            Err(RecvTimeoutError::Timeout) => match receiver.recv() {
                Ok(news) => news,
                Err(_) => break,
            },
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match news {
            News::Key(view_model::Key::Char('t')) => _ = looks.next(),
            News::Key(key) => {
                if stage.press(key) == Cue::Leave {
                    break;
                }
            }
            News::Resized(width, height) => stage.resize((width, height)),
            News::End => break,
            News::Suspend => {
                suspend()?;
                redraw(&mut terminal)?;
            }
            News::Resume => {
                seize()?;
                redraw(&mut terminal)?;
            }
            _ => {}
        }
    }
    drop(held);
    Ok(())
}
