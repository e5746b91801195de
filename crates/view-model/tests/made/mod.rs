//! A run that was made up: four steps of one function.

use trace::{
    AdOptions, Collector, Event, Limits, Mode, Named, Point, PointText, Request, Step, Task, Text,
    Trace, Unit, UnitKind, Watch,
};

/// The states of the function.
pub const TEXTS: [&str; 5] = [
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %y = fadd double %x, 1.0\n  %z = fsub double %y, %y\n  ret double %y\n}\n",
    // The dead line goes.
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // One line is new.
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // An attribute.
    "define noundef double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // One line says something else.
    "define noundef double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 2.0\n  ret double %y\n}\n",
];

fn step(pass: &str, text: usize) -> Step {
    Step {
        stage: "prepare".to_owned(),
        pass: pass.to_owned(),
        pipeline_name: String::new(),
        unit: Unit {
            kind: UnitKind::Function,
            name: "f".to_owned(),
            functions: vec!["f".to_owned()],
        },
        nth: 1,
        nanos: 1000,
        preserved_all: false,
        invalidated: false,
        changed: vec![Named {
            function: "f".to_owned(),
            text,
        }],
        notes: Vec::new(),
    }
}

/// The run.
pub fn trace() -> Trace {
    let mut collector = Collector::new(Request {
        source: "f.ll".to_owned(),
        task: Task::Differentiate {
            function: "f".to_owned(),
            ad: AdOptions::new(Mode::Reverse),
            watch: Watch::Steps,
        },
        llvm_options: Vec::new(),
        limits: Limits::default(),
    });
    for text in TEXTS {
        collector.take(Event::Text(Text {
            body: text.to_owned(),
            metadata: Vec::new(),
        }));
    }
    collector.take(Event::Point(PointText {
        point: Point::Input,
        function: "f".to_owned(),
        text: 0,
    }));
    for (pass, text) in [
        ("DCEPass", 1),
        ("SROAPass", 2),
        ("InferAttrsPass", 3),
        ("GVNPass", 4),
    ] {
        collector.take(Event::Step(step(pass, text)));
    }
    collector.finish()
}
