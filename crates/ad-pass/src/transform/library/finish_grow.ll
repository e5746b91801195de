; Moves the elements to where there is room for so many, and returns the new memory's address and bytes.
define void @BODY(ptr sret([24 x i8]) align 8 %result, ptr %memory, i64 %capacity, i64 %align, i64 %size) nounwind {
start:
  %new = call ptr @irad.vec.move(ptr %memory, i64 %capacity, i64 %align, i64 %size)
  store i64 0, ptr %result, align 8
  %at_address = getelementptr inbounds i8, ptr %result, i64 8
  store ptr %new, ptr %at_address, align 8
  %bytes = mul nuw i64 %capacity, %size
  %at_bytes = getelementptr inbounds i8, ptr %result, i64 16
  store i64 %bytes, ptr %at_bytes, align 8
  ret void
}

