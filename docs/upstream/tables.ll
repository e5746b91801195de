; irad check docs/upstream/tables.ll --fn f --mode forward --faithful --prepare none --range i=0..3
; x, or a number out of a table where x is negative, squared.
@table = internal constant [32 x i8] c"\00\00\00\00\00\00\F0?\00\00\00\00\00\00\00@\00\00\00\00\00\00\F0\BF\00\00\00\00\00\00\E0?", align 8

define double @f(double %x, i64 %i) {
entry:
  %is.positive = fcmp ogt double %x, 0.0
  br i1 %is.positive, label %done, label %other

other:
  %at = getelementptr inbounds double, ptr @table, i64 %i
  %number = load double, ptr %at, align 8
  br label %done

done:
  %y = phi double [ %x, %entry ], [ %number, %other ]
  %square = fmul double %y, %y
  ret double %square
}
