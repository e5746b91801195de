; Frees the memory, if there is any.
define void @BODY(ptr %memory, i64 %align, i64 %size) nounwind {
start:
  %capacity = load i64, ptr %memory, align 8
  %bytes = mul nuw i64 %capacity, %size
  %is_empty = icmp eq i64 %bytes, 0
  br i1 %is_empty, label %done, label %free

free:
  %at = getelementptr inbounds i8, ptr %memory, i64 8
  %address = load ptr, ptr %at, align 8
  call void @DEALLOC(ptr %address, i64 %bytes, i64 %align)
  br label %done

done:
  ret void
}

