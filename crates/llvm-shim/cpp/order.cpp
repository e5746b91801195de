// Memory in the order in which it is asked for. Enzyme keeps blocks and instructions in sets and maps by
// their addresses (`std::map<BasicBlock *, ...>`) and goes through them in that order, so that what it makes
// depends on where they lie: on what else is in memory. While it runs, what is small lies behind what was
// there before it, and nothing is given back.

#include "boundary.h"

#include <bits/functexcept.h>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace {

// Nothing larger is compared by its address: tables that grow, which come and go at other times when more
// is in memory.
constexpr size_t largest = 512;
// From here on upwards, where nothing else of a process lies.
constexpr uintptr_t base = uintptr_t(0x200000000000);
constexpr size_t step = size_t(16) << 20;
// What Enzyme asks for beyond that lies anywhere.
constexpr size_t most = size_t(1) << 30;

thread_local bool is_ordered = false;
uintptr_t next = base;   // where the next one lies
uintptr_t mapped = base; // how far there is memory

bool is_ours(const void *memory) {
  auto address = reinterpret_cast<uintptr_t>(memory);
  return address >= base && address < mapped;
}

void *behind(size_t size) {
  size = (size + 15) & ~size_t(15);
  if (next + size > mapped) {
    if (mapped + step > base + most)
      return nullptr;
    void *wanted = reinterpret_cast<void *>(mapped);
    void *found = mmap(wanted, step, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (found != wanted) {
      // An old kernel takes the address for a wish.
      if (found != MAP_FAILED)
        munmap(found, step);
      return nullptr;
    }
    mapped += step;
  }
  void *memory = reinterpret_cast<void *>(next);
  next += size;
  return memory;
}

void *allocate(size_t size) {
  if (is_ordered && size <= largest)
    if (void *memory = behind(size))
      return memory;
  while (true) {
    if (void *memory = malloc(size ? size : 1))
      return memory;
    std::new_handler handler = std::get_new_handler();
    if (!handler)
      return nullptr;
    handler();
  }
}

void release(void *memory) {
  if (!is_ours(memory))
    free(memory);
}

} // namespace

void *operator new(size_t size) {
  if (void *memory = allocate(size))
    return memory;
  std::__throw_bad_alloc();
}
void *operator new[](size_t size) { return ::operator new(size); }
void *operator new(size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void *operator new[](size_t size, const std::nothrow_t &) noexcept { return allocate(size); }
void operator delete(void *memory) noexcept { release(memory); }
void operator delete[](void *memory) noexcept { release(memory); }
void operator delete(void *memory, size_t) noexcept { release(memory); }
void operator delete[](void *memory, size_t) noexcept { release(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { release(memory); }
void operator delete[](void *memory, const std::nothrow_t &) noexcept { release(memory); }

void irad_order(bool begins) { is_ordered = begins; }
