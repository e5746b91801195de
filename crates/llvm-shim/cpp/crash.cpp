// Writes where the process was when it crashes.

#include "crash.h"
#include "boundary.h"

#include "llvm/Support/Signals.h"

#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace llvm;

char irad::place[1024];

namespace {

void say_place(void *) {
  size_t length = strnlen(irad::place, sizeof irad::place);
  if (length != 0) {
    ssize_t ignored = write(2, irad::place, length);
    (void)ignored;
  }
  // Another thread sends on what was written so far; that takes a few milliseconds.
  usleep(10000);
}

} // namespace

void irad_report_crashes() { sys::AddSignalHandler(say_place, nullptr); }

void irad_set_place(const char *place) {
  snprintf(irad::place, sizeof irad::place, "\nirad-engine: in %s\n", place);
}
