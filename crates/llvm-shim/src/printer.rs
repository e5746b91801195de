//! Prints functions often without rescanning the module's metadata each time.
#![allow(unsafe_code, reason = "calls into printer.cpp")]

use std::ffi::{c_char, c_void};

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{
    PART_ATTRIBUTES, PART_BODY, PART_DEFINITION, PART_METADATA, RawPrinter, irad_print,
    irad_printer_free, irad_printer_new,
};
use crate::strings::elements;
use crate::text::{Numbers, rewrite, without_addresses};

/// Prints functions of one module and keeps LLVM's numbering of metadata between prints.
pub struct Printer {
    raw: *mut RawPrinter,
    /// Every metadata definition so far, by the id that C++ gives it.
    definitions: Vec<String>,
    numbers: Numbers,
}

/// A printed function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The function as LLVM prints it, with attribute groups written out in place, and metadata
    /// numbered as it appears in what the printer prints.
    pub body: String,
    /// What it refers to, as positions in [`Printer::definitions`].
    pub metadata: Vec<u32>,
}

impl Printer {
    /// A printer for `module`, which must outlive it.
    pub fn new(module: &Module<'_>) -> Self {
        // SAFETY: a live module; the caller keeps it alive, as the doc says. Every use below goes
        // through a function of that module.
        let raw = unsafe { irad_printer_new(module.as_mut_ptr()) };
        Printer {
            raw,
            definitions: Vec::new(),
            numbers: Numbers::default(),
        }
    }

    /// Prints a function. A metadata definition is printed with the first function that refers to
    /// it, and again only when it has changed.
    pub fn parts_of(&mut self, function: FunctionValue<'_>) -> Printed {
        let parts = self.parts(function);
        // LLVM heads a function with a comment that repeats its attributes, which stand in it here.
        let start = parts.body.find("define ").unwrap_or(0);
        let body = rewrite(&parts.body[start..], &parts.attributes, &mut self.numbers);
        // The text comes first: metadata is numbered as it appears there.
        for line in parts.definitions {
            self.definitions.push(self.numbers.definition(&line));
        }
        Printed {
            body: without_addresses(body),
            metadata: parts.metadata,
        }
    }

    /// Every metadata definition that was printed so far, a line each.
    pub fn definitions(&self) -> &[String] {
        &self.definitions
    }

    /// The function with the definitions that it refers to in one text.
    pub fn print(&mut self, function: FunctionValue<'_>) -> String {
        let printed = self.parts_of(function);
        let mut text = printed.body;
        for id in printed.metadata {
            text.push_str(&self.definitions[id as usize]);
            text.push('\n');
        }
        text
    }

    fn parts(&mut self, function: FunctionValue<'_>) -> Parts {
        let mut parts = Parts::default();
        // SAFETY: the printer and the function are live, and `parts` outlives the call.
        unsafe {
            irad_print(
                self.raw,
                function.as_value_ref(),
                on_part,
                (&raw mut parts).cast(),
            );
        }
        parts
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        // SAFETY: made by `irad_printer_new` and freed once.
        unsafe { irad_printer_free(self.raw) }
    }
}

/// The parts of one printed function.
#[derive(Default)]
struct Parts {
    body: String,
    attributes: Vec<String>,
    definitions: Vec<String>,
    metadata: Vec<u32>,
}

extern "C" fn on_part(context: *mut c_void, part: i32, text: *const c_char, length: usize) {
    // SAFETY: `Printer::parts` passes its own `Parts`, and C++ a buffer of that length.
    let (parts, bytes) = unsafe {
        let bytes = elements(text.cast::<u8>(), length);
        (&mut *context.cast::<Parts>(), bytes)
    };
    // Names in IR may hold any bytes, but hardly ever do.
    let text = || match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    match part {
        PART_BODY => parts.body = text(),
        PART_ATTRIBUTES => parts.attributes.push(text()),
        PART_DEFINITION => parts.definitions.push(text()),
        PART_METADATA => {
            let (ids, _) = bytes.as_chunks();
            parts.metadata = ids.iter().copied().map(u32::from_ne_bytes).collect();
        }
        part => unreachable!("no part of a function: {part}"),
    }
}
