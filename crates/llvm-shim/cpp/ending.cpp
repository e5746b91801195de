// Hears why LLVM or Enzyme end the process: assertions, what was taken for unreachable, and fatal errors.

#include "boundary.h"

#include "llvm/Support/ErrorHandling.h"

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <utility>

using namespace llvm;

namespace {
IradOnEnd on_end = nullptr;
void *on_end_context = nullptr;

// Called once: what hears of an end may come to one itself.
void ended(IradEnd end, const char *message, const char *file, unsigned line) {
  if (IradOnEnd hear = std::exchange(on_end, nullptr))
    hear(on_end_context, end, message ? message : "", file ? file : "", line);
}

void fatal(void *, const char *reason, bool) { ended(IRAD_END_FATAL, reason, nullptr, 0); }
} // namespace

void irad_hear_end(IradOnEnd hear, void *context) {
  on_end = hear;
  on_end_context = context;
  install_fatal_error_handler(fatal, nullptr);
}

// Enzyme is linked into this program statically, so its calls end up here, ahead of the C library's
// and LLVM's own.
extern "C" void __assert_fail(const char *assertion, const char *file, unsigned line,
                                           const char *function) noexcept {
  ended(IRAD_END_ASSERTION, assertion, file, line);
  fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, assertion);
  abort();
}

namespace llvm {
[[noreturn]] void llvm_unreachable_internal(const char *message, const char *file, unsigned line) {
  ended(IRAD_END_UNREACHABLE, message, file, line);
  fprintf(stderr, "%s\nUNREACHABLE executed at %s:%u!\n", message ? message : "",
          file ? file : "", line);
  abort();
}
} // namespace llvm
