//! Explains a derivative: what Enzyme knew of the primal, and what each instruction is there for.
//!
//! Three times a function's instructions are numbered by source locations: the primal that Enzyme has
//! simplified and is about to differentiate, whose numbers Enzyme copies to what it generates; the
//! derivative, whose numbers the cleanup passes keep as they keep locations; and at last the numbers are
//! read. Locations are what LLVM hands on with most care, and they change nothing that runs.

use enzyme_sys::ask::{CONSTANT_INSTRUCTION, CONSTANT_VALUE};
use inkwell::values::FunctionValue;
use llvm_shim::{Origin, Places, Roles, SourceLine};
use trace::{
    AdRole, Diagnosis, Explained, Explanation, Kind, Known, Mode, Problem, Signature,
    enzyme as words,
};

use crate::backend::enzyme::Enzyme;
use crate::channel::numbered::Numbered;
use crate::channel::parts::parts;
use crate::channel::recorder::{LocatedRemark, Recorder};
use crate::differentiate::called::CalledFunctions;
use crate::differentiate::derived::KnownDerivative;
use crate::ir::lookup::{is_made_of, name};

/// A primal whose instructions are numbered.
pub(crate) struct NumberedPrimal<'c> {
    primal: FunctionValue<'c>,
    sources: Vec<Option<SourceLine>>,
    places: Places,
}

/// A derivative whose instructions are numbered.
pub(crate) struct NumberedDerivative {
    primal: String,
    derivative: String,
    explained: Explained,
    roles: Roles,
    origins: Vec<Origin>,
    places: Places,
    /// Of a split derivative the half that runs first: its symbol, its places, and its roles.
    first: Option<(String, Places, Roles)>,
}

/// What asks for an explanation alone asks for one of a derivative in one piece.
pub(crate) fn refuse_halves(signature: &Signature) -> Result<(), Diagnosis> {
    match signature.split {
        true => Err(Diagnosis::new(Kind::Signature, Problem::ExplainsNoSplit)),
        false => Ok(()),
    }
}

/// Has Enzyme simplify the primal, and numbers what it will differentiate.
pub(crate) fn begin<'c>(
    enzyme: &mut Enzyme,
    primal: FunctionValue<'c>,
    signature: &Signature,
    recorder: &Recorder,
) -> Result<NumberedPrimal<'c>, Diagnosis> {
    let primal = enzyme
        .preprocess(primal, signature)
        .ok_or_else(|| Diagnosis::new(Kind::Other, Problem::NoPrimal))?;
    recorder.locate_remarks();
    let (sources, places) = Places::number(primal, None);
    // A refusal names lines of source.
    places.are_meant();
    Ok(NumberedPrimal {
        primal,
        sources,
        places,
    })
}

impl NumberedPrimal<'_> {
    /// Where its instructions were before they were numbered.
    pub(crate) fn places(&self) -> Places {
        self.places.clone()
    }

    /// Reads the numbers that Enzyme has copied, and numbers the derivative, and the half that runs before it.
    pub(crate) fn derived(
        self,
        enzyme: &Enzyme,
        derivative: FunctionValue<'_>,
        augmented: Option<FunctionValue<'_>>,
        signature: &Signature,
        remarks: &[LocatedRemark],
    ) -> NumberedDerivative {
        let known = enzyme.known(self.primal, signature);
        let forward = signature.mode == Mode::Forward;
        let origins = enzyme.origins(derivative);
        let (roles, mut fates) = llvm_shim::roles(self.primal, derivative, forward, &origins);
        let first = augmented.map(|half| {
            let origins = enzyme.origins(half);
            let (mut roles, of_half) = llvm_shim::roles(self.primal, half, forward, &origins);
            // No adjoint is there yet: what looks like one's slot is that of the result.
            for role in &mut roles.roles {
                if *role == AdRole::Adjoint as u8 {
                    *role = AdRole::Primal as u8;
                }
            }
            for (fate, own) in fates.iter_mut().zip(of_half) {
                // It keeps what the other half takes.
                fate.cached |= own.cached;
            }
            let (_, places) = Places::number(half, Some(&self.places));
            (name(half), places, roles)
        });
        let count = self.primal.count_params() as usize;
        let of = |(ty, constant): &(String, u8)| Known {
            ty: ty.clone(),
            active: constant & CONSTANT_VALUE == 0,
        };
        let mut primal: Vec<Explanation> = known[count.min(known.len())..]
            .iter()
            .zip(fates)
            .zip(self.sources)
            .map(|((known, fate), source)| Explanation {
                known: of(known),
                propagates: known.1 & CONSTANT_INSTRUCTION == 0,
                cached: fate.cached,
                recomputed: fate.recomputed,
                used: fate.used,
                because: Vec::new(),
                source,
            })
            .collect();
        // Lines of other functions are no numbers of this one.
        let symbol = name(self.primal);
        let symbol = symbol.strip_prefix(words::PREPROCESSED).unwrap_or(&symbol);
        for said in remarks {
            if !is_made_of(&said.function, symbol) {
                continue;
            }
            let at = said.line.checked_sub(1);
            if let Some(line) = at.and_then(|at| primal.get_mut(at))
                && !line.because.contains(&said.kind)
            {
                line.because.push(said.kind.clone());
            }
        }
        Places::are_meant_no_more();
        let (_, places) = Places::number(derivative, Some(&self.places));
        NumberedDerivative {
            places,
            first,
            primal: name(self.primal),
            derivative: name(derivative),
            origins,
            explained: Explained {
                parameters: known.iter().take(count).map(of).collect(),
                primal,
                derivative: parts(&roles),
                last: Vec::new(),
            },
            roles,
        }
    }
}

impl NumberedDerivative {
    /// What is known of it as Enzyme generated it.
    pub(crate) fn known(&self) -> KnownDerivative {
        KnownDerivative {
            primal: self.primal.clone(),
            derivative: self.derivative.clone(),
            roles: self.roles.clone(),
            origins: self.origins.clone(),
            explained: self.explained.clone(),
            called: CalledFunctions::default(),
        }
    }

    /// What tells of each of its texts what the instructions are there for, and of those of the half that runs first.
    pub(crate) fn telling(&self) -> Vec<Numbered> {
        let first = self
            .first
            .iter()
            .map(|(symbol, places, roles)| Numbered::new(symbol, places.clone(), roles.clone()));
        let own = Numbered::new(&self.derivative, self.places.clone(), self.roles.clone());
        first.chain([own]).collect()
    }

    /// Reads the numbers that the cleanup passes have left.
    pub(crate) fn cleaned(mut self, last: FunctionValue<'_>) -> Explained {
        self.explained.last = parts(&llvm_shim::roles_after(last, &self.roles));
        self.explained
    }
}
