#!/usr/bin/env bash
# Measures irad against LLVM's own tools, as ratios between commands of one run. Nothing here
# fails on a slow machine; read the table.
#
#   scripts/bench.sh [diff]
#
# The peer is `opt` 22 with Enzyme's plugin, which is linked from the very objects that the engine
# is linked from, so that both run the same code.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
work=target/bench
mkdir -p "$work"

llvm=$(llvm-config-22 --prefix)
opt=$llvm/bin/opt
irad=target/release/irad

plugin=$work/LLVMEnzyme-22.so
archive=$(ls -t target/release/build/enzyme-sys-*/out/enzyme/Enzyme/libEnzymeStatic-22.a | head -n 1)
if [ ! -e "$plugin" ] || [ "$archive" -nt "$plugin" ]; then
    "$llvm/bin/clang++" -shared -o "$plugin" \
        -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -L"$llvm/lib" -lLLVM-22
fi

# Mean time of each command in milliseconds, in their order. Runs are interleaved by hyperfine's
# own order; the shell's start is left out.
means() {
    hyperfine --shell=none --warmup 5 --min-runs 40 --style none --export-csv "$work/times.csv" "$@" >/dev/null 2>&1
    awk -F, 'NR > 1 { printf "%.2f\n", $(NF - 6) * 1000 }' "$work/times.csv"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

bench_diff() {
    # The same function, asked for in the way that `opt` understands.
    local ir=$work/model_autodiff.ll
    local symbol
    symbol=$(sed -n 's/^define .*@\(_ZN5model4loss[^(]*\)(.*/\1/p' fixtures/model.ll)
    sed 's/^; ModuleID.*//' fixtures/model.ll > "$ir"
    cat >> "$ir" <<END
@enzyme_dup = external global ptr
@enzyme_const = external global ptr
@enzyme_out = external global ptr
declare { double } @__enzyme_autodiff(...)
define { double } @gradient(ptr %w, ptr %dw, i64 %n, ptr %x, ptr %dx, i64 %m, double %y) {
  %g = call { double } (...) @__enzyme_autodiff(ptr @$symbol, ptr @enzyme_dup, ptr %w, ptr %dw, ptr @enzyme_const, i64 %n, ptr @enzyme_dup, ptr %x, ptr %dx, ptr @enzyme_const, i64 %m, ptr @enzyme_out, double %y)
  ret { double } %g
}
END
    # As text the pipeline is the same for both; irad's own `o2` leaves passes out.
    local peer="$opt -load-pass-plugin=$plugin -passes=default<O2>,enzyme,default<O2> -disable-output $ir"
    local command="$irad diff fixtures/model.ll --fn loss --mode reverse"
    local same="--prepare default<O2> --cleanup default<O2>"
    $peer
    mapfile -t times < <(means "$peer" "$command $same --color never" "$command $same --color always" \
        "$command --color never" \
        "$irad show fixtures/model.ll --fn loss" "$irad --version")
    local memory
    memory=$( { /usr/bin/env time -f %M $command --color always >/dev/null; } 2>&1 || true)
    printf '%-58s %9s %7s\n' "irad diff fixtures/model.ll --fn loss --mode reverse" "ms" "ratio"
    printf '%-58s %9s %7s\n' "  opt 22 with Enzyme's plugin, the same pipeline, no output" "${times[0]}" 1.00
    printf '%-58s %9s %7s\n' "  irad diff, plain" "${times[1]}" "$(ratio "${times[1]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad diff, coloured" "${times[2]}" "$(ratio "${times[2]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad diff, plain, irad's own o2" "${times[3]}" "$(ratio "${times[3]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad show" "${times[4]}" "$(ratio "${times[4]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad --version" "${times[5]}" "$(ratio "${times[5]}" "${times[0]}")"
    echo "$memory" | awk '/^[0-9]+$/ { printf "  peak memory of irad diff, engine included: %.0f MB\n", $1 / 1000 }'
}

what=${1:-diff}
case $what in
diff) bench_diff ;;
*) echo "bench: there is no benchmark $what (diff)" >&2; exit 2 ;;
esac
