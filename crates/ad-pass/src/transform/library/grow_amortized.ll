; Makes room for more elements than there are: at least twice as much as there was, and never next to nothing.
define { i64, i64 } @BODY(ptr %memory, i64 %length, i64 %additional, i64 %align, i64 %size) nounwind {
start:
  %required = add nuw i64 %length, %additional
  %capacity = load i64, ptr %memory, align 8
  %twice = mul nuw i64 %capacity, 2
  %enough = call i64 @llvm.umax.i64(i64 %twice, i64 %required)
  %is_byte = icmp eq i64 %size, 1
  %is_small = icmp ule i64 %size, 1024
  %few = select i1 %is_small, i64 4, i64 1
  %least = select i1 %is_byte, i64 8, i64 %few
  %new = call i64 @llvm.umax.i64(i64 %enough, i64 %least)
  call void @irad.vec.grow(ptr %memory, i64 %new, i64 %align, i64 %size)
  ret { i64, i64 } { i64 SUCCESS, i64 0 }
}

