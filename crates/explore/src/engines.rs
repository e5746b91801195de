//! Engines at work, each asked on a thread of its own. What they find goes out as news.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use session::error::Error;
use session::hear::hear_until;
use session::load::{Input, load_any};
use session::module::Module;
use session::own::{is_own, own_crate};
use session::resolve::resolved;
use session::verdict::hear_and_check;
use session::{mode, remedy, request};
use trace::{AdOptions, Check, Iteration, Point, Request, Task, Trace, Watch};
use view_model::functions::Listed;
use view_model::growth::Taken;
use view_model::run::Ask;

use crate::news::News;
use crate::start::Start;

/// Engines at work.
pub struct Engines {
    shared: Arc<Shared>,
    news: Sender<News>,
    stops: Vec<Arc<AtomicBool>>,
    generations: HashMap<usize, u64>,
    last: u64,
}

/// What all threads look at.
struct Shared {
    start: Start,
    module: Mutex<Option<Arc<Module>>>,
    /// The symbol of the function that was named on the command line: what its flags say is of it alone.
    named: Mutex<Option<String>>,
}

impl Engines {
    /// No engine yet.
    pub fn new(start: Start, news: Sender<News>) -> Self {
        Engines {
            shared: Arc::new(Shared {
                start,
                module: Mutex::new(None),
                named: Mutex::new(None),
            }),
            news,
            stops: Vec::new(),
            generations: HashMap::new(),
            last: 0,
        }
    }

    /// What was asked for at the start.
    pub fn start(&self) -> &Start {
        &self.shared.start
    }

    /// Reads the file.
    pub fn load(&self) {
        let (shared, news) = (Arc::clone(&self.shared), self.news.clone());
        thread::spawn(move || {
            let found = shared
                .load()
                .unwrap_or_else(|error| News::Unreadable(None, Box::new(error)));
            let _ = news.send(found);
        });
    }

    /// True where news of a run are of its latest beginning.
    pub fn is_current(&self, run: usize, generation: u64) -> bool {
        self.generations.get(&run) == Some(&generation)
    }

    /// Begins a run, or begins it again.
    pub fn run(&mut self, run: usize, ask: Ask) {
        self.last += 1;
        self.generations.insert(run, self.last);
        let generation = self.last;
        let stop = self.stop_flag();
        let (shared, news) = (Arc::clone(&self.shared), self.news.clone());
        thread::spawn(move || {
            let result = match ask.is_saved {
                true => shared.saved(run, &ask, &news),
                false => shared.run(run, generation, ask, &news, &stop),
            };
            if let Err(error) = result {
                let _ = news.send(News::Ended(run, generation, Some(Box::new(error))));
            }
        });
    }

    /// Asks what each instruction is there for.
    pub fn explain(&mut self, run: usize, ask: Ask) {
        self.beside(ask, move |shared, module, ask, stop| {
            let found = shared
                .explain(module, ask, stop)
                .map(Box::new)
                .map_err(Box::new);
            News::Explained(run, found)
        });
    }

    /// Asks for the numbers on the lines.
    pub fn values(&mut self, run: usize, ask: Ask) {
        self.beside(ask, move |shared, module, ask, stop| {
            let found = shared
                .values(module, ask, stop)
                .map(Box::new)
                .map_err(Box::new);
            News::Values(run, found)
        });
    }

    /// Looks for where the derivative goes wrong.
    pub fn locate(&mut self, run: usize, ask: Ask) {
        self.beside(ask, move |shared, module, ask, stop| {
            let found = shared
                .locate(module, ask, stop)
                .map(Box::new)
                .map_err(Box::new);
            News::Located(run, found)
        });
    }

    fn beside(
        &mut self,
        ask: Ask,
        work: impl FnOnce(&Shared, &Module, &Ask, &AtomicBool) -> News + Send + 'static,
    ) {
        let stop = self.stop_flag();
        let (shared, news) = (Arc::clone(&self.shared), self.news.clone());
        thread::spawn(move || {
            let module = lock(&shared.module).clone();
            if let Some(module) = module {
                let _ = news.send(work(&shared, &module, &ask, &stop));
            }
        });
    }

    fn stop_flag(&mut self) -> Arc<AtomicBool> {
        self.stops.retain(|stop| Arc::strong_count(stop) > 1);
        let stop = Arc::new(AtomicBool::new(false));
        self.stops.push(Arc::clone(&stop));
        stop
    }

