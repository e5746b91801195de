// Integers that are nothing but integers: plain_integers.cpp.

#pragma once

namespace llvm {
class DataLayout;
class Instruction;
class Value;
} // namespace llvm

namespace irad {

// True for sums, products and quotients of integers: nobody does that with the bits of floats.
bool is_integer_arithmetic(const llvm::Instruction &instruction);

bool is_plain_integer(const llvm::Value &value, const llvm::DataLayout &layout);

} // namespace irad
