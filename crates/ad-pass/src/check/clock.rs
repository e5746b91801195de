//! Times calls of code that was compiled at run time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use inkwell::basic_block::BasicBlock;
use inkwell::builder::Builder;
use inkwell::context::ContextRef;
use inkwell::values::{FunctionValue, IntValue, PhiValue, PointerValue};
use inkwell::{AddressSpace, IntPredicate};

/// How often timed code calls its function, and how long that took.
static CALLS: AtomicU64 = AtomicU64::new(1);
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

/// Times the next call of code that was compiled for it.
pub(super) struct Clock;

impl Clock {
    /// The function is called so many times.
    pub(super) fn of(calls: u64) -> Self {
        CALLS.store(calls, Ordering::Relaxed);
        NANOSECONDS.store(0, Ordering::Relaxed);
        Clock
    }

    /// How long all of these calls took.
    pub(super) fn nanoseconds(self) -> u64 {
        NANOSECONDS.load(Ordering::Relaxed)
    }
}

/// Nanoseconds since some moment.
extern "C" fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// A loop around a call, and a clock around the loop.
pub(super) struct Timing<'c> {
    body: BasicBlock<'c>,
    turn: PhiValue<'c>,
    start: IntValue<'c>,
}

impl<'c> Timing<'c> {
    pub(super) fn begin(
        context: &ContextRef<'c>,
        builder: &Builder<'c>,
        entry: FunctionValue<'c>,
    ) -> Timing<'c> {
        let word = context.i64_type();
        let start = read_clock(context, builder);
        let before = builder.get_insert_block().expect("a block");
        let body = context.append_basic_block(entry, "");
        builder.build_unconditional_branch(body).expect("a block");
        builder.position_at_end(body);
        let turn = builder.build_phi(word, "").expect("a block");
        turn.add_incoming(&[(&word.const_zero(), before)]);
        Timing { body, turn, start }
    }

    pub(super) fn end(
        self,
        context: &ContextRef<'c>,
        builder: &Builder<'c>,
        entry: FunctionValue<'c>,
    ) {
        let word = context.i64_type();
        let done = context.append_basic_block(entry, "");
        let one = word.const_int(1, false);
        let turn = self.turn.as_basic_value().into_int_value();
        let next = builder.build_int_add(turn, one, "").expect("integers");
        let all = builder
            .build_load(word, address_of(context, &CALLS), "")
            .expect("a pointer")
            .into_int_value();
        let again = builder
            .build_int_compare(IntPredicate::ULT, next, all, "")
            .expect("integers");
        let last = builder.get_insert_block().expect("a block");
        self.turn.add_incoming(&[(&next, last)]);
        builder
            .build_conditional_branch(again, self.body, done)
            .expect("a block");
        builder.position_at_end(done);
        let end = read_clock(context, builder);
        let taken = builder
            .build_int_sub(end, self.start, "")
            .expect("integers");
        builder
            .build_store(address_of(context, &NANOSECONDS), taken)
            .expect("a pointer");
    }
}

fn read_clock<'c>(context: &ContextRef<'c>, builder: &Builder<'c>) -> IntValue<'c> {
    let word = context.i64_type();
    let pointer = context.ptr_type(AddressSpace::default());
    let clock = now as *const () as usize as u64;
    let clock = word.const_int(clock, false).const_to_pointer(pointer);
    builder
        .build_indirect_call(word.fn_type(&[], false), clock, &[], "")
        .expect("a function")
        .try_as_basic_value()
        .basic()
        .expect("it returns a number")
        .into_int_value()
}

fn address_of<'c>(context: &ContextRef<'c>, number: &'static AtomicU64) -> PointerValue<'c> {
    let pointer = context.ptr_type(AddressSpace::default());
    let address = number.as_ptr() as usize as u64;
    context
        .i64_type()
        .const_int(address, false)
        .const_to_pointer(pointer)
}
