//! The notes of a talk: what to say, a clock, and what comes next.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use diff_view::{Row, Tone};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use view_model::glyphs::Glyphs;
use view_model::key::Key;
use view_model::overlay::line;
use view_model::screen::placed::{Placed, Screen, Stands};
use view_model::stage::paragraphs;
use view_model::talk::Talk;

use super::line::{Place, listen};
use super::present::Lights;
use super::runs::StageError;
use crate::event_loop::{listen_to_system, listen_to_terminal, redraw, suspend};
use crate::looks::Looks;
use crate::news::News;
use crate::paint;
use crate::terminal::{Held, seize};

/// How often the stage is looked for, where there is none, and the clock goes on.
const BEAT: Duration = Duration::from_millis(500);

/// What the notes hear.
enum Heard {
    News(News),
    Place(Option<Place>),
}

/// Shows the notes of a talk until somebody leaves, with the stage or without it.
pub fn notes(path: &Path, lights: &Lights<'_>) -> Result<(), StageError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(StageError::NoTerminal);
    }
    let talk = Talk::read(path)?;
    let looks = Looks::of(lights.theme, lights.is_dark);
    let glyphs = Glyphs {
        ascii: lights.ascii,
    };
    let (sender, receiver) = mpsc::channel();
    let held = Held::take()?;
    let (news, heard) = mpsc::channel();
    listen_to_system(news.clone())?;
    listen_to_terminal(news);
    let own = sender.clone();
    thread::spawn(move || {
        heard
            .into_iter()
            .try_for_each(|news| own.send(Heard::News(news)))
    });
    let talk_path = path.to_owned();
    thread::spawn(move || {
        loop {
            let ended = listen(&talk_path, &mut |place| {
                sender.send(Heard::Place(Some(place))).is_ok()
            });
            let _ = ended;
            if sender.send(Heard::Place(None)).is_err() {
                return;
            }
            thread::sleep(BEAT);
        }
    });
    let mut terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(io::stdout())))?;
    let mut size = ratatui::crossterm::terminal::size()?;
    let mut place = Place::default();
    let mut is_there = false;
    let mut begun: Option<Instant> = None;
    loop {
        let passed = begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        let shown = screen(&talk, place, is_there, passed, size);
        terminal.draw(|frame| paint::paint(&shown, &looks, glyphs, frame.buffer_mut()))?;
        terminal.backend_mut().flush()?;
        match receiver.recv_timeout(BEAT) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Ok(Heard::Place(None)) => is_there = false,
            Ok(Heard::Place(Some(found))) => {
                is_there = true;
                // The clock begins when the talk leaves its first screen.
                if found.at > 0 && begun.is_none() {
                    begun = Some(Instant::now());
                }
                place = found;
            }
            Ok(Heard::News(news)) => match news {
                News::Key(Key::Char('q') | Key::Control('c')) | News::End => break,
                News::Key(Key::Char('0')) => begun = Some(Instant::now()),
                News::Key(Key::Char(' ' | 'n') | Key::Right | Key::PageDown) if !is_there => {
                    place = Place {
                        at: place.at + 1,
                        part: 0,
                        is_blank: false,
                    };
                }
                News::Key(Key::Left | Key::PageUp) if !is_there => {
                    place = Place {
                        at: place.at.saturating_sub(1),
                        part: 0,
                        is_blank: false,
                    };
                }
                News::Resized(width, height) => size = (width, height),
                News::Suspend => {
                    suspend()?;
                    redraw(&mut terminal)?;
                }
                News::Resume => {
                    seize()?;
                    redraw(&mut terminal)?;
                }
                _ => {}
            },
        }
        place.at = place.at.min(talk.screens.len() - 1);
    }
    drop(held);
    Ok(())
}

fn screen(talk: &Talk, place: Place, is_there: bool, passed: Duration, size: (u16, u16)) -> Screen {
    let (width, height) = size;
    let columns = usize::from(width);
    let mut rows: Vec<Row> = Vec::new();
    let slide = &talk.screens[place.at.min(talk.screens.len() - 1)];
    let seconds = passed.as_secs();
    let clock = format!("{:02}:{:02}", seconds / 60, seconds % 60);
    let state = match (is_there, place.is_blank) {
        (false, _) => "  no stage: waiting for it; space goes on here",
        (true, true) => "  the screen is blank",
        (true, false) => "",
    };
    let count = talk.screens.len();
    rows.push(line(
        &format!("{clock}   {} of {count}{state}", place.at + 1),
        Tone::Title,
    ));
    rows.push(Row::default());
    rows.push(line(&slide.title, Tone::Hunk));
    if !slide.question.is_empty() {
        let is_answered = slide.is_answered(place.part);
        let word = if is_answered { "asked: " } else { "ask: " };
        rows.extend(paragraphs(
            &format!("{word}{}", slide.question),
            columns,
            Tone::Warning,
        ));
        rows.extend(paragraphs(
            &format!("answer: {}", slide.answer),
            columns,
            Tone::Added,
        ));
    }
    rows.push(Row::default());
    rows.extend(paragraphs(&slide.notes, columns, Tone::Plain));
    rows.push(Row::default());
    let left = slide.parts().saturating_sub(place.part);
    let next = match (left, talk.screens.get(place.at + 1)) {
        (1.., _) => format!("next: {left} more on this screen"),
        (0, Some(next)) => format!("next: {}", next.title),
        (0, None) => "this is the last screen".to_owned(),
    };
    rows.push(line(&next, Tone::Muted));
    let placed = (0..height).zip(rows);
    Screen {
        rows: placed
            .map(|(y, row)| Placed {
                x: 0,
                y,
                width,
                row,
                mark: Stands::Plain,
            })
            .collect(),
        cursor: None,
    }
}
