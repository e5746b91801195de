//! What a key does to a window above the view.

use crate::effect::Effect;
use crate::key::Key;
use crate::model::Model;

pub(crate) fn read(model: &mut Model, key: &Key) -> Vec<Effect> {
    let Some(overlay) = &mut model.overlay else {
        return Vec::new();
    };
    let last = overlay.rows.len().saturating_sub(1);
    match key {
        Key::Up | Key::Char('k') => overlay.top = overlay.top.saturating_sub(1),
        Key::Down | Key::Char('j') => overlay.top = (overlay.top + 1).min(last),
        Key::Wheel(_, _, by) => {
            overlay.top = overlay
                .top
                .saturating_add_signed(isize::from(*by) * 3)
                .min(last);
        }
        Key::PageUp => overlay.top = overlay.top.saturating_sub(10),
        Key::PageDown | Key::Char(' ') => overlay.top = (overlay.top + 10).min(last),
        Key::Home => overlay.top = 0,
        Key::End => overlay.top = last,
        Key::Char('y') if overlay.copies.is_some() => {
            let text = overlay.copies.clone().unwrap_or_default();
            model.overlay = None;
            model.say("copied");
            return vec![Effect::Copy(text)];
        }
        _ => model.overlay = None,
    }
    Vec::new()
}
