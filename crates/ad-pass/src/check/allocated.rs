//! The floats in memory that a function allocates and hands over: the elements of a `Vec` that it returns, or that it puts
//! in the place of another.
//!
//! Such memory is there only until the account of the heap is closed, and where it lies is known only after the run. So it is
//! read there and then, by the way that leads to it from the result or from a parameter. In forward mode the same way through
//! the shadow leads to the tangents.
#![allow(
    unsafe_code,
    reason = "reads memory that compiled code has allocated, where the heap of the check says that it is there"
)]

use trace::{Field, RustType};

use super::heap;
use super::image::{Float, read, tangent};
use super::library;
use super::maker::index;
use crate::differentiate::derived::Derived;
use crate::types::ty::Ty;

/// As many of them are compared at most, spread over all that there are.
const COMPARED: usize = 256;
/// After so many nobody looks for more.
const MOST: usize = 1 << 16;

/// A result, or what a parameter points to, that owns memory with floats.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    name: String,
    ty: RustType,
    /// There are as many of that type as there is room for.
    is_slice: bool,
    /// It may own floats in memory that nobody here knows the way to.
    hides: bool,
    /// The parameter of the IR that leads to it; `None` where it is returned in registers.
    pub(super) parameter: Option<usize>,
}

/// One of these floats.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// What it is called: `return[3]`.
    pub(super) label: String,
    bits: u32,
    /// Which of the owners leads there.
    pub(super) owner: usize,
    /// Where it is: the first number says where in the result a pointer lies, each other one where in what the one before
    /// points to.
    way: Vec<usize>,
}

/// What a run left in such memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Left {
    /// How many floats there are.
    pub(super) count: usize,
    /// The blocks of the inputs that the run freed.
    pub(super) freed: Vec<usize>,
    /// What may own other memory that was allocated and not freed.
    pub(super) unseen: Option<String>,
    /// Those that are compared.
    pub(super) values: Vec<f64>,
    /// Their tangents, after a run with tangents.
    pub(super) tangents: Vec<f64>,
}

impl Owner {
    /// Those of a derivative's primal.
    pub(super) fn all(derived: &Derived) -> Vec<Self> {
        let owner = |name: &str, ty: RustType, is_slice, parameter| Owner {
            name: name.to_owned(),
            hides: hides_floats(&ty),
            ty,
            is_slice,
            parameter,
        };
        let returned = derived.returns.clone();
        let returned = returned.map(|ty| owner("return", ty, false, None));
        let in_memory = derived.shapes.iter().enumerate().filter_map(|(at, shape)| {
            let name = &derived.parameter(at).name;
            let first = Some(shape.first);
            match (&shape.ty, shape.known.clone()?) {
                (Ty::Result { .. }, ty) => Some(owner("return", ty, false, first)),
                // What is only read stays where it is.
                (Ty::Pointer { contents, .. }, RustType::Pointer { text, to })
                    if contents.written && !is_box(&text) =>
                {
                    Some(owner(name, *to, false, first))
                }
                (Ty::Slice(contents), RustType::Slice { text, of })
                    if contents.written && !is_box(&text) =>
                {
                    Some(owner(name, *of, true, first))
                }
                _ => None,
            }
        });
        let all = returned.into_iter().chain(in_memory);
        all.filter(|owner| owner.hides || owns_floats(&owner.ty))
            .collect()
    }

    /// Visits the floats in memory that was allocated, and says in how many blocks they are.
    fn walk(&self, bytes: &[u8], visit: impl FnMut(&[String], &[usize], usize, u32)) -> usize {
        let mut walk = Walk {
            names: vec![self.name.clone()],
            way: Vec::new(),
            is_new: false,
            found: 0,
            blocks: 0,
            visit,
        };
        let start = bytes.as_ptr() as usize;
        let size = index(self.ty.bytes().unwrap_or(0));
        if self.is_slice && size > 0 {
            walk.elements(&self.ty, (bytes.len() / size) as u64, start, 0);
        } else if !self.is_slice && !bytes.is_empty() && size <= bytes.len() {
            walk.value(&self.ty, start, 0);
        }
        walk.blocks
    }
}

/// What there is after a run behind what owners hold, whose bytes are given.
pub(super) fn left<'a>(owners: &[Owner], bytes: impl Fn(&Owner) -> &'a [u8]) -> Left {
    let mut found = Vec::new();
    let mut blocks = 0;
    for owner in owners {
        blocks += owner.walk(bytes(owner), |_, _, address, bits| {
            found.push((address, bits));
        });
    }
    let hidden = owners.iter().find(|owner| owner.hides);
    let hidden = hidden.filter(|_| heap::live_blocks() > blocks);
    let read = |of: fn(*const u8, u32) -> f64| {
        let compared = found.iter().step_by(step(found.len()));
        compared
            .map(|&(address, bits)| of(address as *const u8, bits))
            .collect()
    };
    Left {
        count: found.len(),
        freed: Vec::new(),
        unseen: hidden.map(|owner| owner.name.clone()),
        values: read(value),
        tangents: read(tangent),
    }
}

