// Hands options to LLVM's own command-line parser.

#include "boundary.h"
#include "text.h"

#include "llvm/Support/CommandLine.h"

using namespace llvm;

char *irad_parse_options(int32_t count, const char *const *arguments) {
  std::string message;
  raw_string_ostream stream(message);
  if (cl::ParseCommandLineOptions(count, arguments, "", &stream))
    return nullptr;
  return irad::copy(message);
}
