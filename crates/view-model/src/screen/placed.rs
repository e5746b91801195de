//! Rows at places of a screen.

use diff_view::Row;

use crate::geometry::Area;

/// A whole screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Its rows; later ones stand above earlier ones.
    pub rows: Vec<Placed>,
    /// Where the terminal's cursor blinks, if somewhere.
    pub cursor: Option<(u16, u16)>,
}

/// A row at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its first column.
    pub x: u16,
    /// Its screen row.
    pub y: u16,
    /// Columns that are its own; what is longer is cut off.
    pub width: u16,
    /// What it shows.
    pub row: Row,
    /// How it stands out.
    pub mark: Stands,
}

/// How a row stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stands {
    /// It does not.
    #[default]
    Plain,
    /// At the cursor.
    Cursor,
    /// It belongs to what is at the cursor.
    Lit,
    /// A bar across the screen.
    Bar,
}

impl Screen {
    /// Puts a row on a line of an area, counted from its first; what is below the area is left out.
    pub(crate) fn place(&mut self, area: Area, at: u16, row: Row, mark: Stands) {
        if at < area.height {
            self.rows.push(Placed {
                x: area.x,
                y: area.y + at,
                width: area.width,
                row,
                mark,
            });
        }
    }
}