/// The places of those that are compared.
pub(super) fn places<'a>(owners: &[Owner], bytes: impl Fn(&Owner) -> &'a [u8]) -> Vec<Place> {
    let mut found = Vec::new();
    for (nth, owner) in owners.iter().enumerate() {
        owner.walk(bytes(owner), |names, way, _, bits| {
            found.push(Place {
                label: names.concat(),
                bits,
                owner: nth,
                way: way.to_vec(),
            });
        });
    }
    let step = step(found.len());
    found.into_iter().step_by(step).collect()
}

impl Left {
    /// True where the same floats are there.
    pub(super) fn is_like(&self, other: &Left) -> bool {
        (self.count, &self.freed) == (other.count, &other.freed)
    }
}

impl Place {
    /// What the place holds that this way leads to from another owner; zero where it leads nowhere, as where a shadow has
    /// no memory.
    pub(super) fn read(&self, result: &[u8]) -> f64 {
        let (Some((last, pointers)), Some(first)) = (self.way.split_last(), self.way.first())
        else {
            return 0.0;
        };
        if first + 8 > result.len() {
            return 0.0;
        }
        let mut block = result.as_ptr() as usize;
        for (nth, at) in pointers.iter().enumerate() {
            if nth > 0 && !heap::is_there(block + at, 8) {
                return 0.0;
            }
            block = word(block + at);
        }
        match heap::holds(block + last, index(u64::from(self.bits) / 8)) {
            true => value((block + last) as *const u8, self.bits),
            false => 0.0,
        }
    }

    /// The list that it is part of.
    pub(super) fn list(&self) -> &str {
        self.label.split('[').next().unwrap_or(&self.label)
    }
}

fn step(count: usize) -> usize {
    count.div_ceil(COMPARED).max(1)
}

/// True where floats lie in memory that a value of this type owns.
fn owns_floats(ty: &RustType) -> bool {
    let any = |fields: &[Field]| fields.iter().any(|field| owns_floats(&field.ty));
    match ty {
        _ if ty.reaches_float() == Some(false) => false,
        RustType::Vec { name, .. } => is_list(name),
        RustType::Pointer { text, .. } | RustType::Slice { text, .. } => is_box(text),
        RustType::Array { of, .. } => owns_floats(of),
        RustType::Struct { name, fields, .. } => !library::is_closed(name, fields) && any(fields),
        RustType::Enum { variants, .. } => variants.iter().any(|variant| any(&variant.fields)),
        _ => false,
    }
}

/// True where a value of this type may own floats in memory that nobody here knows the way to.
fn hides_floats(ty: &RustType) -> bool {
    let any = |fields: &[Field]| fields.iter().any(|field| hides_floats(&field.ty));
    match ty {
        _ if ty.reaches_float() == Some(false) => false,
        RustType::Vec { name, of, .. } => !is_list(name) || hides_floats(of),
        RustType::Pointer { text, to: of } | RustType::Slice { text, of } => {
            !is_box(text) || hides_floats(of)
        }
        RustType::Array { of, .. } => hides_floats(of),
        RustType::Struct { name, fields, .. } => library::is_closed(name, fields) || any(fields),
        RustType::Enum { variants, .. } => variants.iter().any(|variant| any(&variant.fields)),
        RustType::Tail { .. } | RustType::Opaque { .. } => true,
        RustType::Float(_) | RustType::Integer { .. } => false,
    }
}

fn is_box(text: &str) -> bool {
    text.starts_with("Box<") || text.starts_with("alloc::boxed::Box<")
}

/// True for one whose elements lie in their order, which those of a ring do not.
fn is_list(name: &str) -> bool {
    !name.contains("VecDeque")
}

/// A walk through what a value owns.
struct Walk<V> {
    /// The parts of the name of what it is at.
    names: Vec<String>,
    way: Vec<usize>,
    /// It is in memory that the function allocated.
    is_new: bool,
    found: usize,
    /// How many blocks that the function allocated it was in.
    blocks: usize,
    visit: V,
}

