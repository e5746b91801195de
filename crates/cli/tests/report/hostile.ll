; Names that would do something if a page took them for its own.
define double @"</script><script>pwned=1</script>"(double %"x\22><img src=x onerror=pwned=1>", double %"\E2\80\AEevil\E2\81\A6") {
"<b onclick=pwned=1>":
  %"--><img src=x onerror=pwned=1>" = fmul double %"x\22><img src=x onerror=pwned=1>", %"\E2\80\AEevil\E2\81\A6"
  %"&lt;script&gt;" = fmul double %"--><img src=x onerror=pwned=1>", %"x\22><img src=x onerror=pwned=1>"
  %"f\1B[31mg\0A" = fadd double %"&lt;script&gt;", 1.0
  ret double %"f\1B[31mg\0A"
}
