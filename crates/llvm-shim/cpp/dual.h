// What `dual.cpp` needs of `dual_rules.cpp` and `dual_memory.cpp`.

#pragma once

#include "boundary.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/IRBuilder.h"

#include <cstdint>

namespace irad {

extern "C" {

extern uint64_t irad_dual_events;
extern unsigned char irad_dual_arguments[];
extern unsigned char irad_dual_returned[];

uint64_t irad_dual_load8(const void *from);
uint32_t irad_dual_load4(const void *from);
void irad_dual_store8(void *to, uint64_t tangent);
void irad_dual_store4(void *to, uint32_t tangent);
void irad_dual_load(void *to, const void *from, uint64_t bytes);
void irad_dual_store(void *to, const void *from, uint64_t bytes);
void irad_dual_copy(void *to, const void *from, uint64_t bytes);
void irad_dual_zero(void *to, uint64_t bytes);
double irad_dual_digamma(double x);
void irad_dual_enter(uint64_t *counter);
}

// As many bytes of arguments, and of a result, have tangents.
constexpr uint64_t DUAL_ROOM = 4096;

// Builds tangents.
class DualBuilder {
public:
  explicit DualBuilder(llvm::IRBuilder<> &builder) : builder(builder) {}

  // `factor * tangent`, and zero where the tangent is zero, whatever the factor is.
  llvm::Value *times(llvm::Value *factor, llvm::Value *tangent);
  // Notes an event if a condition (of one bit, or a vector of these) holds.
  void note(llvm::Value *condition, IradMet what);
  // The tangent of the result of a function of floats that the C library and LLVM's intrinsics know by this
  // name (`sin`, `pow`), at doubles. Null for one without a rule.
  llvm::Value *rule(llvm::StringRef name, llvm::ArrayRef<llvm::Value *> at,
                    llvm::ArrayRef<llvm::Value *> tangents, llvm::Value *result);

private:
  llvm::IRBuilder<> &builder;

  llvm::Value *real(double value) { return llvm::ConstantFP::get(builder.getDoubleTy(), value); }
  llvm::Value *unary(llvm::Intrinsic::ID id, llvm::Value *at) {
    return builder.CreateUnaryIntrinsic(id, at);
  }
  llvm::Value *library(llvm::StringRef name, llvm::ArrayRef<llvm::Value *> at);
};

} // namespace irad