    /// Stops every engine.
    pub fn stop(&mut self) {
        for stop in self.stops.drain(..) {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn load(&self) -> Result<News, Error> {
        let start = &self.start;
        let wanted = start.function.as_deref();
        match load_any(&start.path, start.module, wanted, start.limits)? {
            Input::Trace(trace, _) => {
                session::sides::check_saved(
                    &trace,
                    &start.path.display().to_string(),
                    None,
                    start.mode,
                )
                .ok();
                let (listed, followed) = of_trace(&trace, wanted);
                Ok(News::Saved(None, trace, listed, followed))
            }
            Input::Module(module) => {
                let module = *module;
                let first = match wanted {
                    None => None,
                    Some(wanted) => {
                        let symbol = module.resolve(wanted)?.symbol;
                        *lock(&self.named) = Some(symbol.clone());
                        let mut ask = Ask {
                            file: start.path.display().to_string(),
                            symbol,
                            ad: None,
                            is_saved: false,
                        };
                        ask.ad = Some(self.options(&module, &ask)?);
                        Some(ask)
                    }
                };
                module.need_text()?;
                let listed = of_module(&module);
                *lock(&self.module) = Some(Arc::new(module));
                Ok(News::Loaded(listed, first))
            }
        }
    }

    /// How a function is differentiated: as another one was, or as the command line says.
    fn options(&self, module: &Module, ask: &Ask) -> Result<AdOptions, Error> {
        let start = &self.start;
        let mut ad = match &ask.ad {
            Some(ad) => ad.clone(),
            None => {
                let mode = mode::chosen(module, &ask.symbol, start.mode)?;
                resolved(&start.ad, mode, module)?
            }
        };
        if lock(&self.named)
            .as_deref()
            .is_some_and(|named| named != ask.symbol)
        {
            // Parameters of another function have other names.
            ad.signature = None;
            ad.activities.clear();
            ad.wrt.clear();
        }
        Ok(ad)
    }

    /// The module as one function's engine is given it.
    fn part(&self, module: &Module, symbol: &str) -> Result<Module, Error> {
        let mut own = module.again();
        self.start.slicing.cut(&mut own, &[symbol])?;
        Ok(own)
    }

    fn run(
        &self,
        run: usize,
        generation: u64,
        mut ask: Ask,
        news: &Sender<News>,
        stop: &AtomicBool,
    ) -> Result<(), Error> {
        let Some(module) = lock(&self.module).clone() else {
            return Ok(());
        };
        let ad = self.options(&module, &ask)?;
        ask.ad = Some(ad.clone());
        let _ = news.send(News::Began(run, ask.clone()));
        let own = self.part(&module, &ask.symbol)?;
        let request = request::differentiate(
            &own,
            &ask.symbol,
            ad,
            Watch::StepsAndRoles,
            self.start.limits,
        );
        let mut taken = Taken::default();
        let mut is_told = false;
        let heard = hear_and_check(
            &request,
            &own,
            self.start.checking.as_ref(),
            &mut |trace| {
                let growth = Box::new(taken.growth(trace));
                let _ = news.send(News::Grew(run, generation, growth));
                // What is left to do is the check.
                if trace.is_derived && !is_told {
                    is_told = true;
                    let _ = news.send(News::Ended(run, generation, None));
                }
            },
            stop,
        );
        if !is_told {
            let error = heard.as_ref().map_err(Error::clone).map(|(answer, ended)| {
                let growth = Box::new(taken.growth(&answer.trace));
                let _ = news.send(News::Grew(run, generation, growth));
                why(&answer.trace, ended.as_ref(), &request, &own)
            });
            let error = error.unwrap_or_else(Some);
            let _ = news.send(News::Ended(run, generation, error.map(Box::new)));
        }
        if let Ok((answer, _)) = heard
            && let Some(verdict) = answer.trace.verdict
        {
            let remarks = answer.trace.remarks;
            let _ = news.send(News::Checked(run, generation, Box::new(verdict), remarks));
        }
        Ok(())
    }

    fn saved(&self, run: usize, ask: &Ask, news: &Sender<News>) -> Result<(), Error> {
        let path = PathBuf::from(&ask.file);
        let trace = saved(&path, self.start.limits)?;
        let (listed, followed) = of_trace(&trace, None);
        let _ = news.send(News::Saved(Some(run), Box::new(trace), listed, followed));
        Ok(())
    }

    fn explain(
        &self,
        module: &Module,
        ask: &Ask,
        stop: &AtomicBool,
    ) -> Result<trace::Explained, Error> {
        let own = self.part(module, &ask.symbol)?;
        let ad = self.options(module, ask)?;
        let request =
            request::differentiate(&own, &ask.symbol, ad, Watch::Roles, self.start.limits);
        let trace = answered(&request, &own, stop)?;
        trace.explained.ok_or(Error::NoModule)
    }

    fn values(
        &self,
        module: &Module,
        ask: &Ask,
        stop: &AtomicBool,
    ) -> Result<trace::Values, Error> {
        let own = self.part(module, &ask.symbol)?;
        let ad = self.options(module, ask)?;
        let mut check = Check {
            points: 1,
            cross: false,
            ..self.start.inputs.clone()
        };
        check.inputs.truncate(1);
        let limits = self.start.limits;
        let request = request::values(&own, &ask.symbol, ad, check, Iteration::First, limits);
        let trace = answered(&request, &own, stop)?;
        trace.values.ok_or(Error::NoModule)
    }

    fn locate(&self, module: &Module, ask: &Ask, stop: &AtomicBool) -> Result<Trace, Error> {
        let own = self.part(module, &ask.symbol)?;
        let ad = self.options(module, ask)?;
        let check = Check {
            cross: false,
            ..self.start.inputs.clone()
        };
        let request = request::locate(&own, &ask.symbol, ad, check, self.start.limits);
        answered(&request, &own, stop)
    }
}

/// An engine's answer, or why there is none.
fn answered(request: &Request, module: &Module, stop: &AtomicBool) -> Result<Trace, Error> {
    let (answer, ended) = hear_until(request, module, &mut |_| {}, stop)?;
    match why(&answer.trace, ended.as_ref(), request, module) {
        Some(error) => Err(error),
        None => Ok(answer.trace),
    }
}

/// Why a run ended early, if it did. What may get past a refusal is tried.
fn why(
    trace: &Trace,
    ended: Option<&session::engine::Ended>,
    request: &Request,
    module: &Module,
) -> Option<Error> {
    if let Some(diagnosis) = &trace.failure {
        let signature = trace.signature.as_ref();
        return Some(remedy::refused(diagnosis, request, module, signature).into());
    }
    ended.cloned().map(Error::from)
}

/// A saved run.
pub fn saved(path: &Path, limits: trace::Limits) -> Result<Trace, Error> {
    match load_any(path, None, None, limits)? {
        Input::Trace(trace, _) => Ok(*trace),
        Input::Module(_) => Err(Error::NotSaved {
            origin: path.display().to_string(),
        }),
    }
}

/// The functions of a module, with those of its own crate marked.
fn of_module(module: &Module) -> Vec<Listed> {
    let index = module.index();
    let own = own_crate(None, index);
    let functions = index
        .functions()
        .iter()
        .filter(|function| function.is_defined);
    functions
        .map(|function| Listed {
            symbol: function.symbol.clone(),
            path: function.path.clone(),
            is_own: own.as_deref().is_none_or(|own| is_own(own, function)),
        })
        .collect()
}

/// The functions of a saved run, where it is of every one; and the one to follow.
pub fn of_trace(trace: &Trace, wanted: Option<&str>) -> (Vec<Listed>, Option<String>) {
    let is_of_all = matches!(&trace.request.task, Task::Run { function, .. } if function == "*");
    if !is_of_all {
        return (Vec::new(), None);
    }
    let inputs = trace
        .points
        .iter()
        .filter(|point| point.point == Point::Input);
    let listed: Vec<Listed> = inputs
        .map(|point| Listed {
            symbol: point.function.clone(),
            path: ir_load::demangle(&point.function).into_owned(),
            is_own: !ir_load::is_library(&point.function),
        })
        .collect();
    let found = listed.iter().find(|listed| {
        wanted.is_some_and(|wanted| {
            listed.symbol == wanted
                || listed.path == wanted
                || listed.path.ends_with(&format!("::{wanted}"))
        })
    });
    let followed = found.or(listed.first()).map(|listed| listed.symbol.clone());
    (listed, followed)
}
