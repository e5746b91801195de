// Hands on what was printed and is still held.

#include "boundary.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdio>

void irad_flush_output() {
  llvm::outs().flush();
  llvm::errs().flush();
  fflush(stdout);
}
