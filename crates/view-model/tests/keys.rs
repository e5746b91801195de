//! What keys do, on a run that was made up: four steps of one function.

mod made;

use made::{TEXTS, trace};
use trace::{AdOptions, Mode};
use view_model::glyphs::Glyphs;
use view_model::ready::{fulfil, ready};
use view_model::run::{Ask, Run, Status};
use view_model::story::Story;
use view_model::{Effect, Key, Model, press, screen};

/// A model of the run, with every step compared.
fn model() -> Model {
    let mut model = Model::new("f.ll", Glyphs::default());
    model.size = (80, 24);
    let ask = Ask {
        file: "f.ll".to_owned(),
        symbol: "f".to_owned(),
        ad: Some(AdOptions::new(Mode::Reverse)),
        is_saved: true,
    };
    let mut run = Run::new(ask, Story::of(trace(), None));
    run.status = Status::Done;
    model.show_run(run);
    ready(&mut model);
    model
}

fn keys(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut left = Vec::new();
    for letter in keys.chars() {
        let key = match letter {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{1b}' => Key::Escape,
            letter => Key::Char(letter),
        };
        let effects = press(model, key);
        left.extend(fulfil(model, effects));
        ready(model);
    }
    left
}

fn line(model: &Model) -> String {
    model.text_at_cursor().unwrap_or_default().trim().to_owned()
}

fn shown(model: &Model) -> String {
    let mut rows: Vec<(u16, u16, String)> = screen(model, &|_| None)
        .rows
        .iter()
        .map(|placed| (placed.y, placed.x, placed.row.text().to_owned()))
        .collect();
    rows.sort();
    rows.into_iter()
        .map(|(_, _, text)| text.trim_end().to_owned() + "\n")
        .collect()
}

#[test]
fn the_cursor_stays_on_its_value_through_steps_and_toggles() {
    let mut model = model();
    keys(&mut model, "/%y =\n");
    assert_eq!(line(&model), "%y = fadd double %x, 1.0");
    keys(&mut model, "ll");
    assert_eq!(
        (line(&model).as_str(), model.view.at),
        ("%y = fadd double %x, 1.0", 2)
    );
    for toggles in ["v", "v", "v", "v", "zz", "aa", "ss", "12345", "54321"] {
        keys(&mut model, toggles);
        assert_eq!(line(&model), "%y = fadd double %x, 1.0", "after {toggles}");
    }
    model.size = (60, 15);
    keys(&mut model, "l");
    assert_eq!(
        (line(&model).as_str(), model.view.at),
        ("%y = fadd double %x, 2.0", 4)
    );
    keys(&mut model, "<");
    assert_eq!(
        (line(&model).as_str(), model.view.at),
        ("%y = fadd double %x, 1.0", 0)
    );
}

#[test]
fn where_the_value_is_gone_the_footer_says_when_and_it_comes_back() {
    let mut model = model();
    keys(&mut model, "/%z\n");
    assert_eq!(line(&model), "%z = fsub double %y, %y");
    keys(&mut model, "l");
    // At the step that removes it, it stands among what is removed.
    assert_eq!(line(&model), "%z = fsub double %y, %y");
    keys(&mut model, "l");
    assert_eq!(
        model.gone.as_deref(),
        Some("the line went at prepare/DCE/1")
    );
    assert!(shown(&model).contains("the line went at prepare/DCE/1"));
    keys(&mut model, "hh");
    assert_eq!(
        (line(&model).as_str(), model.gone.as_deref()),
        ("%z = fsub double %y, %y", None)
    );
}

#[test]
fn steps_that_change_attributes_are_listed_when_they_are_wanted() {
    let mut model = model();
    keys(&mut model, "lll");
    assert_eq!(
        model.view.at, 4,
        "the step that changes an attribute is passed over"
    );
    keys(&mut model, "Fh");
    assert_eq!(model.view.at, 3);
    keys(&mut model, "fsroa\n<l");
    assert_eq!(model.view.at, 2, "only the step of that name is listed");
    keys(&mut model, "l");
    assert_eq!(model.view.at, 2);
    assert!(shown(&model).contains("this is the last step"));
}

