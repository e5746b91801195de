//! A talk on the stage, from a run that was made up.

mod made;

use std::collections::HashMap;
use std::sync::Arc;

use view_model::Key;
use view_model::glyphs::Glyphs;
use view_model::stage::{Cue, Saved, Stage};
use view_model::talk::Talk;

const TALK: &str = r#"
title = "a talk"

[[screen]]
title = "First"
text = "some words"

[[screen]]
title = "A step"
file = "f.trace"
at = "prepare/SROAPass"
layout = "unified"
line = "%w"
question = "Who made it?"
answer = "SROA did."

[[screen]]
title = "The end"
file = "f.trace"
"#;

fn stage(text: &str) -> Stage {
    let folder =
        std::env::temp_dir().join(format!("irad-stage-{}-{}", std::process::id(), text.len()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("TALK.toml");
    std::fs::write(&path, text).unwrap();
    let talk = Talk::read(&path);
    std::fs::remove_dir_all(&folder).unwrap();
    let saved = Saved {
        trace: made::trace(),
        heading: Vec::new(),
        located: Vec::new(),
    };
    let runs = HashMap::from([("f.trace".to_owned(), Arc::new(saved))]);
    Stage::new(talk.unwrap(), runs, (80, 24), Glyphs::default())
}

fn shown(stage: &Stage) -> String {
    let rows = stage.screen(&|_| None).rows;
    rows.iter()
        .map(|placed| placed.row.text().to_owned() + "\n")
        .collect()
}

#[test]
fn a_question_is_asked_before_it_is_answered() {
    let mut stage = stage(TALK);
    assert!(shown(&stage).contains("some words"));
    stage.press(Key::Char(' '));
    let text = shown(&stage);
    assert!(
        text.contains("Who made it?") && !text.contains("SROA did."),
        "{text}"
    );
    assert!(
        text.contains("+  %w = fneg") && text.contains("▶"),
        "{text}"
    );
    stage.press(Key::Char(' '));
    assert!(shown(&stage).contains("SROA did."));
    stage.press(Key::Char(' '));
    assert_eq!(stage.at, 2);
    stage.press(Key::PageUp);
    assert_eq!((stage.at, stage.part), (1, 0));
}

#[test]
fn it_blanks_jumps_and_ends() {
    let mut stage = stage(TALK);
    stage.press(Key::Char('b'));
    assert_eq!(shown(&stage), "");
    stage.press(Key::Char(' '));
    assert!(!stage.is_blank && stage.at == 0);
    stage.press(Key::Char('3'));
    assert!(shown(&stage).contains("go to 3"));
    stage.press(Key::Enter);
    assert_eq!(stage.at, 2);
    stage.press(Key::Char('9'));
    stage.press(Key::Enter);
    assert_eq!(
        stage.at, 2,
        "there is no ninth screen, and the last one is shown"
    );
    assert_eq!(stage.press(Key::Char('q')), Cue::Leave);
}

#[test]
fn a_rehearsal_finds_what_is_not_there_and_what_does_not_fit() {
    let fine = stage(TALK);
    assert_eq!(fine.faults(), Vec::<String>::new());
    let fault = |from: &str, to: &str| {
        assert!(TALK.contains(from));
        let mut stage = stage(&TALK.replacen(from, to, 1));
        stage.press(Key::Char('2'));
        stage.press(Key::Enter);
        stage.faults().join("; ")
    };
    assert_eq!(
        fault("SROAPass", "NoSuchPass"),
        "f.trace has no step prepare/NoSuchPass"
    );
    assert_eq!(
        fault("\"%w\"", "\"%nothing\""),
        "no line of f.trace there has %nothing"
    );
    assert_eq!(
        fault("\"unified\"", "\"circle\""),
        "circle is no layout: unified, split, after or before"
    );
    assert_eq!(
        fault("layout = \"unified\"", "gutters = [\"roles\"]"),
        "f.trace was saved without what each line is there for"
    );
    assert_eq!(
        fault("layout = \"unified\"", "colour_by = \"roles\""),
        "f.trace was saved without what each line is there for"
    );
    assert_eq!(
        fault("layout = \"unified\"", "colour_by = \"green\""),
        "colours say nothing of green: syntax or roles"
    );
    assert_eq!(
        fault("SROA did.", ""),
        "a question and its answer go together"
    );
    let long = format!("answer = \"{}\"", "word ".repeat(400));
    assert!(fault("answer = \"SROA did.\"", &long).contains("rows"));
}
