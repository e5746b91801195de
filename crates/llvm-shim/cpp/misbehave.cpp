// Ends the process in the ways in which LLVM or Enzyme do, to see what is made of it.

#include "boundary.h"
#include "crash.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemAlloc.h"

#include <cassert>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

using namespace llvm;

void irad_misbehave(const char *fault) {
  StringRef what(fault);
  if (what == "assertion")
    __assert_fail("false && \"asked to\"", "misbehave.cpp", 1, "irad_misbehave");
  if (what == "unreachable")
    llvm_unreachable_internal("asked to", "misbehave.cpp", 2);
  if (what == "fatal")
    report_fatal_error("asked to");
  if (what == "segfault")
    *static_cast<volatile int *>(nullptr) = 1;
  if (what == "abort")
    abort();
  if (what == "stack") {
    // Not a tail call: what it returns is needed here.
    struct Deep {
      static int down(volatile char *above, int depth) {
        volatile char frame[4096];
        frame[0] = above ? above[0] : 1;
        if (frame[0] == 0)
          return depth;
        return down(frame, depth + 1) + frame[0];
      }
    };
    irad::place[1023] = static_cast<char>(Deep::down(nullptr, 0));
  }
  if (what == "memory") {
    static void *volatile last; // so that no compiler thinks it unused
    for (size_t taken = 0; taken < (size_t(20) << 30); taken += 1 << 20)
      memset(last = safe_malloc(1 << 20), 1, 1 << 20);
  }
  if (what == "loop")
    for (volatile size_t turns = 0;; turns = turns + 1)
      ;
  if (what == "noise") {
    std::string line(1023, '.');
    line += '\n';
    for (;;) {
      for (int i = 0; i < 1024; i++) {
        ssize_t ignored = write(2, line.data(), line.size());
        (void)ignored;
      }
      usleep(100000);
    }
  }
}
