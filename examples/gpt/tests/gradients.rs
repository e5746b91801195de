//! Both models' gradients, by hand and by irad, and training by them.

use std::sync::atomic::AtomicBool;

use gpt::check::{gradient, input, Comparison};
use gpt::checkpoint::Checkpoint;
use gpt::idiomatic::Config;
use gpt::model::{Gradient, Model};
use gpt::options::Size;
use gpt::text::{Vocabulary, SHIPPED};
use gpt::train::{run, Setting};

const SIZES: [Config; 3] = [
    Config {
        batch: 2,
        time: 5,
        channels: 8,
        vocabulary: 11,
        layers: 2,
        heads: 2,
    },
    Config {
        batch: 1,
        time: 1,
        channels: 2,
        vocabulary: 3,
        layers: 1,
        heads: 1,
    },
    Config {
        batch: 3,
        time: 7,
        channels: 12,
        vocabulary: 30,
        layers: 3,
        heads: 4,
    },
];

fn agree(what: &str, config: &Config, a: &(f32, Vec<f32>), b: &(f32, Vec<f32>)) {
    let comparison = Comparison::of(config, (a.0, &a.1), (b.0, &b.1));
    assert!(comparison.agrees(), "{what}, {config:?}: {comparison}");
}

#[test]
fn all_four_gradients_are_the_same() {
    for config in SIZES {
        let input = input(&config, 3);
        let of = |model, from| gradient(model, from, &config, &input);
        let c = of(Model::Translated, Gradient::Manual);
        agree(
            "translated",
            &config,
            &c,
            &of(Model::Translated, Gradient::Irad),
        );
        agree(
            "idiomatic by hand",
            &config,
            &c,
            &of(Model::Idiomatic, Gradient::Manual),
        );
        agree(
            "idiomatic by irad",
            &config,
            &c,
            &of(Model::Idiomatic, Gradient::Irad),
        );
    }
}

/// Only where `nightly.sh` had a compiler make it; that it is missing is the usual case, and says nothing of irad.
#[test]
fn the_compilers_gradients_are_the_same_where_they_were_built() {
    if gpt::nightly::load().is_err() {
        println!("examples/gpt/nightly.sh builds them");
        return;
    }
    for config in SIZES {
        let input = input(&config, 3);
        let c = gradient(Model::Translated, Gradient::Manual, &config, &input);
        for model in Model::ALL {
            let nightly = gradient(model, Gradient::Nightly, &config, &input);
            agree("by the compiler", &config, &c, &nightly);
        }
    }
}

#[test]
fn a_gradient_that_is_off_is_found_out() {
    let config = SIZES[0];
    let (loss, right) = gradient(
        Model::Idiomatic,
        Gradient::Irad,
        &config,
        &input(&config, 3),
    );
    let largest = right.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
    let last = right.len() - 1;
    for wrong_by in [largest * 1e-2, f32::NAN] {
        let mut wrong = right.clone();
        wrong[last] += wrong_by;
        let comparison = Comparison::of(&config, (loss, &right), (loss, &wrong));
        assert!(!comparison.agrees());
        assert_eq!(comparison.place, ("lnfb", config.channels - 1));
    }
    let zero = vec![0.0; right.len()];
    assert!(
        !Comparison::of(&config, (loss, &zero), (loss, &zero)).agrees(),
        "nothing was compared"
    );
}

/// The loss by finite differences along a few parameters: neither gradient is taken at its word.
#[test]
fn a_step_along_a_parameter_changes_the_loss_as_its_gradient_says() {
    use gpt::model::Worker;
    let config = SIZES[0];
    let (params, tokens, targets) = input(&config, 5);
    for model in Model::ALL {
        let both = (params.clone(), tokens.clone(), targets.clone());
        let (_, gradient) = gradient(model, Gradient::Irad, &config, &both);
        let mut worker = Worker::new(model, config);
        let step = 1e-2;
        let mut at = |i: usize, by: f32| {
            let mut moved = params.clone();
            moved[i] += by;
            f64::from(worker.loss(&moved, &tokens, &targets))
        };
        for i in (0..params.len()).step_by(97) {
            let slope = (at(i, step) - at(i, -step)) / f64::from(2.0 * step);
            let error = (slope - f64::from(gradient[i])).abs();
            assert!(
                error < 2e-3 + 0.02 * slope.abs(),
                "{model} {i}: {slope} and {}",
                gradient[i]
            );
        }
    }
}

fn tiny(model: Model, steps: u64) -> (Setting, Vocabulary) {
    let text = &SHIPPED[..8000];
    let vocabulary = Vocabulary::of(text).unwrap();
    let size = Size {
        batch: 2,
        time: 8,
        channels: 16,
        layers: 1,
        heads: 2,
        steps,
        rate: 1e-2,
    };
    let config = Config {
        batch: size.batch,
        time: size.time,
        channels: size.channels,
        vocabulary: vocabulary.len(),
        layers: size.layers,
        heads: size.heads,
    };
    let tokens = vocabulary.encode(text, "the text").unwrap();
    (
        Setting::new(model, config, size, &tokens).unwrap(),
        vocabulary,
    )
}

fn trained(model: Model, from: Gradient, steps: u64) -> Checkpoint {
    let (setting, vocabulary) = tiny(model, steps);
    let mut checkpoint = setting.start(&vocabulary, 1);
    run(
        &setting,
        from,
        &mut checkpoint,
        &AtomicBool::new(false),
        |_| {},
    )
    .unwrap();
    checkpoint
}

#[test]
fn every_gradient_teaches_the_same() {
    let runs: Vec<Checkpoint> = [Model::Translated, Model::Idiomatic]
        .into_iter()
        .flat_map(|model| [Gradient::Manual, Gradient::Irad].map(|from| trained(model, from, 60)))
        .collect();
    for run in &runs {
        let (first, last) = (run.curve[0].held_out, run.curve.last().unwrap().held_out);
        assert!(last < first - 0.5, "from {first} to {last}");
        let away = (last - runs[0].curve.last().unwrap().held_out).abs();
        assert!(away < 0.01, "{away} apart");
    }
}

#[test]
fn a_run_that_was_stopped_and_resumed_is_the_run_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.checkpoint");
    let (setting, vocabulary) = tiny(Model::Idiomatic, 40);
    let never = AtomicBool::new(false);

    let mut whole = setting.start(&vocabulary, 1);
    run(&setting, Gradient::Irad, &mut whole, &never, |_| {}).unwrap();

    let mut half = setting.start(&vocabulary, 1);
    let stop = AtomicBool::new(false);
    run(&setting, Gradient::Irad, &mut half, &stop, |progress| {
        stop.store(progress.step == 17, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!(half.step, 17);
    half.save(&path).unwrap();
    let mut rest = Checkpoint::load(&path).unwrap();
    assert_eq!(rest, half);
    run(&setting, Gradient::Irad, &mut rest, &never, |_| {}).unwrap();
    assert_eq!(rest.step, 40);
    assert_eq!(rest.params, whole.params);
    assert_eq!(rest.optimiser, whole.optimiser);
    assert_eq!(rest.random, whole.random);
}
