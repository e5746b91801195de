//! A whole screen as rows at places: what a painter paints, and all that it needs to know.

use diff_view::Tone;

use crate::geometry::{Area, geometry};
use crate::lay::{Read, Side};
use crate::model::Model;
use crate::overlay::{PromptKind, line};
use crate::screen::footer::footer;
use crate::screen::lists::{functions, steps};
use crate::screen::pane::pane;
use crate::screen::placed::{Screen, Stands};
use crate::screen::title::title;
use crate::screen::windows::{paint_overlay, picker};

/// The screen of a model.
pub fn screen(model: &Model, read: &Read<'_>) -> Screen {
    let mut screen = Screen::default();
    let (width, height) = model.size;
    if width < 20 || height < 5 {
        screen.place(
            Area {
                x: 0,
                y: 0,
                width,
                height: 1,
            },
            0,
            line("too small", Tone::Warning),
            Stands::Plain,
        );
        return screen;
    }
    let all = geometry(model);
    title(model, all.title, &mut screen);
    steps(model, all.steps, &mut screen);
    functions(model, all.functions, &mut screen);
    if all.steps.height > 0 && all.code.height > 0 {
        let x = all.steps.width;
        for y in 0..all.steps.height + all.functions.height {
            let area = Area {
                x,
                y: all.title.height + y,
                width: 1,
                height: 1,
            };
            screen.place(
                area,
                0,
                line(model.glyphs.bar(), Tone::Muted),
                Stands::Plain,
            );
        }
    }
    pane(model, Side::Main, all.code, read, &mut screen);
    if model.view.pairing.is_some() {
        pane(model, Side::Other, all.other, read, &mut screen);
        if all.other.y == all.code.y && all.other.height > 0 {
            let x = all.other.x.max(all.code.x) - 1;
            for y in 0..all.code.height {
                let area = Area {
                    x,
                    y: all.code.y + y,
                    width: 1,
                    height: 1,
                };
                screen.place(
                    area,
                    0,
                    line(model.glyphs.bar(), Tone::Muted),
                    Stands::Plain,
                );
            }
        }
    }
    footer(model, all.footer, &mut screen);
    if let Some(prompt) = &model.prompt
        && prompt.kind == PromptKind::Function
    {
        picker(model, &mut screen);
    } else if let Some(overlay) = &model.overlay {
        paint_overlay(model, overlay, &mut screen);
    }
    screen
}
