// What instrumented code calls to tell what it computes (`seen.cpp`).

#pragma once

#include "boundary.h"

extern "C" {

// A float of the primal, and its tangent; `from` is where it was loaded from. Gives the tangent that it goes on with.
double irad_seen_value(uint32_t number, double value, double tangent, const void *from);
void irad_seen_integer(uint32_t number, int64_t value);
// Called behind a store.
void irad_seen_store(uint32_t number, double value, void *to, uint64_t bytes);
// `from` is null where memory is filled.
void irad_seen_copy(uint32_t number, const void *to, const void *from, uint64_t bytes);
// A derivative adds to an adjoint, by the rule of a line.
void irad_seen_added(uint32_t number, uint32_t by, double before, double after);
// Something that a derivative has.
void irad_seen_derived(uint32_t kind, uint32_t number, uint32_t by, double value);
}
