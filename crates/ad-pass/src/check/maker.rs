//! Makes up values: scalars, and the memory that they lie in.

use serde_json::Value;
use trace::{Diagnosis, Help, Kind, Problem, TypeSource, Unmakeable};

use super::defaults::{Defaults, Lower};
use super::given;
use super::image::{Float, Image, Integer, IntegerKind, When};
use super::made::Made;
use super::random::Random;
use crate::types::shape::Shape;

/// Elements behind a pointer that does not say how many there are.
pub(super) const BUFFER: u64 = 1024;

/// As many scalars are made at most.
const LIMIT: u64 = 1 << 24;

/// As many elements lists within lists have at most, unless somebody says how long they are.
const NESTED: u64 = 1 << 12;

/// The inputs as far as they are made.
pub(super) struct Maker {
    pub(super) image: Image,
    /// Where the numbers come from.
    pub(super) random: Random,
    /// Where variants come from once each has had its turn.
    pub(super) choices: Random,
    /// Which point this is.
    pub(super) point: u32,
    pub(super) defaults: Defaults,
    /// What indices stay below.
    pub(super) smallest: i128,
    /// The parameter that is being made.
    pub(super) parameter: usize,
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) source: TypeSource,
    /// Elements of its lists, and whether somebody said so.
    pub(super) length: u64,
    pub(super) is_length_stated: bool,
    pub(super) range: Option<(f64, f64)>,
    /// How many elements the lists have together that it is within.
    pub(super) within: u64,
    /// The least that an integer may be.
    pub(super) least: i128,
    /// Integers so far that are parameters.
    pub(super) sizes: usize,
    /// Draws those that are less than others. A pair of points shares them.
    pub(super) lower: Random,
    /// Some input is a matrix, and vectors are as long as one of its sides.
    pub(super) has_matrix: bool,
}

/// Where a value goes.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) block: usize,
    pub(super) at: usize,
    /// What it is called: `w[3]`.
    pub(super) label: String,
    /// What has to hold for it to be there.
    pub(super) when: Vec<When>,
    /// Which element of lists it is, all in all.
    pub(super) nth: usize,
    /// It is all of a parameter.
    pub(super) is_alone: bool,
}

impl Spot {
    /// The beginning of a block.
    pub(super) fn start(block: usize, label: &str) -> Self {
        Spot {
            block,
            at: 0,
            label: label.to_owned(),
            when: Vec::new(),
            nth: 0,
            is_alone: false,
        }
    }

    /// A field of what is here.
    pub(super) fn field(&self, offset: u64, name: &str) -> Self {
        let label = match name {
            "" => self.label.clone(),
            name => format!("{}.{name}", self.label),
        };
        Spot {
            at: self.at + index(offset),
            label,
            is_alone: false,
            ..self.clone()
        }
    }

    /// The beginning of another block that this leads to.
    pub(super) fn behind(&self, block: usize) -> Self {
        Spot {
            block,
            at: 0,
            when: Vec::new(),
            is_alone: false,
            ..self.clone()
        }
    }

    /// An element of what is here.
    pub(super) fn element(&self, offset: u64, nth: usize) -> Self {
        Spot {
            at: self.at + index(offset),
            label: format!("{}[{nth}]", self.label),
            nth: self.nth + nth,
            is_alone: false,
            ..self.clone()
        }
    }
}

