// Writes modules as bitcode.

#include "boundary.h"

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

using namespace llvm;

void irad_write_bitcode(LLVMModuleRef module, IradEmit emit, void *context) {
  std::string bytes;
  raw_string_ostream stream(bytes);
  WriteBitcodeToFile(*unwrap(module), stream, /*ShouldPreserveUseListOrder=*/true);
  emit(context, IRAD_PART_BODY, bytes.data(), bytes.size());
}
