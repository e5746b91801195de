; Gives memory for so many elements, or an address that nothing is read from where there are none. A failure ends here,
; and not in the caller: nothing is returned but the memory.
define void @BODY(ptr sret([24 x i8]) align 8 %result, i64 %capacity, i1 %is_zeroed, i64 %align, i64 %size) nounwind {
start:
  %product = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %capacity, i64 %size)
  %bytes = extractvalue { i64, i1 } %product, 0
  %is_too_large = extractvalue { i64, i1 } %product, 1
  br i1 %is_too_large, label %failure, label %sized

sized:
  %is_empty = icmp eq i64 %bytes, 0
  br i1 %is_empty, label %empty, label %some

empty:
  %dangling = inttoptr i64 %align to ptr
  br label %done

some:
  br i1 %is_zeroed, label %zeroed, label %plain

zeroed:
  %zeros = call noalias ptr @ALLOC_ZEROED(i64 %bytes, i64 %align)
  br label %allocated

plain:
  %raw = call noalias ptr @ALLOC(i64 %bytes, i64 %align)
  br label %allocated

allocated:
  %new = phi ptr [ %zeros, %zeroed ], [ %raw, %plain ]
  %is_none = icmp eq ptr %new, null
  br i1 %is_none, label %failure, label %done

done:
  %memory = phi ptr [ %dangling, %empty ], [ %new, %allocated ]
  %held = phi i64 [ 0, %empty ], [ %capacity, %allocated ]
  store i64 0, ptr %result, align 8
  %at_capacity = getelementptr inbounds i8, ptr %result, i64 8
  store i64 %held, ptr %at_capacity, align 8
  %at_memory = getelementptr inbounds i8, ptr %result, i64 16
  store ptr %memory, ptr %at_memory, align 8
  ret void

failure:
  call void @FAILURE(i64 %align, i64 %bytes)
  unreachable
}

