//! Keeps the cursor on the screen.

use crate::geometry::geometry;
use crate::lay;
use crate::model::Model;

/// The cursor stays on the screen, and the screen is filled where there is something to fill it with.
pub fn keep_in_sight(model: &mut Model) {
    let area = geometry(model).code;
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if height == 0 || width == 0 {
        return;
    }
    let own = lay::height_of(model, model.code.cursor, width).max(1);
    let lowest = height.saturating_sub(own);
    model.view.anchor = model.view.anchor.min(lowest);
    let (rows, above) = lay::lay(model, lay::Side::Main, width, height, &|_| None);
    model.view.anchor = above;
    let empty = height - rows.len();
    let has_more_above = rows.first().is_some_and(|first| first.entry > 0);
    if empty > 0 && has_more_above {
        // What is at the end stands at the bottom.
        model.view.anchor = (above + empty).min(lowest);
        let (_, above) = lay::lay(model, lay::Side::Main, width, height, &|_| None);
        model.view.anchor = above;
    }
}
