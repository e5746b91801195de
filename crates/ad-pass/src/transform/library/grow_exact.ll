; Makes room for just so many elements more.
define { i64, i64 } @BODY(ptr %memory, i64 %length, i64 %additional, i64 %align, i64 %size) nounwind {
start:
  %required = add nuw i64 %length, %additional
  call void @irad.vec.grow(ptr %memory, i64 %required, i64 %align, i64 %size)
  ret { i64, i64 } { i64 SUCCESS, i64 0 }
}