#[test]
fn blame_says_who_made_changed_and_removed_a_line() {
    let mut model = model();
    keys(&mut model, ">/%w\nb");
    assert_eq!(
        model.message.as_ref().unwrap().0,
        "made by prepare/SROA/1, still there at the end"
    );
    keys(&mut model, "/%y =\nb");
    assert_eq!(
        model.message.as_ref().unwrap().0,
        "in the input already, last changed by prepare/GVN/1, still there at the end"
    );
    keys(&mut model, "</%z\nb");
    assert_eq!(
        model.message.as_ref().unwrap().0,
        "in the input already, removed by prepare/DCE/1"
    );
}

#[test]
fn hunks_and_pins() {
    let mut model = model();
    keys(&mut model, "l]");
    assert_eq!(line(&model), "%z = fsub double %y, %y");
    keys(&mut model, "]");
    assert!(
        model
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("no further difference")
    );
    keys(&mut model, "<m>");
    assert_eq!(model.view.pin, Some((0, 0)));
    let text = shown(&model);
    assert!(
        text.contains("-  %z = fsub") && text.contains("+  %w = fneg"),
        "{text}"
    );
    keys(&mut model, "\u{1b}");
    assert_eq!(model.view.pin, None);
}

#[test]
fn what_is_copied_and_saved_is_clean() {
    let mut model = model();
    let effects = keys(&mut model, "/fmul\ny");
    assert_eq!(
        effects,
        [Effect::Copy("%x = fmul double %a, %a".to_owned())]
    );
    let effects = keys(&mut model, ">e\n");
    let [Effect::Save(path, text)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (path.to_str().unwrap(), text.as_str()),
        ("f.prepare-GVN-1.ll", TEXTS[4])
    );
}

#[test]
fn a_megabyte_that_is_pasted_does_nothing_but_fill_a_line() {
    let mut model = model();
    let before = model.view.clone();
    press(&mut model, Key::Paste("q\u{1b}[2J".repeat(1 << 18)));
    assert_eq!(model.view, before);
    keys(&mut model, "/");
    press(&mut model, Key::Paste("x\u{1b}\u{202e}".repeat(1 << 18)));
    assert_eq!(
        model.prompt.as_ref().unwrap().text.trim_matches('x').len(),
        0
    );
    assert!(model.prompt.as_ref().unwrap().text.len() <= 200);
}

#[test]
fn the_command_line_shows_what_the_view_shows() {
    let mut model = model();
    let command = |model: &Model| view_model::command::of(model);
    assert_eq!(command(&model), "irad passes f.ll --to input");
    keys(&mut model, "l");
    assert_eq!(
        command(&model),
        "irad passes f.ll --step prepare/DCEPass/f/1"
    );
    keys(&mut model, "<m>s");
    assert_eq!(
        command(&model),
        "irad passes f.ll --from input --to prepare/GVNPass/f/1 --source"
    );
    model.runs[0].ask.is_saved = false;
    keys(&mut model, "\u{1b}<l");
    assert_eq!(
        command(&model),
        "irad passes f.ll --fn f --mode reverse --step prepare/DCEPass/f/1 --source"
    );
    let effects = keys(&mut model, ":y");
    assert!(
        matches!(effects.as_slice(), [Effect::Copy(words)] if words.starts_with("irad passes"))
    );
}

#[test]
fn a_screen_of_any_size_holds_no_row_outside_of_it() {
    for (width, height) in [
        (60, 15),
        (80, 24),
        (160, 50),
        (20, 5),
        (19, 4),
        (1, 1),
        (300, 3),
    ] {
        let mut model = model();
        model.size = (width, height);
        for press in ["", "l", "v", "w", "?", "\u{1b}:", "\u{1b}/x", "\u{1b}1"] {
            keys(&mut model, press);
            for placed in screen(&model, &|_| None).rows {
                assert!(placed.y < height && placed.x < width, "{placed:?}");
            }
        }
    }
}

#[test]
fn a_pair_needs_a_derivative_and_a_call_needs_a_call() {
    let mut model = model();
    keys(&mut model, "p");
    assert!(
        model
            .message
            .as_ref()
            .unwrap()
            .0
            .contains("not differentiated")
    );
    keys(&mut model, "d");
    assert!(model.message.as_ref().unwrap().0.contains("no call"));
    assert_eq!(keys(&mut model, "q"), [Effect::Quit]);
}
