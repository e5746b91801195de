//! Where two runs part, and what is compared with what behind that.

#[path = "made/run.rs"]
mod run;

use view_model::parting::Parting;
use view_model::story::Story;

/// A run with one step for each text but the first.
fn story(states: &[(&str, &str)]) -> Story {
    let texts = states.iter().map(|(_, body)| (*body).to_owned());
    let steps = states.iter().enumerate().skip(1);
    let passes = steps.map(|(text, (pass, _))| ((*pass).to_owned(), Some(text)));
    Story::of(run::run(texts, passes), None)
}

#[test]
fn the_first_state_that_differs_is_found_and_the_rest_goes_by_steps() {
    let ours = story(&[
        ("", "one, !dbg !1"),
        ("A", "two"),
        ("B", "three"),
        ("C", "four"),
        ("D", "five"),
    ]);
    let theirs = story(&[
        ("", "one, !dbg !7"),
        ("A", "two"),
        ("X", "other"),
        ("C", "fourth"),
        ("E", "sixth"),
    ]);
    let found = Parting::of(&ours, &theirs);
    assert_eq!(found.first, Some(2));
    assert_eq!(found.against, [0, 1, 1, 3, 4]);
    let same = Parting::of(&ours, &ours);
    assert_eq!(same.first, None);
    assert_eq!(same.against, [0, 1, 2, 3, 4]);
}

#[test]
fn a_run_that_goes_on_parts_from_one_that_ends() {
    let long = story(&[("", "one"), ("A", "two"), ("B", "three")]);
    let short = story(&[("", "one"), ("A", "two")]);
    assert_eq!(Parting::of(&long, &short).first, Some(2));
    assert_eq!(Parting::of(&long, &short).against, [0, 1, 1]);
    assert_eq!(Parting::of(&short, &long).first, Some(1));
}
