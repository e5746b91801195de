; What the bodies of the standard library's functions have in common. A `Vec`'s memory is its capacity, in elements,
; and its address, in this order.

declare noalias noundef ptr @ALLOC(i64 noundef, i64 allocalign noundef) nounwind allockind("alloc,uninitialized,aligned") allocsize(0) ATTRIBUTE
declare noalias noundef ptr @ALLOC_ZEROED(i64 noundef, i64 allocalign noundef) nounwind allockind("alloc,zeroed,aligned") allocsize(0) ATTRIBUTE
declare void @DEALLOC(ptr allocptr noundef, i64 noundef, i64 noundef) nounwind allockind("free") ATTRIBUTE
declare void @FAILURE(i64, i64) cold noreturn
declare { i64, i1 } @llvm.umul.with.overflow.i64(i64, i64)
declare i64 @llvm.umax.i64(i64, i64)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.trap()

; Moves the elements to where there is room for as many as asked for, and gives that address.
define ptr @irad.vec.move(ptr %memory, i64 %capacity, i64 %align, i64 %size) nounwind {
start:
  %product = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %capacity, i64 %size)
  %bytes = extractvalue { i64, i1 } %product, 0
  %is_too_large = extractvalue { i64, i1 } %product, 1
  br i1 %is_too_large, label %failure, label %allocate

allocate:
  %new = call noalias ptr @ALLOC(i64 %bytes, i64 %align)
  %is_none = icmp eq ptr %new, null
  br i1 %is_none, label %failure, label %allocated

allocated:
  %old_capacity = load i64, ptr %memory, align 8
  %is_first = icmp eq i64 %old_capacity, 0
  br i1 %is_first, label %done, label %move

move:
  %at = getelementptr inbounds i8, ptr %memory, i64 8
  %old = load ptr, ptr %at, align 8
  %old_bytes = mul nuw i64 %old_capacity, %size
  call void @llvm.memcpy.p0.p0.i64(ptr align 1 %new, ptr align 1 %old, i64 %old_bytes, i1 false)
  call void @DEALLOC(ptr %old, i64 %old_bytes, i64 %align)
  br label %done

done:
  ret ptr %new

failure:
  call void @FAILURE(i64 %align, i64 %bytes)
  unreachable
}

; The same, and remembers it.
define void @irad.vec.grow(ptr %memory, i64 %capacity, i64 %align, i64 %size) nounwind {
start:
  %new = call ptr @irad.vec.move(ptr %memory, i64 %capacity, i64 %align, i64 %size)
  store i64 %capacity, ptr %memory, align 8
  %address = getelementptr inbounds i8, ptr %memory, i64 8
  store ptr %new, ptr %address, align 8
  ret void
}

define void @irad.vec.failure(i64 %align, i64 %bytes) cold noreturn nounwind {
start:
  call void @llvm.trap()
  unreachable
}

