// The derivatives of the functions that numbers go through, for dual numbers. The formulas are those of any
// table (Abramowitz and Stegun, *Handbook of Mathematical Functions*, 1964: 3.3, 4.3 to 4.6, 6.3, 7.1).

#include "dual.h"

#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace irad {

Value *DualBuilder::times(Value *factor, Value *tangent) {
  if (auto *constant = dyn_cast<Constant>(tangent); constant && constant->isNullValue())
    return tangent;
  Value *is_still = builder.CreateFCmpOEQ(tangent, Constant::getNullValue(tangent->getType()));
  if (!isa<Constant>(factor)) {
    Value *difference = builder.CreateFSub(factor, factor);
    Value *is_wild = builder.CreateFCmpUNE(difference, Constant::getNullValue(factor->getType()));
    note(builder.CreateAnd(is_still, is_wild), IRAD_MET_SINGULAR);
  }
  Value *product = builder.CreateFMul(factor, tangent);
  return builder.CreateSelect(is_still, Constant::getNullValue(tangent->getType()), product);
}

void DualBuilder::note(Value *condition, IradMet what) {
  if (condition->getType()->isVectorTy())
    condition = builder.CreateOrReduce(condition);
  Value *at = builder.CreateIntToPtr(
      builder.getInt64(reinterpret_cast<uint64_t>(&irad_dual_events)), builder.getPtrTy());
  Value *bit = builder.CreateSelect(condition, builder.getInt64(what), builder.getInt64(0));
  builder.CreateStore(builder.CreateOr(builder.CreateLoad(builder.getInt64Ty(), at), bit), at);
}

Value *DualBuilder::library(StringRef name, ArrayRef<Value *> at) {
  Type *real = builder.getDoubleTy();
  SmallVector<Type *, 2> types(at.size(), real);
  Module *module = builder.GetInsertBlock()->getModule();
  return builder.CreateCall(
      module->getOrInsertFunction(name, FunctionType::get(real, types, false)), at);
}

