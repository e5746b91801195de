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

// True when an integer is counted or compared with, so that it is one: no float is moved through it. What is only cut
// or extended may be floats packed together, or their parts.
bool counts(const llvm::Value &integer, unsigned depth = 0);

bool is_plain_integer(const llvm::Value &value, const llvm::DataLayout &layout);

} // namespace irad
