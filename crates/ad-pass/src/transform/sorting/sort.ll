; Sorting in two steps: in which order elements are, which is about integers, and each element moved there once.

declare noalias noundef ptr @ALLOC(i64 noundef, i64 allocalign noundef) nounwind allockind("alloc,uninitialized,aligned") allocsize(0) ATTRIBUTE
declare void @DEALLOC(ptr allocptr noundef, i64 noundef, i64 noundef) nounwind allockind("free") ATTRIBUTE
declare i64 @llvm.umin.i64(i64, i64)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.trap()
declare i1 @LESS(PARAMETERS)

; The numbers of the elements in their order; what is equal stays as it is. Runs are merged into `other`, each twice as long
; as those before.
define void @ORDER(ptr %v, i64 %length, ptr %less, ptr %order, ptr %other) noinline nounwind {
start:
  br label %number

number:
  %n = phi i64 [ 0, %start ], [ %n_next, %number ]
  %at_n = getelementptr inbounds i64, ptr %order, i64 %n
  store i64 %n, ptr %at_n, align 8
  %n_next = add nuw i64 %n, 1
  %numbers = icmp ult i64 %n_next, %length
  br i1 %numbers, label %number, label %double

double:
  %width = phi i64 [ 1, %number ], [ %wider, %merged ]
  %is_done = icmp uge i64 %width, %length
  br i1 %is_done, label %done, label %run

run:
  %from = phi i64 [ 0, %double ], [ %to, %run_end ]
  %middle_at_most = add nuw i64 %from, %width
  %middle = call i64 @llvm.umin.i64(i64 %middle_at_most, i64 %length)
  %to_at_most = add nuw i64 %middle, %width
  %to = call i64 @llvm.umin.i64(i64 %to_at_most, i64 %length)
  br label %merge

merge:
  %left = phi i64 [ %from, %run ], [ %left_next, %taken ]
  %right = phi i64 [ %middle, %run ], [ %right_next, %taken ]
  %k = phi i64 [ %from, %run ], [ %k_next, %taken ]
  %is_merged = icmp eq i64 %k, %to
  br i1 %is_merged, label %run_end, label %one

one:
  %has_left = icmp ult i64 %left, %middle
  br i1 %has_left, label %is_right_left, label %take_right

is_right_left:
  %has_right = icmp ult i64 %right, %to
  br i1 %has_right, label %compare, label %take_left

compare:
  %at_first = getelementptr inbounds i64, ptr %order, i64 %right
  %first = load i64, ptr %at_first, align 8
  %at_second = getelementptr inbounds i64, ptr %order, i64 %left
  %second = load i64, ptr %at_second, align 8
  %a = getelementptr inbounds ELEMENT, ptr %v, i64 %first
  %b = getelementptr inbounds ELEMENT, ptr %v, i64 %second
  %is_less = call i1 @LESS(ARGUMENTS)
  br i1 %is_less, label %take_right, label %take_left

take_left:
  %left_after = add nuw i64 %left, 1
  br label %taken

take_right:
  %right_after = add nuw i64 %right, 1
  br label %taken

taken:
  %which = phi i64 [ %left, %take_left ], [ %right, %take_right ]
  %left_next = phi i64 [ %left_after, %take_left ], [ %left, %take_right ]
  %right_next = phi i64 [ %right, %take_left ], [ %right_after, %take_right ]
  %from_which = getelementptr inbounds i64, ptr %order, i64 %which
  %number_taken = load i64, ptr %from_which, align 8
  %at_k = getelementptr inbounds i64, ptr %other, i64 %k
  store i64 %number_taken, ptr %at_k, align 8
  %k_next = add nuw i64 %k, 1
  br label %merge

run_end:
  %has_run = icmp ult i64 %to, %length
  br i1 %has_run, label %run, label %merged

merged:
  %bytes = shl nuw i64 %length, 3
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %order, ptr align 8 %other, i64 %bytes, i1 false)
  %wider = shl nuw i64 %width, 1
  br label %double

done:
  ret void
}

define void @SORT(SIGNATURE) nounwind {
start:
  %is_sorted = icmp ult i64 %length, 2
  br i1 %is_sorted, label %done, label %begin

begin:
  %bytes = shl nuw i64 %length, 3
  %both = shl nuw i64 %length, 4
  %order = call noalias ptr @ALLOC(i64 %both, i64 8)
  %other = getelementptr inbounds i8, ptr %order, i64 %bytes
  %has_no_order = icmp eq ptr %order, null
  br i1 %has_no_order, label %failure, label %ordered

ordered:
  call void @ORDER(ptr %v, i64 %length, ptr %less, ptr %order, ptr %other)
  %end = getelementptr inbounds ELEMENT, ptr null, i64 %length
  %size = ptrtoint ptr %end to i64
  %copy = call noalias ptr @ALLOC(i64 %size, i64 16)
  %has_no_copy = icmp eq ptr %copy, null
  br i1 %has_no_copy, label %failure, label %keep

keep:
  %i = phi i64 [ 0, %ordered ], [ %i_next, %keep ]
  %kept_from = getelementptr inbounds ELEMENT, ptr %v, i64 %i
  %kept_to = getelementptr inbounds ELEMENT, ptr %copy, i64 %i
KEEP
  %i_next = add nuw i64 %i, 1
  %keeps = icmp ult i64 %i_next, %length
  br i1 %keeps, label %keep, label %move

move:
  %j = phi i64 [ 0, %keep ], [ %j_next, %move ]
  %at_number = getelementptr inbounds i64, ptr %order, i64 %j
  %number = load i64, ptr %at_number, align 8
  %moved_from = getelementptr inbounds ELEMENT, ptr %copy, i64 %number
  %moved_to = getelementptr inbounds ELEMENT, ptr %v, i64 %j
MOVE
  %j_next = add nuw i64 %j, 1
  %moves = icmp ult i64 %j_next, %length
  br i1 %moves, label %move, label %moved

moved:
  call void @DEALLOC(ptr %copy, i64 %size, i64 16)
  call void @DEALLOC(ptr %order, i64 %both, i64 8)
  br label %done

done:
  ret void

failure:
  call void @llvm.trap()
  unreachable
}
