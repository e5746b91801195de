//! Makes up runs of one function.

use trace::{
    AdOptions, Collector, Event, Limits, Mode, Named, Point, PointText, Request, Step, Task, Text,
    Trace, Unit, UnitKind, Watch,
};

/// A run of one function: its texts, and its passes in their order, each with the text that it led to, if it changed
/// the function.
pub fn run(
    texts: impl IntoIterator<Item = String>,
    passes: impl IntoIterator<Item = (String, Option<usize>)>,
) -> Trace {
    let function = || "f".to_owned();
    let mut collector = Collector::new(Request {
        source: "f.ll".to_owned(),
        task: Task::Differentiate {
            function: function(),
            ad: AdOptions::new(Mode::Reverse),
            watch: Watch::Steps,
            then_check: None,
        },
        llvm_options: Vec::new(),
        limits: Limits::default(),
    });
    for body in texts {
        collector.take(Event::Text(Text {
            body,
            metadata: Vec::new(),
        }));
    }
    collector.take(Event::Point(PointText {
        point: Point::Input,
        function: function(),
        text: 0,
    }));
    for (pass, text) in passes {
        let changed = text.map(|text| Named {
            function: function(),
            text,
        });
        collector.take(Event::Step(Step {
            stage: "prepare".to_owned(),
            pass,
            pipeline_name: String::new(),
            unit: Unit {
                kind: UnitKind::Function,
                name: function(),
                functions: vec![function()],
            },
            nth: 1,
            nanos: 1000,
            preserved_all: false,
            invalidated: false,
            changed: changed.into_iter().collect(),
            notes: Vec::new(),
        }));
    }
    collector.finish()
}
