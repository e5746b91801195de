//! Frames as they stand on a screen, with their styles: a grid of letters below each, and what they mean.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use trace::{
    AdOptions, Collector, Event, Limits, Mode, Named, Point, PointText, Request, Step, Task, Text,
    Unit, UnitKind, Watch,
};
use view_model::functions::{Functions, Listed};
use view_model::glyphs::Glyphs;
use view_model::ready::{fulfil, ready};
use view_model::run::{Ask, Run, Status};
use view_model::story::Story;
use view_model::{Key, Model, press, screen};

use crate::looks::Looks;
use crate::paint::paint;

const STATES: [&str; 3] = [
    "define double @_ZN5model4loss17h0123456789abcdefE(double %a) {\nstart:\n  %x = fmul double %a, %a\n  %dead = fsub double %x, %x\n  %y = call double @llvm.sin.f64(double %x)\n  ret double %y\n}\n",
    "define double @_ZN5model4loss17h0123456789abcdefE(double %a) {\nstart:\n  %x = fmul double %a, %a\n  %y = call double @llvm.sin.f64(double %x)\n  ret double %y\n}\n",
    "define double @_ZN5model4loss17h0123456789abcdefE(double %a) {\nstart:\n  %x = fmul fast double %a, %a\n  %y = call double @llvm.sin.f64(double %x)\n  %\"y'\" = fneg double %y\n  ret double %\"y'\"\n}\n",
];

fn model(size: (u16, u16), ascii: bool) -> Model {
    let symbol = "_ZN5model4loss17h0123456789abcdefE";
    let ad = AdOptions::new(Mode::Reverse);
    let mut collector = Collector::new(Request {
        source: "model.ll".to_owned(),
        task: Task::Differentiate {
            function: symbol.to_owned(),
            ad: ad.clone(),
            watch: Watch::Steps,
        },
        llvm_options: Vec::new(),
        limits: Limits::default(),
    });
    for body in STATES {
        let body = body.to_owned();
        collector.take(Event::Text(Text {
            body,
            metadata: Vec::new(),
        }));
    }
    let function = symbol.to_owned();
    collector.take(Event::Point(PointText {
        point: Point::Input,
        function,
        text: 0,
    }));
    for (text, stage, pass) in [(1, "prepare", "DCEPass"), (2, "cleanup", "InstCombinePass")] {
        collector.take(Event::Step(Step {
            stage: stage.to_owned(),
            pass: pass.to_owned(),
            pipeline_name: String::new(),
            unit: Unit {
                kind: UnitKind::Function,
                name: symbol.to_owned(),
                functions: vec![symbol.to_owned()],
            },
            nth: 1,
            nanos: 1,
            preserved_all: false,
            invalidated: false,
            changed: vec![Named {
                function: symbol.to_owned(),
                text,
            }],
            notes: Vec::new(),
        }));
    }
    let mut model = Model::new("model.ll", Glyphs { ascii });
    model.size = size;
    let listed = |path: &str, is_own| Listed {
        symbol: path.to_owned(),
        path: path.to_owned(),
        is_own,
    };
    model.functions = Functions::of(vec![
        Listed {
            symbol: symbol.to_owned(),
            ..listed("model::loss", true)
        },
        listed("core::fmt::write", false),
    ]);
    let ask = Ask {
        file: "model.ll".to_owned(),
        symbol: symbol.to_owned(),
        ad: Some(ad),
        is_saved: false,
    };
    let mut run = Run::new(ask, Story::of(collector.finish(), None));
    run.status = Status::Done;
    model.show_run(run);
    ready(&mut model);
    model
}

/// A frame after these keys, and its styles.
fn frame(size: (u16, u16), keys: &str, theme: Option<&str>, ascii: bool) -> String {
    let mut model = model(size, ascii);
    for key in keys.chars() {
        let effects = press(&mut model, Key::Char(key));
        fulfil(&mut model, effects);
        ready(&mut model);
    }
    let looks = Looks::of(theme, Some(true));
    let shown = screen(&model, &|_| None);
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal
        .draw(|frame| paint(&shown, &looks, model.glyphs, frame.buffer_mut()))
        .unwrap();
    described(terminal.backend().buffer())
}

fn described(buffer: &Buffer) -> String {
    let mut styles: Vec<Style> = Vec::new();
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut signs = String::new();
        let mut letters = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            signs.push_str(cell.symbol());
            let style = cell.style();
            let plain = Style::reset();
            let is_plain =
                style.fg == plain.fg && style.bg == plain.bg && style.add_modifier.is_empty();
            letters.push(match is_plain {
                true => '.',
                false => {
                    let at = styles
                        .iter()
                        .position(|known| *known == style)
                        .unwrap_or_else(|| {
                            styles.push(style);
                            styles.len() - 1
                        });
                    char::from(b'a' + u8::try_from(at).unwrap())
                }
            });
        }
        text.push_str(&format!("{}\n", signs.trim_end()));
        if letters.contains(|letter| letter != '.') {
            text.push_str(&format!("  {}\n", letters.trim_end_matches('.')));
        }
    }
    for (letter, style) in ('a'..).zip(styles) {
        let colour = |colour: Option<ratatui::style::Color>| {
            colour.map_or("-".to_owned(), |c| c.to_string())
        };
        text.push_str(&format!(
            "{letter} {} on {} {:?}\n",
            colour(style.fg),
            colour(style.bg),
            style.add_modifier
        ));
    }
    text
}

#[test]
fn at_four_sizes() {
    for (width, height) in [(60, 15), (80, 24), (120, 30), (160, 50)] {
        let text = frame((width, height), "l", Some("ansi"), false);
        insta::assert_snapshot!(format!("{width}x{height}"), text);
    }
}

#[test]
fn side_by_side_help_and_search() {
    insta::assert_snapshot!("split", frame((100, 20), "lv", Some("Nord"), false));
    insta::assert_snapshot!("help", frame((80, 24), "?", Some("ansi"), false));
    insta::assert_snapshot!("functions", frame((60, 15), "om", Some("ansi"), false));
}

#[test]
fn without_colours_and_without_unicode() {
    let text = frame((60, 15), "l", None, true);
    assert!(text.is_ascii());
    for line in text.lines().filter(|line| line.contains(" on ")) {
        assert!(
            line.contains("Reset on Reset") || line.contains("- on -"),
            "{line}"
        );
    }
    insta::assert_snapshot!("plain", text);
}
