; irad check docs/upstream/slots.ll --fn f --mode reverse --faithful --prepare none --sig (x:&mut[f64;4],y:f64)->f64
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

define double @f(ptr noalias noundef align 8 dereferenceable(32) %x, double noundef %y) {
start:
  %slot = alloca [16 x i8], align 8
  %second = getelementptr inbounds i8, ptr %slot, i64 8
  br label %body

body:
  %i = phi i64 [ 1, %start ], [ %next, %body ]
  call void @llvm.lifetime.start.p0(ptr %slot)
  store double %y, ptr %slot, align 8
  %from = getelementptr inbounds double, ptr %x, i64 %i
  %element = load double, ptr %from, align 8
  store double %element, ptr %second, align 8
  %product = call double @product(ptr %slot)
  call void @llvm.lifetime.end.p0(ptr %slot)
  %to = getelementptr inbounds i8, ptr %from, i64 -8
  store double %product, ptr %to, align 8
  %next = add nuw nsw i64 %i, 1
  %done = icmp eq i64 %next, 4
  br i1 %done, label %exit, label %body

exit:
  %first = load double, ptr %x, align 8
  %after = getelementptr inbounds i8, ptr %x, i64 16
  %third = load double, ptr %after, align 8
  %result = fmul double %first, %third
  ret double %result
}

define internal double @product(ptr noundef readonly align 8 %pair) noinline nounwind {
start:
  %second = getelementptr inbounds i8, ptr %pair, i64 8
  %b = load double, ptr %second, align 8
  %a = load double, ptr %pair, align 8
  %result = fmul double %a, %b
  ret double %result
}

declare void @llvm.lifetime.start.p0(ptr)
declare void @llvm.lifetime.end.p0(ptr)
