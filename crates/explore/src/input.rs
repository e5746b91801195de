//! What a terminal sends, as keys.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use view_model::Key;

use crate::news::News;

/// What an event means, if something.
pub fn heard(event: Event) -> Option<News> {
    match event {
        Event::Key(key) => pressed(key).map(News::Key),
        Event::Mouse(mouse) => pointed(mouse).map(News::Key),
        Event::Paste(text) => Some(News::Key(Key::Paste(text))),
        Event::Resize(width, height) => Some(News::Resized(width, height)),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn pressed(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char(letter) if is_control => Key::Control(letter.to_ascii_lowercase()),
        KeyCode::Char(letter) => Key::Char(letter),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    })
}

fn pointed(mouse: MouseEvent) -> Option<Key> {
    let (column, row) = (mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Key::Click(column, row)),
        MouseEventKind::ScrollDown => Some(Key::Wheel(column, row, 1)),
        MouseEventKind::ScrollUp => Some(Key::Wheel(column, row, -1)),
        _ => None,
    }
}
