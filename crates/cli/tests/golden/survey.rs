//! Surveys: a row for every function, and the sums.

use serde_json::Value;

use crate::run::{check, irad, root, stdout, transcript};

#[test]
fn each_function_has_its_row() {
    let file = "fixtures/refused/libm.ll";
    for mode in ["forward", "reverse"] {
        let text = transcript(&["survey", file, "--mode", mode]);
        check(&format!("survey_libm_{mode}"), &text);
    }
    let narrow = ["survey", file, "--mode", "reverse", "--columns", "60"];
    check("survey_libm_narrow", &transcript(&narrow));
    let declared = [
        "survey",
        "fixtures/shapes_debuginfo.ll",
        "--mode",
        "forward",
        "--match",
        "*by*",
        "--columns",
        "80",
    ];
    check("survey_declared", &transcript(&declared));
    let profiled = ["--profile", "--sort", "work", "--columns", "80"];
    let all = [
        &["survey", "fixtures/scalar.ll", "--mode", "reverse"],
        &profiled[..],
    ]
    .concat();
    check("survey_profiled", &transcript(&all));
    let either = [
        "survey",
        "fixtures/shapes_debuginfo.ll",
        "--match",
        "*result*",
        "--columns",
        "80",
    ];
    check("survey_either_mode", &transcript(&either));
    let sorted = ["--sort", "ratio", "--match", "model::*"];
    let all = [
        &["survey", "fixtures/model.ll", "--mode", "reverse"],
        &sorted[..],
    ]
    .concat();
    check("survey_sorted_and_matched", &transcript(&all));
    let none = ["survey", file, "--mode", "reverse", "--match", "nobody*"];
    check("error_survey_no_match", &transcript(&none));
}

#[test]
fn the_sums_add_up() {
    let file = "fixtures/alloc_nested.ll";
    let output = irad(&["survey", file, "--mode", "reverse", "--all", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let functions = document["functions"].as_array().unwrap();
    let counted = |result: &str| functions.iter().filter(|f| f["result"] == result).count() as u64;
    for result in ["accepted", "refused", "ended", "nothing_to_differentiate"] {
        assert_eq!(document["counts"][result], counted(result), "{result}");
    }
    let reasons = document["counts"]["reasons"].as_object().unwrap();
    let given: u64 = reasons.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(given, counted("refused") + counted("ended"));
    assert!(counted("accepted") >= 30 && counted("refused") >= 5);
}

#[test]
fn parts_are_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let survey = |more: &[&str]| {
        let arguments = [
            &[
                "survey",
                "fixtures/scalar.ll",
                "--mode",
                "reverse",
                "--json",
            ],
            more,
        ]
        .concat();
        let output = irad(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        stdout(&output)
    };
    let paths: Vec<String> = (1..=3)
        .map(|number| {
            let path = folder.path().join(format!("{number}.json"));
            std::fs::write(&path, survey(&["--shard", &format!("{number}/3")])).unwrap();
            path.display().to_string()
        })
        .collect();
    let merge = |paths: &[&String]| {
        let mut arguments = vec!["survey", "--json", "--merge"];
        arguments.extend(paths.iter().map(|path| path.as_str()));
        irad(&arguments).output().unwrap()
    };
    let merged = merge(&[&paths[2], &paths[0], &paths[1]]);
    let timeless = |text: &str| {
        let mut document: Value = serde_json::from_str(text).unwrap();
        document["seconds"] = Value::Null;
        for function in document["functions"].as_array_mut().unwrap() {
            function["seconds"] = Value::Null;
        }
        document
    };
    assert_eq!(timeless(&stdout(&merged)), timeless(&survey(&[])));
    for (wrong, words) in [
        (vec![&paths[0], &paths[2]], "part 2/3 is missing"),
        (vec![&paths[0], &paths[0]], "part 1/3 is there 2 times"),
    ] {
        let output = merge(&wrong);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(words), "{said}");
    }
}

/// Functions of a fat-LTO build of crates of the registry; minutes, so only where it is asked for.
#[test]
#[ignore = "IRAD_SURVEY_FILE has to name a module; make survey makes one"]
fn a_whole_crate_is_answered() {
    let file = std::env::var("IRAD_SURVEY_FILE").expect("IRAD_SURVEY_FILE names a module");
    let output = irad(&[
        "survey",
        &file,
        "--mode",
        "reverse",
        "--all",
        "--timeout",
        "20",
        "--json",
    ])
    .current_dir(root())
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["functions"].as_array().unwrap().len() > 1000);
}
