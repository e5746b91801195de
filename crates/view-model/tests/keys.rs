//! What keys do, on a run that was made up: four steps of one function.

mod made;

use diff_view::Role;
use made::{TEXTS, trace};
use trace::{AdOptions, AdRole, Mode, Part, TextRoles};
use view_model::glyphs::Glyphs;
use view_model::press::sight::keep_in_sight;
use view_model::ready::{fulfil, ready};
use view_model::run::{Ask, Run, Status};
use view_model::story::Story;
use view_model::timeline::Item;
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
    for toggles in ["v", "v", "v", "v", "zz", "aa", "sss", "12345", "54321"] {
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

/// A second run beside the first, whose third state says something else.
fn other_run(model: &mut Model, number: usize) {
    let mut other = trace();
    other.texts[2].body = other.texts[2]
        .body
        .replace("fneg double %x", "fneg fast double %x");
    let ask = model.runs[number].ask.clone();
    let mut run = Run::new(ask, Story::of(other, None));
    run.status = Status::Done;
    model.restart(number, run);
    ready(model);
}

#[test]
fn two_runs_go_along_and_the_view_goes_to_where_they_part() {
    let mut model = model();
    let effects = keys(&mut model, "Mother.trace\n");
    assert!(matches!(&effects[..], [Effect::Start(1, ask)] if ask.file == "other.trace"));
    other_run(&mut model, 1);
    assert_eq!((model.view.run, model.view.at), (1, 2));
    assert_eq!(model.view.pin, Some((0, 2)));
    let said = |model: &Model| model.message.as_ref().unwrap().0.clone();
    assert!(
        said(&model).contains("part at prepare/SROA/1"),
        "{}",
        said(&model)
    );
    let text = shown(&model);
    assert!(
        text.contains("-  %w = fneg double %x") && text.contains("+  %w = fneg fast double %x"),
        "{text}"
    );
    // The other run goes along, and comes back.
    keys(&mut model, "<");
    assert_eq!(model.view.pin, Some((0, 0)));
    keys(&mut model, ">");
    assert_eq!(model.view.pin, Some((0, 4)));
    keys(&mut model, "=");
    assert_eq!(model.view.at, 2);
    keys(&mut model, "\u{1b}");
    assert_eq!((model.view.pin, model.view.goes_along), (None, None));
}

#[test]
fn colours_say_what_an_instruction_is_there_for() {
    let mut model = model();
    let part = |role, of| Part { role, of: Some(of) };
    let parts = [
        part(AdRole::Primal, 1),
        part(AdRole::Adjoint, 1),
        part(AdRole::Cache, 2),
        part(AdRole::Control, 3),
    ];
    model.runs[0].story.trace.roles = vec![TextRoles::new(2, &parts)];
    keys(&mut model, "llC");
    let rows = screen(&model, &|_| None).rows;
    let row = rows
        .iter()
        .find(|placed| placed.row.text().contains("%w = fneg"))
        .unwrap();
    assert!(row.row.text().contains("a    1"), "{}", row.row.text());
    let roles: Vec<Option<Role>> = row.row.spans().iter().map(|span| span.style.role).collect();
    assert!(roles.contains(&Some(Role::Derivative)), "{roles:?}");
    assert!(!roles.contains(&Some(Role::Cache)), "{roles:?}");
    keys(&mut model, "C");
    let rows = screen(&model, &|_| None).rows;
    let coloured = rows
        .iter()
        .flat_map(|placed| placed.row.spans())
        .filter(|span| span.style.role.is_some());
    assert_eq!(coloured.count(), 0);
}

#[test]
fn rust_stands_above_what_it_became_or_alone_with_notes() {
    let mut traced = trace();
    for text in &mut traced.texts {
        text.body = text
            .body
            .replace("%a, %a\n", "%a, %a, !dbg !2\n")
            .replace("%x, 1.0\n", "%x, 1.0, !dbg !4\n");
        text.metadata = vec![0, 1, 2, 3];
    }
    traced.definitions = [
        "!1 = distinct !DISubprogram(name: \"f\", scope: !3, file: !3, line: 1)",
        "!2 = !DILocation(line: 2, column: 5, scope: !1)",
        "!3 = !DIFile(filename: \"f.rs\", directory: \"/somewhere\")",
        "!4 = !DILocation(line: 4, column: 5, scope: !1)",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut model = model();
    let ask = model.runs[0].ask.clone();
    let mut run = Run::new(ask, Story::of(traced, None));
    run.status = Status::Done;
    model.restart(0, run);
    ready(&mut model);
    let read = |location: &diff_view::Location| Some(format!("line {} of Rust", location.line));
    let text = |model: &Model| -> String {
        let rows = screen(model, &read).rows;
        rows.iter()
            .map(|placed| placed.row.text().to_owned() + "\n")
            .collect()
    };
    keys(&mut model, "/fadd\ns");
    let above = text(&model);
    assert!(
        above.contains("line 2 of Rust") && above.contains("fmul double %a, %a"),
        "{above}"
    );
    assert!(!above.contains("line 3 of Rust"), "{above}");
    keys(&mut model, "s");
    let alone = text(&model);
    assert!(
        alone.contains("line 3 of Rust") && !alone.contains("fmul"),
        "{alone}"
    );
    let noted = |line: &str| line.contains("line 4 of Rust") && line.contains("1 instruction");
    assert!(alone.lines().any(noted), "{alone}");
    // The cursor is on the line that the instruction comes from, and finds it again.
    assert_eq!(line(&model), "%y = fadd double %x, 1.0, !dbg !4");
    keys(&mut model, "s");
    assert_eq!(line(&model), "%y = fadd double %x, 1.0, !dbg !4");
    assert!(!text(&model).contains("of Rust"));
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
    keep_in_sight(&mut model);
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
    keys(&mut model, "sCv");
    assert_eq!(
        command(&model),
        "irad passes f.ll --fn f --mode reverse --step prepare/DCEPass/f/1 --source --layout split --colour-by roles"
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

#[test]
fn a_run_that_begins_again_can_be_shown_before_anything_of_it_is_there() {
    let mut model = model();
    model.size = (160, 50);
    keys(&mut model, "ll");
    assert!(shown(&model).contains("step 2 of 4"));
    let ask = model.runs[0].ask.clone();
    let begun = Run::new(ask, Story::of(view_model::press::runs::empty_trace(), None));
    model.restart(0, begun);
    assert!(shown(&model).contains("waiting for the engine"));
    model.runs[0].story = Story::of(trace(), None);
    model.settle();
    ready(&mut model);
    assert!(shown(&model).contains("step 2 of 4"), "{}", shown(&model));
}

#[test]
fn until_two_texts_are_compared_the_one_that_is_shown_stands_alone() {
    let mut model = model();
    keys(&mut model, "m");
    let effects = press(&mut model, Key::Char('>'));
    assert!(matches!(effects[..], [Effect::Compare(..)]), "{effects:?}");
    assert!(model.is_waiting() && model.stands_in());
    let text = shown(&model);
    assert!(text.contains("comparing"), "{text}");
    assert!(text.contains("%y = fadd double %x, 2.0"), "{text}");
    // Neither the pinned state's lines nor those of the step before, and no mark.
    assert!(
        !text.contains("fsub") && !text.contains("%x, 1.0"),
        "{text}"
    );
    // Nothing is told of differences that are not known, and nothing is asked for twice.
    let before = model.code.cursor;
    assert_eq!(press(&mut model, Key::Char(']')), []);
    assert_eq!(model.code.cursor, before);
    assert!(shown(&model).contains("not known yet"));
    keys(&mut model, "");
    press(&mut model, Key::Char('/'));
    for letter in "%x, 1".chars() {
        press(&mut model, Key::Char(letter));
    }
    press(&mut model, Key::Enter);
    assert!(shown(&model).contains("no line has"), "{}", shown(&model));

    fulfil(&mut model, effects);
    assert_eq!(model.settle(), []);
    assert!(!model.is_waiting());
    let text = shown(&model);
    assert!(text.contains("fsub") && text.contains("%x, 1.0"), "{text}");
    assert!(!text.contains("comparing"), "{text}");
}

#[test]
fn a_text_that_nothing_is_known_of_is_waited_for() {
    let mut model = Model::new("f.ll", Glyphs::default());
    model.size = (80, 24);
    let ask = Ask {
        file: "f.ll".to_owned(),
        symbol: "f".to_owned(),
        ad: Some(AdOptions::new(Mode::Reverse)),
        is_saved: true,
    };
    model.show_run(Run::new(ask, Story::of(trace(), None)));
    assert_eq!(model.settle().len(), 1);
    assert!(model.is_waiting() && !model.stands_in());
    let text = shown(&model);
    assert!(
        text.contains("comparing") && !text.contains("fmul"),
        "{text}"
    );
}

#[test]
fn a_stage_counts_the_steps_that_are_listed_below_it() {
    let mut model = model();
    for _ in 0..3 {
        keys(&mut model, "F");
        let mut left = 0;
        for item in &model.items {
            match item {
                Item::Stage(_, count) => {
                    assert_eq!(left, 0);
                    left = *count;
                }
                Item::State(0) => {}
                _ => left -= 1,
            }
        }
        assert_eq!(left, 0);
    }
}

#[test]
fn what_a_tab_leads_to_is_asked_for() {
    let mut model = model();
    keys(&mut model, "m\t");
    let effects = press(&mut model, Key::Tab);
    assert!(matches!(effects[..], [Effect::Compare(..)]), "{effects:?}");
    assert_eq!(model.settle(), []);
}
