//! The map of a module: what became of each of its functions.

use askama::Template;
use diff_view::Row;

use crate::document::{Painted, STYLE, painted, policy_of};

/// The map of a module.
pub struct Map {
    /// What it is of.
    pub title: String,
    /// The command that made it.
    pub command: String,
    /// Functions by what became of them, in the order in which they are shown.
    pub groups: Vec<Group>,
}

/// Functions of which the same became.
pub struct Group {
    /// How that is to be taken.
    pub tone: MapTone,
    /// What became of them, as it stands behind their number.
    pub words: String,
    /// The functions.
    pub functions: Vec<Place>,
}

/// A function on a map.
pub struct Place {
    /// What it is called.
    pub name: String,
    /// What is to be said of it.
    pub words: String,
    /// A page about it, beside the map.
    pub page: Option<String>,
    /// What of it is shown, as rows.
    pub rows: Vec<Row>,
}

impl Place {
    fn painted(&self) -> Vec<Painted<'_>> {
        self.rows.iter().map(painted).collect()
    }
}

/// How a place on a map is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapTone {
    /// Its derivative is right.
    Right,
    /// Its derivative is wrong.
    Wrong,
    /// Nobody knows.
    Doubtful,
    /// It has no derivative.
    Refused,
    /// There is nothing to differentiate.
    Nothing,
}

impl MapTone {
    /// Its class in the style sheet.
    fn class(self) -> &'static str {
        match self {
            MapTone::Right => "right",
            MapTone::Wrong => "wrong",
            MapTone::Doubtful => "doubtful",
            MapTone::Refused => "refused",
            MapTone::Nothing => "nothing",
        }
    }
}

#[derive(Template)]
#[template(path = "map.html")]
struct Document<'a> {
    policy: String,
    style: &'a str,
    map: &'a Map,
    label: String,
    parts: Vec<Part>,
}

/// A part of the bar on top.
struct Part {
    class: &'static str,
    x: usize,
    width: usize,
}

/// Writes a map. It needs no script.
pub fn map_html(map: &Map) -> String {
    let style = format!("{STYLE}{}", include_str!("assets/map.css"));
    let all: usize = map.groups.iter().map(|group| group.functions.len()).sum();
    let mut parts = Vec::new();
    let mut before = 0;
    for group in &map.groups {
        let x = before * 1000 / all.max(1);
        before += group.functions.len();
        parts.push(Part {
            class: group.tone.class(),
            x,
            width: before * 1000 / all.max(1) - x,
        });
    }
    let shares = map
        .groups
        .iter()
        .filter(|group| !group.functions.is_empty());
    let shares: Vec<String> = shares
        .map(|group| format!("{} {}", group.functions.len(), group.words))
        .collect();
    let document = Document {
        policy: policy_of(None, &style),
        style: &style,
        map,
        label: shares.join(", "),
        parts,
    };
    // Writing into memory cannot fail.
    document.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_shares_add_up() {
        let place = |name: &str| Place {
            name: name.to_owned(),
            words: String::new(),
            page: None,
            rows: Vec::new(),
        };
        let map = Map {
            title: "</style><script>".to_owned(),
            command: "irad survey".to_owned(),
            groups: vec![
                Group {
                    tone: MapTone::Right,
                    words: "right".to_owned(),
                    functions: vec![place("f"), place("<img>")],
                },
                Group {
                    tone: MapTone::Wrong,
                    words: "wrong".to_owned(),
                    functions: vec![place("g")],
                },
            ],
        };
        let html = map_html(&map);
        assert!(!html.contains("<script") && !html.contains("<img"));
        assert!(html.contains("aria-label=\"2 right, 1 wrong\""));
        assert!(html.contains("x=\"666\" y=\"0\" width=\"334\""));
    }
}