pub(super) fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl Maker {
    /// Begins a parameter, of which somebody may have stated the length and the range.
    pub(super) fn begin(
        &mut self,
        at: usize,
        shape: &Shape,
        length: Option<u64>,
        range: Option<(f64, f64)>,
    ) -> Result<(), Diagnosis> {
        self.parameter = at;
        self.name.clone_from(&shape.name);
        self.ty = shape.text();
        self.source = shape.source;
        self.within = 1;
        self.range = range;
        self.is_length_stated = length.is_some();
        self.length = length.unwrap_or(self.defaults.length);
        self.most(self.length)
    }

    /// How many elements a list has.
    pub(super) fn length(&self, given: Option<&[Value]>) -> Result<u64, Diagnosis> {
        let length = match given {
            Some(given) => given.len() as u64,
            None if self.is_length_stated || self.within == 1 => self.length,
            None => self.length.min((NESTED / self.within).max(1)),
        };
        self.most(length)?;
        Ok(length)
    }

    /// Refuses more elements than can be made.
    pub(super) fn most(&self, count: u64) -> Result<(), Diagnosis> {
        match count.saturating_mul(self.within) <= LIMIT {
            true => Ok(()),
            false => Err(Diagnosis::new(
                Kind::Inputs,
                Problem::TooManyElements {
                    count,
                    parameter: self.name.clone(),
                    most: LIMIT,
                },
            )),
        }
    }

    /// A block of so many bytes.
    pub(super) fn room(&mut self, bytes: u64, label: &str) -> Result<usize, Diagnosis> {
        match usize::try_from(bytes) {
            Ok(bytes) if bytes as u64 <= 8 * LIMIT => Ok(self.image.block(bytes)),
            _ => Err(Diagnosis::new(
                Kind::Inputs,
                Problem::TooManyBytes {
                    bytes,
                    label: label.to_owned(),
                },
            )),
        }
    }

    /// A float, by the bits that it has.
    pub(super) fn float(
        &mut self,
        bits: u32,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        if ![16, 32, 64].contains(&bits) {
            return Err(self.unmakeable(spot, &format!("f{bits}"), Unmakeable::OtherFloat));
        }
        let value = match given {
            Some(given) => given::float(given, &spot.label)?,
            None => self.made_up(),
        };
        let float = Float {
            block: spot.block,
            at: spot.at,
            bits,
            parameter: self.parameter,
            label: spot.label.clone(),
            when: spot.when.clone(),
            is_result: false,
        };
        self.image.set_float(&float, value);
        self.image.floats.push(float);
        Ok(Made::Float(self.image.floats.len() - 1))
    }

    /// A float that nobody stated.
    fn made_up(&mut self) -> f64 {
        let nth = self.image.floats.len();
        self.defaults.spread.draw(&mut self.random, nth, self.range)
    }

    /// An integer that is a parameter.
    fn parameter_integer(&mut self) -> i128 {
        let most = self.defaults.integer.max(self.least);
        let is_first = self.sizes == 0;
        self.sizes += 1;
        match (self.defaults.lower, is_first) {
            (Lower::First, true) | (Lower::Rest, false) => self.lower.integer(self.least, most),
            _ => most,
        }
    }

    /// An integer of so many bytes.
    pub(super) fn integer(
        &mut self,
        bytes: usize,
        kind: IntegerKind,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<Made, Diagnosis> {
        let value = match (given, kind, self.range) {
            (Some(given), ..) => given::integer(given, kind, bytes, &spot.label)?,
            (None, _, Some((low, high))) => self.random.integer(low as i128, high as i128),
            (None, IntegerKind::Bool, None) => self.random.integer(0, 1),
            (None, IntegerKind::Char, None) => i128::from(b'a'),
            // A number of its own is a size or a count as a rule, one of many an index.
            (None, _, None) if spot.is_alone => self.parameter_integer(),
            (None, _, None) => {
                let most = (self.smallest - 1).max(self.least);
                self.random.integer(self.least, most)
            }
        };
        let integer = Integer {
            block: spot.block,
            at: spot.at,
            bytes,
            kind,
        };
        self.image.put_integer(&integer, value);
        self.image.integers.push(integer);
        Ok(Made::Integer(self.image.integers.len() - 1))
    }

    /// Text of its own block.
    pub(super) fn text(
        &mut self,
        spot: &Spot,
        given: Option<&Value>,
    ) -> Result<(usize, usize), Diagnosis> {
        let bytes = match given {
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(other) => return Err(given::unfit(&spot.label, trace::Takes::Text, other)),
            None => {
                let letter = |_| self.random.integer(i128::from(b'a'), i128::from(b'z')) as u8;
                (0..self.length).map(letter).collect()
            }
        };
        let block = self.room(bytes.len() as u64, &spot.label)?;
        self.image.put(block, 0, &bytes);
        Ok((block, bytes.len()))
    }

    /// Nothing can be made of the type that belongs at `spot`, and why.
    pub(super) fn unmakeable(&self, spot: &Spot, ty: &str, why: Unmakeable) -> Diagnosis {
        let why = match spot.label == self.name {
            true => why,
            false => Unmakeable::Within {
                place: spot.label.clone(),
                ty: ty.to_owned(),
                why: Box::new(why),
            },
        };
        unmakeable(&self.name, &self.ty, why, self.source)
    }
}

/// Nothing can be made up, and why.
pub(super) fn unmakeable(name: &str, ty: &str, why: Unmakeable, source: TypeSource) -> Diagnosis {
    let help = match &why {
        Unmakeable::Function => Some(Help::FunctionParameter),
        Unmakeable::Object => Some(Help::TypeParameter),
        _ => None,
    };
    let mut diagnosis = Diagnosis::new(
        Kind::Inputs,
        Problem::NoInputs {
            parameter: name.to_owned(),
            ty: ty.to_owned(),
            why,
        },
    );
    // Where types are known it helps nobody to state them.
    match source {
        TypeSource::Uses => diagnosis.help.push(Help::StateTypes),
        _ => diagnosis.help.extend(help),
    }
    diagnosis
}
