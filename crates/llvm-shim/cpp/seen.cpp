// What instrumented code computes, number by number, as it runs: the values of a primal with their tangents
// (`dual.cpp`), and what its derivative makes of them (`watch.cpp`). One value of the primal can be given a
// tangent of its own, in one execution of its instruction: so the derivative of the result with respect to it is had.

#include "seen.h"

#include <cmath>
#include <vector>

namespace {

bool is_recording = false;
size_t most = 0;
bool is_cut_off = false;
std::vector<IradSeen> events;
// The instruction whose value gets a tangent, in which of its executions, and how many there were so far.
uint32_t target = 0;
uint64_t target_execution = 0;
uint64_t executions = 0;

void record(const IradSeen &event) {
  if (!is_recording)
    return;
  if (events.size() >= most) {
    is_cut_off = true;
    return;
  }
  events.push_back(event);
}

// True when it is the turn of the value that gets a tangent.
bool is_target(uint32_t number) {
  return number == target && ++executions == target_execution;
}

} // namespace

extern "C" {

double irad_seen_value(uint32_t number, double value, double tangent, const void *from) {
  if (is_target(number))
    tangent += 1;
  record({IRAD_SEEN_VALUE, number, 0, value, tangent, reinterpret_cast<uint64_t>(from), 0, 0});
  return tangent;
}

void irad_seen_integer(uint32_t number, int64_t value) {
  record({IRAD_SEEN_VALUE, number, 0, double(value), 0, 0, 0, 0});
}

void irad_seen_store(uint32_t number, double value, void *to, uint64_t bytes) {
  double tangent = 0;
  float half = 0;
  irad_dual_read(to, bytes == 4 ? static_cast<void *>(&half) : &tangent, bytes);
  if (bytes == 4)
    tangent = half;
  if (is_target(number)) {
    tangent += 1;
    half = float(tangent);
    irad_dual_write(to, bytes == 4 ? static_cast<void *>(&half) : &tangent, bytes);
  }
  record({IRAD_SEEN_STORE, number, 0, value, tangent, reinterpret_cast<uint64_t>(to), bytes, 0});
}

void irad_seen_copy(uint32_t number, const void *to, const void *from, uint64_t bytes) {
  record({IRAD_SEEN_COPY, number, 0, 0, 0, reinterpret_cast<uint64_t>(to), bytes,
          reinterpret_cast<uint64_t>(from)});
}

void irad_seen_derived(uint32_t kind, uint32_t number, uint32_t by, double value) {
  record({kind, number, by, value, 0, 0, 0, 0});
}

void irad_seen_added(uint32_t number, uint32_t by, double before, double after) {
  // What was added to what is no number nobody can tell.
  if (std::isfinite(before))
    record({IRAD_SEEN_ADDED, number, by, after - before, 0, 0, 0, 0});
}

void irad_seen_begin(uint64_t limit) {
  is_recording = limit > 0;
  most = limit;
  is_cut_off = false;
  events.clear();
  target = 0;
}

void irad_seen_aim(uint32_t number, uint64_t execution) {
  target = number;
  target_execution = execution;
  executions = 0;
}

bool irad_seen_end(IradOnSeen on_seen, void *context) {
  is_recording = false;
  for (const IradSeen &event : events)
    on_seen(context, &event);
  events.clear();
  return !is_cut_off;
}

} // extern "C"