Value *DualBuilder::rule(StringRef name, ArrayRef<Value *> at, ArrayRef<Value *> tangents,
                         Value *result) {
  IRBuilder<> &b = builder;
  Value *x = at.empty() ? nullptr : at[0];
  Value *one = real(1);
  auto divided = [&](Value *by) { return b.CreateFDiv(one, by); };
  auto root = [&](Value *of) { return unary(Intrinsic::sqrt, of); };
  auto square = [&](Value *of) { return b.CreateFMul(of, of); };
  // The factor of functions of one number.
  Value *factor = nullptr;
  if (at.size() == 1) {
    if (name == "sin")
      factor = unary(Intrinsic::cos, x);
    else if (name == "cos")
      factor = b.CreateFNeg(unary(Intrinsic::sin, x));
    else if (name == "tan")
      factor = b.CreateFAdd(one, square(result));
    else if (name == "asin")
      factor = divided(root(b.CreateFSub(one, square(x))));
    else if (name == "acos")
      factor = b.CreateFNeg(divided(root(b.CreateFSub(one, square(x)))));
    else if (name == "atan")
      factor = divided(b.CreateFAdd(one, square(x)));
    else if (name == "sinh")
      factor = library("cosh", {x});
    else if (name == "cosh")
      factor = library("sinh", {x});
    else if (name == "tanh")
      factor = divided(square(library("cosh", {x})));
    else if (name == "asinh")
      factor = divided(root(b.CreateFAdd(square(x), one)));
    else if (name == "acosh")
      factor = divided(root(b.CreateFSub(square(x), one)));
    else if (name == "atanh")
      factor = divided(b.CreateFSub(one, square(x)));
    else if (name == "exp")
      factor = result;
    else if (name == "exp2")
      factor = b.CreateFMul(real(0.693147180559945309417), result);
    else if (name == "exp10")
      factor = b.CreateFMul(real(2.302585092994045684018), result);
    else if (name == "expm1")
      factor = unary(Intrinsic::exp, x);
    else if (name == "log")
      factor = divided(x);
    else if (name == "log2")
      factor = divided(b.CreateFMul(real(0.693147180559945309417), x));
    else if (name == "log10")
      factor = divided(b.CreateFMul(real(2.302585092994045684018), x));
    else if (name == "log1p")
      factor = divided(b.CreateFAdd(one, x));
    else if (name == "sqrt")
      factor = b.CreateFDiv(real(0.5), result);
    else if (name == "cbrt")
      factor = divided(b.CreateFMul(real(3), square(result)));
    else if (name == "erf" || name == "erfc") {
      Value *slope = b.CreateFMul(real(1.128379167095512573896),
                                  unary(Intrinsic::exp, b.CreateFNeg(square(x))));
      factor = name == "erf" ? slope : b.CreateFNeg(slope);
    } else if (name == "lgamma" || name == "tgamma" || name == "lgamma_r") {
      auto *type = FunctionType::get(b.getDoubleTy(), {b.getDoubleTy()}, false);
      Value *digamma = b.CreateIntToPtr(
          b.getInt64(reinterpret_cast<uint64_t>(&irad_dual_digamma)), b.getPtrTy());
      factor = b.CreateCall(type, digamma, {x});
      if (name == "tgamma")
        factor = b.CreateFMul(factor, result);
    } else if (name == "fabs") {
      Value *sign = b.CreateBinaryIntrinsic(Intrinsic::copysign, one, x);
      return b.CreateFMul(sign, tangents[0]);
    } else if (name == "floor" || name == "ceil" || name == "trunc" || name == "rint" ||
               name == "nearbyint" || name == "round" || name == "roundeven") {
      return real(0);
    } else if (name == "canonicalize") {
      return tangents[0];
    }
    return factor ? times(factor, tangents[0]) : nullptr;
  }
  if (at.size() == 2) {
    Value *y = at[1];
    Value *dx = tangents[0];
    Value *dy = tangents[1];
    if (name == "pow") {
      Value *less = b.CreateBinaryIntrinsic(Intrinsic::pow, x, b.CreateFSub(y, one));
      Value *by_base = b.CreateFMul(y, less);
      by_base = b.CreateSelect(b.CreateFCmpOEQ(y, real(0)), real(0), by_base);
      Value *by_exponent = b.CreateFMul(unary(Intrinsic::log, x), result);
      return b.CreateFAdd(times(by_base, dx), times(by_exponent, dy));
    }
    if (name == "atan2") {
      // The first is the ordinate.
      Value *size = b.CreateFAdd(square(x), square(y));
      return b.CreateFSub(times(b.CreateFDiv(y, size), dx), times(b.CreateFDiv(x, size), dy));
    }
    if (name == "hypot")
      return b.CreateFAdd(times(b.CreateFDiv(x, result), dx), times(b.CreateFDiv(y, result), dy));
    if (name == "copysign") {
      Value *before = b.CreateBinaryIntrinsic(Intrinsic::copysign, one, x);
      Value *after = b.CreateBinaryIntrinsic(Intrinsic::copysign, one, y);
      return b.CreateFMul(b.CreateFMul(before, after), dx);
    }
    if (name == "fmod") {
      Value *times_y = unary(Intrinsic::trunc, b.CreateFDiv(x, y));
      return b.CreateFSub(dx, times(times_y, dy));
    }
    if (name == "fdim")
      return b.CreateSelect(b.CreateFCmpOGT(x, y), b.CreateFSub(dx, dy), real(0));
    if (name.starts_with("fmin") || name.starts_with("fmax") || name.starts_with("minimum") ||
        name.starts_with("maximum") || name.starts_with("minnum") || name.starts_with("maxnum")) {
      Value *is_first = b.CreateOr(b.CreateFCmpOEQ(result, x), b.CreateFCmpUNO(y, y));
      return b.CreateSelect(is_first, dx, dy);
    }
    return nullptr;
  }
  if (at.size() == 3 && (name == "fma" || name == "fmuladd"))
    return b.CreateFAdd(b.CreateFAdd(times(at[1], tangents[0]), times(x, tangents[1])),
                        tangents[2]);
  return nullptr;
}

} // namespace irad
