//! Where panes stand on a screen of a size.

use crate::model::Model;

/// A part of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// True for a place in it.
    pub fn holds(self, column: u16, row: u16) -> bool {
        (self.x..self.x + self.width).contains(&column)
            && (self.y..self.y + self.height).contains(&row)
    }
}

/// Where everything stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    /// What is shown.
    pub title: Area,
    /// The list of functions, where there is room.
    pub functions: Area,
    /// The list of steps.
    pub steps: Area,
    /// The code.
    pub code: Area,
    /// The other side of a pair.
    pub other: Area,
    /// What is on, and keys.
    pub footer: Area,
}

/// From so many columns on, lists stand beside the code.
const WIDE: u16 = 100;
/// Columns of the lists.
const LISTS: u16 = 38;
/// From so many columns on, the two sides of a pair stand side by side.
const PAIR: u16 = 96;

/// Where everything stands.
pub fn geometry(model: &Model) -> Geometry {
    let (width, height) = model.size;
    let heading = u16::try_from(model.heading().len()).unwrap_or(u16::MAX);
    let most = (height / 4).max(1);
    let title = Area {
        x: 0,
        y: 0,
        width,
        height: (1 + heading.min(most)).min(height),
    };
    let footer_height = if height >= 8 { 2 } else { 1 };
    let footer_height = footer_height.min(height.saturating_sub(title.height));
    let footer = Area {
        x: 0,
        y: height - footer_height,
        width,
        height: footer_height,
    };
    let body = Area {
        x: 0,
        y: title.height,
        width,
        height: height.saturating_sub(title.height + footer_height),
    };
    let mut all = Geometry {
        title,
        footer,
        ..Geometry::default()
    };
    let mut code = body;
    if width >= WIDE && !model.is_stage {
        let lists = Area {
            width: LISTS,
            ..body
        };
        code = Area {
            x: LISTS + 1,
            width: width - LISTS - 1,
            ..body
        };
        let wants_functions = model.functions.len() > 1 && body.height >= 16;
        let above = match wants_functions {
            true => {
                (body.height / 3).min(u16::try_from(model.functions.len()).unwrap_or(u16::MAX) + 2)
            }
            false => 0,
        };
        all.functions = Area {
            height: above,
            ..lists
        };
        all.steps = Area {
            y: lists.y + above,
            height: lists.height - above,
            ..lists
        };
    } else if model.shows_steps {
        all.steps = body;
        code.height = 0;
    }
    if model.view.pairing.is_some() && code.height > 3 {
        if code.width >= PAIR {
            let half = (code.width - 1) / 2;
            all.other = Area {
                x: code.x,
                width: half,
                ..code
            };
            code = Area {
                x: code.x + half + 1,
                width: code.width - half - 1,
                ..code
            };
        } else {
            let half = code.height / 2;
            all.other = Area {
                height: half,
                ..code
            };
            code = Area {
                y: code.y + half,
                height: code.height - half,
                ..code
            };
        }
        // The primal stands first, wherever the cursor is.
        if model.view.pairing.is_some_and(|pairing| pairing.on_primal) {
            std::mem::swap(&mut all.other, &mut code);
        }
    }
    all.code = code;
    all
}
