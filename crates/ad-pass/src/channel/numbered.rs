//! A derivative whose instructions are numbered: printed as if they were not, with what each one is there for.

use std::cell::{Cell, RefCell};

use inkwell::values::FunctionValue;
use llvm_shim::{Places, Roles};
use rustc_hash::FxHashSet;
use trace::{TextId, TextRoles};

use crate::channel::parts::parts;
use crate::channel::recorder::{FunctionPrinter, Recorder};

/// A derivative whose instructions are numbered.
pub(crate) struct Numbered {
    symbol: String,
    places: Places,
    roles: Roles,
    is_as_made: Cell<bool>,
    told: RefCell<FxHashSet<TextId>>,
}

impl Numbered {
    /// A derivative as Enzyme made it, with the roles that it has then.
    pub(crate) fn new(symbol: &str, places: Places, roles: Roles) -> Self {
        Numbered {
            symbol: symbol.to_owned(),
            places,
            roles,
            is_as_made: Cell::new(true),
            told: RefCell::default(),
        }
    }

    /// The one of this symbol.
    pub(crate) fn of<'n>(all: &'n [Numbered], symbol: &str) -> Option<&'n Numbered> {
        all.iter().find(|own| own.symbol == symbol)
    }

    /// From now on passes run over it.
    pub(crate) fn passes_begin(&self) {
        self.is_as_made.set(false);
    }

    /// Its text, with the locations that it would have without numbers. The first time that there is such a text, the
    /// roles in it are told.
    pub(crate) fn text(
        &self,
        recorder: &Recorder,
        printer: &mut FunctionPrinter,
        function: FunctionValue<'_>,
    ) -> TextId {
        let text = self
            .places
            .as_they_were(function, || recorder.text(printer, function));
        if self.told.borrow_mut().insert(text) {
            let left = match self.is_as_made.get() {
                true => parts(&self.roles),
                false => parts(&llvm_shim::roles_after(function, &self.roles)),
            };
            recorder.roles(TextRoles::new(text, &left));
        }
        text
    }
}