impl<V: FnMut(&[String], &[usize], usize, u32)> Walk<V> {
    /// Looks at a value that lies somewhere in a block.
    fn value(&mut self, ty: &RustType, block: usize, at: usize) {
        if self.found >= MOST {
            return;
        }
        match ty {
            // Others are among the inputs, or in the result itself.
            RustType::Float(bits) if *bits <= 64 && self.is_new => {
                self.found += 1;
                self.way.push(at);
                (self.visit)(&self.names, &self.way, block + at, *bits);
                self.way.pop();
            }
            ty if ty.reaches_float() == Some(false) => {}
            RustType::Array { of, count } => self.elements(of, *count, block, at),
            RustType::Struct { name, fields, .. } if !library::is_closed(name, fields) => {
                self.fields(fields, block, at);
            }
            RustType::Enum { tag, variants, .. } => {
                let tag = tag.map(|tag| bytes(block + at + index(tag.offset), index(tag.bytes)));
                let is_it = |value: Option<u64>| tag.is_none() || value == tag;
                let found = variants.iter().find(|variant| is_it(variant.value));
                // What has no tag of its own is what no other tag stands for.
                let found =
                    found.or_else(|| variants.iter().find(|variant| variant.value.is_none()));
                if let Some(found) = found {
                    self.fields(&found.fields, block, at);
                }
            }
            RustType::Vec {
                name,
                pointer,
                length,
                of,
                ..
            } if is_list(name) => {
                let count = word(block + at + index(*length)) as u64;
                self.behind(of, count, block, at + index(*pointer), false);
            }
            RustType::Slice { text, of } if is_box(text) => {
                let count = word(block + at + 8) as u64;
                self.behind(of, count, block, at, false);
            }
            RustType::Pointer { text, to } if is_box(text) => self.behind(to, 1, block, at, true),
            _ => {}
        }
    }

    /// Elements behind a pointer.
    fn behind(&mut self, of: &RustType, count: u64, block: usize, pointer: usize, is_box: bool) {
        let address = word(block + pointer);
        let bytes = of.bytes().and_then(|bytes| bytes.checked_mul(count));
        let Some(bytes) = bytes.filter(|bytes| *bytes > 0).map(index) else {
            return;
        };
        let is_new = heap::holds(address, bytes);
        // What belongs to the inputs may own what is new.
        if is_new || (owns_floats(of) && heap::is_there(address, bytes)) {
            let before = std::mem::replace(&mut self.is_new, is_new);
            self.blocks += usize::from(is_new);
            self.way.push(pointer);
            match is_box {
                true => self.value(of, address, 0),
                false => self.elements(of, count, address, 0),
            }
            self.way.pop();
            self.is_new = before;
        }
    }

    fn elements(&mut self, of: &RustType, count: u64, block: usize, at: usize) {
        let size = of.bytes().unwrap_or(0);
        for nth in 0..count {
            if self.found >= MOST {
                return;
            }
            self.names.push(format!("[{nth}]"));
            self.value(of, block, at + index(size * nth));
            self.names.pop();
        }
    }

    fn fields(&mut self, fields: &[Field], block: usize, at: usize) {
        for field in fields {
            // A wrapper's only field is the value itself.
            self.names.push(match field.name.as_str() {
                "0" | "__0" if fields.len() == 1 => String::new(),
                name => format!(".{name}"),
            });
            self.value(&field.ty, block, at + index(field.offset));
            self.names.pop();
        }
    }
}

/// An address or a count.
fn word(at: usize) -> usize {
    bytes(at, 8) as usize
}

fn bytes(at: usize, count: usize) -> u64 {
    let mut bytes = [0; 8];
    // SAFETY: within a result, or within a block of which the heap says that it is there; a tag has eight bytes at most.
    let there = unsafe { std::slice::from_raw_parts(at as *const u8, count.min(8)) };
    bytes[..there.len()].copy_from_slice(there);
    u64::from_le_bytes(bytes)
}

fn value(at: *const u8, bits: u32) -> f64 {
    let float = Float {
        block: usize::MAX,
        at: 0,
        bits,
        parameter: usize::MAX,
        label: String::new(),
        when: Vec::new(),
        is_result: true,
    };
    // SAFETY: as above.
    read(
        unsafe { std::slice::from_raw_parts(at, index(u64::from(bits) / 8)) },
        &float,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> RustType {
        RustType::Vec {
            name: "Vec<f64>".to_owned(),
            bytes: 24,
            pointer: 8,
            capacity: 0,
            length: 16,
            of: Box::new(RustType::Float(64)),
        }
    }

    #[test]
    fn what_a_vector_holds_is_read_where_the_heap_has_it() {
        let owners = [Owner {
            name: "return".to_owned(),
            ty: list(),
            is_slice: false,
            hides: false,
            parameter: None,
        }];
        assert!(owns_floats(&owners[0].ty));
        let block = heap::allocate_for_test(&[1.5, -2.0]);
        let result = |address: usize| {
            let words = [2, address as u64, 2];
            words.map(u64::to_le_bytes).concat()
        };
        let bytes = result(block);
        let before = left(&owners, |_| &bytes);
        assert_eq!((before.count, before.values), (2, vec![1.5, -2.0]));
        let places = places(&owners, |_| &bytes);
        let labels: Vec<&str> = places.iter().map(|place| place.label.as_str()).collect();
        assert_eq!(labels, ["return[0]", "return[1]"]);
        // A shadow that has other memory, and one that has none.
        let shadow = heap::allocate_for_test(&[3.0, 4.0]);
        assert_eq!(places[1].read(&result(shadow)), 4.0);
        assert_eq!(places[1].read(&result(8)), 0.0);
        heap::close();
        assert_eq!(left(&owners, |_| &bytes).count, 0);
    }
}
