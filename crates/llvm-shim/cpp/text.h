// Texts: those that Rust gets, and streams that write them quickly.

#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace irad {

// A copy that `irad_free` frees.
inline char *copy(llvm::StringRef text) {
  char *out = static_cast<char *>(malloc(text.size() + 1));
  memcpy(out, text.data(), text.size());
  out[text.size()] = 0;
  return out;
}

// LLVM's own string streams have no buffer, and its printer then does without one too: every comma
// is a call down to the string. With this one a function prints in half the time.
class BufferedString final : public llvm::raw_ostream {
  std::string &text;
  void write_impl(const char *data, size_t size) override { text.append(data, size); }
  uint64_t current_pos() const override { return text.size(); }

public:
  explicit BufferedString(std::string &text) : text(text) { SetBufferSize(1 << 16); }
  ~BufferedString() override { flush(); }
};

} // namespace irad
