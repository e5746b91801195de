// Integers that are nothing but integers: plain_integers.cpp.

#pragma once

namespace llvm {
class DataLayout;
class Value;
} // namespace llvm

namespace irad {

bool is_plain_integer(const llvm::Value &value, const llvm::DataLayout &layout);

} // namespace irad
