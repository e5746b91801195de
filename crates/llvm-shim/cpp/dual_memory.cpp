// The tangents of what lies in memory, for code that `dual.cpp` has instrumented: for every byte of a
// program's memory one byte of tangents, in pages that are made when something is written to them.

#include "boundary.h"
#include "dual.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <unordered_map>
#include <vector>

using namespace irad;

extern "C" {
uint64_t irad_dual_events = 0;
alignas(64) unsigned char irad_dual_arguments[DUAL_ROOM];
alignas(64) unsigned char irad_dual_returned[DUAL_ROOM];
}

namespace {

constexpr uint64_t BITS = 12;
constexpr uint64_t PAGE = 1 << BITS;

// The blocks that ran since a run began, and how many may.
uint64_t blocks_run = 0;
uint64_t most_blocks = UINT64_MAX;

struct Page {
  unsigned char bytes[PAGE];
  // What may differ from zero: a run begins anew, and most of them write to a small part of a few pages.
  uint64_t begin;
  uint64_t end;

  void write(uint64_t offset, const void *from, uint64_t size) {
    memcpy(bytes + offset, from, size);
    begin = std::min(begin, offset);
    end = std::max(end, offset + size);
  }

  void clear() {
    if (begin < end)
      memset(bytes + begin, 0, end - begin);
    begin = PAGE;
    end = 0;
  }
};

struct Table {
  std::unordered_map<uint64_t, Page *> pages;
  // The pages that were asked for last, by the last bits of their numbers.
  static constexpr size_t RECENT = 64;
  uint64_t numbers[RECENT] = {};
  Page *recent[RECENT] = {};

  // The page of that number; null where nothing was written yet, unless it is to be made.
  Page *page(uint64_t number, bool make) {
    size_t slot = number % RECENT;
    if (recent[slot] && numbers[slot] == number)
      return recent[slot];
    auto found = pages.find(number);
    if (found == pages.end()) {
      if (!make)
        return nullptr;
      auto *fresh = static_cast<Page *>(calloc(1, sizeof(Page)));
      if (!fresh)
        abort();
      fresh->clear();
      found = pages.emplace(number, fresh).first;
    }
    numbers[slot] = number;
    return recent[slot] = found->second;
  }
};

Table &table() {
  static Table *all = new Table;
  return *all;
}

// Goes through a range in parts that lie in one page each.
template <typename Each> void parts(uint64_t at, uint64_t bytes, Each each) {
  for (uint64_t done = 0; done < bytes;) {
    uint64_t offset = (at + done) % PAGE;
    uint64_t size = std::min(PAGE - offset, bytes - done);
    each((at + done) >> BITS, offset, done, size);
    done += size;
  }
}

bool in_one_page(uint64_t at, uint64_t bytes) { return at % PAGE + bytes <= PAGE; }

void load(void *to, uint64_t at, uint64_t bytes) {
  parts(at, bytes, [&](uint64_t number, uint64_t offset, uint64_t done, uint64_t size) {
    auto *into = static_cast<unsigned char *>(to) + done;
    if (const Page *page = table().page(number, false))
      memcpy(into, page->bytes + offset, size);
    else
      memset(into, 0, size);
  });
}

void store(uint64_t at, const void *from, uint64_t bytes) {
  parts(at, bytes, [&](uint64_t number, uint64_t offset, uint64_t done, uint64_t size) {
    table().page(number, true)->write(offset, static_cast<const unsigned char *>(from) + done, size);
  });
}

uint64_t address(const void *pointer) { return reinterpret_cast<uint64_t>(pointer); }

} // namespace

extern "C" {

uint64_t irad_dual_load8(const void *from) {
  uint64_t out = 0;
  if (!in_one_page(address(from), 8)) {
    load(&out, address(from), 8);
    return out;
  }
  if (const Page *page = table().page(address(from) >> BITS, false))
    memcpy(&out, page->bytes + address(from) % PAGE, 8);
  return out;
}

uint32_t irad_dual_load4(const void *from) {
  uint32_t out = 0;
  load(&out, address(from), 4);
  return out;
}

void irad_dual_store8(void *to, uint64_t tangent) {
  if (!in_one_page(address(to), 8))
    return store(address(to), &tangent, 8);
  // Zeros are there already where nothing is.
  if (Page *page = table().page(address(to) >> BITS, tangent != 0))
    page->write(address(to) % PAGE, &tangent, 8);
}

void irad_dual_store4(void *to, uint32_t tangent) { store(address(to), &tangent, 4); }

void irad_dual_load(void *to, const void *from, uint64_t bytes) { load(to, address(from), bytes); }

void irad_dual_store(void *to, const void *from, uint64_t bytes) {
  store(address(to), from, bytes);
}

void irad_dual_copy(void *to, const void *from, uint64_t bytes) {
  // Through memory of its own: the ranges may overlap.
  if (bytes <= 512) {
    unsigned char buffer[512];
    load(buffer, address(from), bytes);
    return store(address(to), buffer, bytes);
  }
  std::vector<unsigned char> buffer(bytes);
  load(buffer.data(), address(from), bytes);
  store(address(to), buffer.data(), bytes);
}

void irad_dual_zero(void *to, uint64_t bytes) {
  parts(address(to), bytes, [&](uint64_t number, uint64_t offset, uint64_t, uint64_t size) {
    if (Page *page = table().page(number, false))
      memset(page->bytes + offset, 0, size);
  });
}

// The logarithmic derivative of the gamma function: its recurrence until the asymptotic series serves.
double irad_dual_digamma(double x) {
  double out = 0;
  if (x <= 0 && x == std::floor(x))
    return NAN;
  if (x < 0) {
    const double pi = 3.14159265358979323846;
    return irad_dual_digamma(1 - x) - pi / std::tan(pi * x);
  }
  for (; x < 12; x += 1)
    out -= 1 / x;
  double square = 1 / (x * x);
  return out + std::log(x) - 0.5 / x -
         square * (1.0 / 12 -
                   square * (1.0 / 120 -
                             square * (1.0 / 252 - square * (1.0 / 240 - square / 132))));
}

void irad_dual_reset() {
  for (auto &[number, page] : table().pages)
    page->clear();
  memset(irad_dual_arguments, 0, DUAL_ROOM);
  memset(irad_dual_returned, 0, DUAL_ROOM);
  irad_dual_events = 0;
}

void irad_dual_write(void *at, const void *tangent, size_t bytes) {
  store(address(at), tangent, bytes);
}

void irad_dual_read(const void *at, void *tangent, size_t bytes) {
  load(tangent, address(at), bytes);
}

void irad_dual_enter(uint64_t *counter) {
  *counter += 1;
  if (++blocks_run > most_blocks)
    irad_stop(IRAD_STOP_ENDLESS, 0, 0, 0, 0);
}

void irad_dual_limit(uint64_t blocks) { most_blocks = blocks; }

uint64_t irad_dual_begin() {
  uint64_t before = blocks_run;
  blocks_run = 0;
  return before;
}

uint64_t irad_dual_met() { return irad_dual_events; }

} // extern "C"
