#!/usr/bin/env bash
# Measures irad against LLVM's own tools, as ratios between commands of one run. Nothing here
# fails on a slow machine; read the table.
#
#   scripts/bench.sh [diff|passes|slice|profile|explore|gpt]
#
# The peer is `opt` 22 with Enzyme's plugin (`plugin.sh`), so that both run the same code.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
work=target/bench
mkdir -p "$work"

llvm=$(llvm-config-22 --prefix)
opt=$llvm/bin/opt
irad=target/release/irad

plugin=$(scripts/plugin.sh)

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
    mapfile -t times < <(means "$peer" "$command $same --no-check --color never" "$command $same --no-check --color always" \
        "$command --no-check --color never" \
        "$irad show fixtures/model.ll --fn loss" "$irad --version" \
        "$command $same --color never" "$command --color never")
    local memory
    memory=$( { /usr/bin/env time -f %M $command --color always >/dev/null; } 2>&1 || true)
    printf '%-58s %9s %7s\n' "irad diff fixtures/model.ll --fn loss --mode reverse" "ms" "ratio"
    printf '%-58s %9s %7s\n' "  opt 22 with Enzyme's plugin, the same pipeline, no output" "${times[0]}" 1.00
    printf '%-58s %9s %7s\n' "  irad diff, plain" "${times[1]}" "$(ratio "${times[1]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad diff, coloured" "${times[2]}" "$(ratio "${times[2]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad diff, plain, irad's own o2" "${times[3]}" "$(ratio "${times[3]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad diff with its verdict, at most 1.00" "${times[6]}" "$(ratio "${times[6]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  the same over --no-check, at most 1.40" "" "$(ratio "${times[6]}" "${times[1]}")"
    printf '%-58s %9s %7s\n' "  irad's own o2 with its verdict, over --no-check" "${times[7]}" "$(ratio "${times[7]}" "${times[3]}")"
    printf '%-58s %9s %7s\n' "  irad show" "${times[4]}" "$(ratio "${times[4]}" "${times[0]}")"
    printf '%-58s %9s %7s\n' "  irad --version" "${times[5]}" "$(ratio "${times[5]}" "${times[0]}")"
    echo "$memory" | awk '/^[0-9]+$/ { printf "  peak memory of irad diff, engine included: %.0f MB\n", $1 / 1000 }'
}

# Seconds that one run of a command takes; for what takes too long to run often.
once() {
    local start end
    start=$(date +%s.%N)
    "$@" >/dev/null 2>&1
    end=$(date +%s.%N)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.2f", (b - a) * 1000 }'
}

row() { printf '%-66s %10s %7s\n' "$1" "$2" "$3"; }

bench_passes_of() {
    local file=$1 function=$2 level=$3 runs=$4 symbol bare ours peer
    symbol=$($irad show "$file" --fn "$function" --json | sed -n 's/^  "symbol": "\(.*\)",$/\1/p')
    mapfile -t times < <(hyperfine --shell=none --warmup 1 --runs "$runs" --style none \
        --export-csv "$work/times.csv" \
        "$opt -passes=default<$level> -disable-output $file" \
        "$irad passes $file --fn $symbol --passes default<$level> --no-slice" \
        "$irad passes $file --fn $symbol --passes default<$level> --slice" >/dev/null 2>&1
        awk -F, 'NR > 1 { printf "%.2f\n", $(NF - 6) * 1000 }' "$work/times.csv")
    bare=${times[0]}
    ours=${times[1]}
    peer=$(once "$opt" "-passes=default<$level>" -print-changed=diff "-filter-print-funcs=$symbol" \
        -disable-output "$file")
    echo "$function, $level"
    row "  opt, the bare pipeline" "$bare" 1.00
    row "  irad passes --fn, of the whole module" "$ours" "$(ratio "$ours" "$bare")"
    row "  irad passes --fn, of the function's slice" "${times[2]}" "$(ratio "${times[2]}" "$bare")"
    row "  opt -print-changed=diff -filter-print-funcs" "$peer" "$(ratio "$peer" "$bare")"
    echo "  irad is $(ratio "$peer" "$ours") times as fast as -print-changed"
}

bench_passes() {
    rustc --edition 2024 --crate-type lib --emit=llvm-ir -C opt-level=3 -C no-prepopulate-passes \
        -C codegen-units=1 -C panic=abort scripts/bench/transformer.rs -o "$work/transformer.ll"
    row "tracing one function" ms ratio
    local level
    for level in O2 O3; do
        bench_passes_of fixtures/model.ll model::loss $level 30
        # Small modules of which one function is a large part, after inlining.
        bench_passes_of fixtures/alloc_nested.ll alloc_nested::determinant $level 20
        bench_passes_of "$work/transformer.ll" transformer::loss $level 20
    done
    # A real crate with debug info, built with the flags that the README recommends.
    CARGO_TARGET_DIR=$work/crate cargo rustc --quiet --release --locked -p rustc-demangle --lib -- \
        --emit=llvm-ir -C debuginfo=2 -C codegen-units=1 -C no-prepopulate-passes -C panic=abort
    local module
    module=$(ls -t "$work"/crate/release/deps/rustc_demangle-*.ll | head -n 1)
    echo
    echo "rustc-demangle with debug info: $(wc -c < "$module") bytes, $($irad list "$module" --all --json | grep -c '"symbol"') functions"
    bench_passes_of "$module" rustc_demangle::v0::demangle O2 5
    bench_passes_of "$module" rustc_demangle::v0::Printer::print_path O2 5
    # The largest function of the module.
    bench_passes_of "$module" '<rustc_demangle::legacy::Demangle as core::fmt::Display>::fmt' O2 5
    bench_passes_of "$module" rustc_demangle::v0::Printer::print_path O3 5
    echo
    row "tracing every function of it" ms ratio
    mapfile -t times < <(hyperfine --shell=none --warmup 1 --runs 5 --style none \
        --export-csv "$work/times.csv" \
        "$opt -passes=default<O2> -disable-output $module" \
        "$irad passes $module --fn * --passes default<O2>" >/dev/null 2>&1
        awk -F, 'NR > 1 { printf "%.2f\n", $(NF - 6) * 1000 }' "$work/times.csv")
    row "  opt, the bare pipeline, O2" "${times[0]}" 1.00
    row "  irad passes --fn '*'" "${times[1]}" "$(ratio "${times[1]}" "${times[0]}")"
    local memory
    memory=$( { /usr/bin/env time -f %M "$irad" passes "$module" --fn '*' --passes 'default<O2>' >/dev/null; } 2>&1)
    echo "$memory" | awk '/^[0-9]+$/ { printf "  peak memory of the larger of its two processes: %.0f MB\n", $1 / 1000 }'
    echo
    bench_passes_large
}

# A function of 4000 instructions, which takes longer to print than most passes take.
bench_passes_large() {
    big_module
    local slice=$work/decompose.ll
    $irad show "$work/big-40.ll" --fn decompose --slice -o "$slice" 2>/dev/null
    mapfile -t times < <(best 6 "$opt -passes=default<O2> -disable-output $slice" \
        "$irad passes $slice --fn decompose --passes default<O2> --no-slice")
    row "tracing a large function (best of some runs)" ms "held"
    row "  opt, the bare pipeline, O2" "${times[0]}" ""
    row "  irad passes --fn, at most 1.6 times that: $(ratio "${times[1]}" "${times[0]}")" "${times[1]}" \
        "$(limit "${times[1]}" "${times[0]}" 1.6)"
}

# The shortest of several runs of each command, in milliseconds. The commands take turns, three times, so
# that what else the machine does meanwhile hits all of them alike.
best() {
    local turn
    for turn in 1 2 3; do
        hyperfine --shell=none --warmup 1 --runs $((($1 + 2) / 3)) --style none \
            --export-csv "$work/times.csv" "${@:2}" >/dev/null 2>&1
        awk -F, 'NR > 1 { printf "%d %.2f\n", NR, $(NF - 1) * 1000 }' "$work/times.csv"
    done | sort -k1,1n -k2,2n | awk '$1 != last { print $2; last = $1 }'
}

peak() { { /usr/bin/env time -f %M "$@" >/dev/null; } 2>&1 | tail -n 1; }

limit() { awk -v a="$1" -v b="$2" -v most="$3" 'BEGIN { printf "%s", a <= b * most ? "yes" : "NO" }'; }

# A module with everything of a module in it twice: copies of its entities under other names.
double() {
    local copy=$work/copy.ll
    # Only what is defined is renamed, so that intrinsics and the system's functions stay what they are.
    awk '
        function name(line) {
            return match(line, /@("[^"]*"|[-A-Za-z$._0-9]+)/) ? substr(line, RSTART + 1, RLENGTH - 1) : ""
        }
        NR == FNR {
            if (/^define / || (/^@/ && !/^@llvm\./ && !/ external /)) defined[name($0)] = 1
            next
        }
        {
            out = ""
            rest = $0
            while (match(rest, /@("[^"]*"|[-A-Za-z$._0-9]+)/)) {
                found = substr(rest, RSTART + 1, RLENGTH - 1)
                written = found
                if (found in defined) {
                    if (found ~ /"$/) written = substr(found, 1, length(found) - 1) tag "\""
                    else written = found tag
                }
                out = out substr(rest, 1, RSTART) written
                rest = substr(rest, RSTART + RLENGTH)
            }
            print out rest
        }' tag=".$3" "$1" "$1" > "$copy"
    "$llvm/bin/llvm-link" -S "$1" "$copy" -o "$2"
    rm "$copy"
}

# A module of about 40 MB.
big_module() {
    [ ! -e "$work/big-40.ll" ] || return 0
    CARGO_TARGET_DIR=$work/big cargo rustc --quiet --release --locked \
        --manifest-path scripts/big/Cargo.toml -- --emit=llvm-ir
    # As LLVM 22 prints it, so that all of them are printed alike.
    "$llvm/bin/llvm-as" "$(ls -t "$work"/big/release/deps/big*.ll | head -n 1)" -o "$work/big-40.bc"
    "$llvm/bin/llvm-dis" "$work/big-40.bc" -o "$work/big-40.ll"
}

# Modules of about 40, 80 and 160 MB.
big_modules() {
    big_module
    [ -e "$work/big-80.ll" ] || double "$work/big-40.ll" "$work/big-80.ll" second
    [ -e "$work/big-160.ll" ] || double "$work/big-80.ll" "$work/big-160.ll" third
    for size in 80 160; do
        [ -e "$work/big-$size.bc" ] || "$llvm/bin/llvm-as" "$work/big-$size.ll" -o "$work/big-$size.bc"
    done
}

bench_slice() {
    big_modules
    local size file newlines slice extract diff diff_saved parse list saved memory
    for size in 40 80 160; do
        file=$work/big-$size.ll
        saved=$work/slice.ll
        $irad show "$file" --fn loss --slice -o "$saved" 2>/dev/null
        echo "one function out of $(wc -c < "$file" | awk '{ printf "%.0f", $1 / 1e6 }') MB, $(wc -l < "$file") lines, $(grep -c '^define' "$file") functions (best of some runs)"
        mapfile -t times < <(best 15 "wc -l $file" "$irad show $file --fn loss --slice" \
            "$irad diff $file --fn loss --mode reverse" "$irad diff $saved --fn loss --mode reverse")
        newlines=${times[0]} slice=${times[1]} diff=${times[2]} diff_saved=${times[3]}
        mapfile -t times < <(best 3 "$llvm/bin/llvm-extract -S --func loss --recursive -o /dev/null $file" \
            "$opt -disable-output $file" "$irad list $file")
        extract=${times[0]} parse=${times[1]} list=${times[2]}
        row "" ms "held"
        row "  the limit: counting the newlines (wc -l), $(awk -v t="$newlines" -v s="$(wc -c < "$file")" 'BEGIN { printf "%.1f GB/s", s / t / 1e6 }')" "$newlines" ""
        row "  irad show --slice, at most 4 times that: $(ratio "$slice" "$newlines")" "$slice" "$(limit "$slice" "$newlines" 4)"
        row "  llvm-extract --recursive, at least 20 times irad: $(ratio "$extract" "$slice")" "$extract" "$(limit "$slice" "$extract" 0.05)"
        row "  irad diff of the saved slice" "$diff_saved" ""
        row "  irad diff, at most 1.5 times that and the scan: $(awk -v a="$diff" -v b="$diff_saved" -v c="$slice" 'BEGIN { printf "%.2f", (a - c) / b }')" \
            "$diff" "$(awk -v a="$diff" -v b="$diff_saved" -v c="$slice" 'BEGIN { printf "%s", a <= 1.5 * b + c ? "yes" : "NO" }')"
        row "  LLVM's parser (opt -disable-output)" "$parse" ""
        row "  irad list, at most a quarter of that: $(ratio "$list" "$parse")" "$list" "$(limit "$list" "$parse" 0.25)"
        memory=$(peak "$irad" show "$file" --fn loss --slice)
        awk -v peak="$memory" -v file="$(wc -c < "$file")" \
            'BEGIN { mine = peak / 1000 - file / 1e6; printf "  peak memory beyond the mapped file: %.0f MB, at most 150: %s\n", mine, mine <= 150 ? "yes" : "NO" }'
        mapfile -t times < <(best 15 "$llvm/bin/llvm-extract --func loss --recursive -o /dev/null $work/big-$size.bc" \
            "$irad show $work/big-$size.bc --fn loss --slice")
        row "  llvm-extract --recursive of the bitcode" "${times[0]}" ""
        row "  irad show --slice of the bitcode, at most that: $(ratio "${times[1]}" "${times[0]}")" "${times[1]}" "$(limit "${times[1]}" "${times[0]}" 1)"
        echo
    done
    bench_same "$work/big-40.ll" 311
}

# How many of some functions come out alike from slice and whole: every so manieth of a module. The whole
# takes long, for LLVM optimises all of it.
bench_same() {
    local file=$1 every=$2 symbol at=0 same=0 count=0 slice whole
    for symbol in $("$irad" list "$file" --json | sed -n 's/^ *"symbol": "\([A-Za-z0-9_.$]*\)",*$/\1/p'); do
        at=$((at + 1))
        [ $((at % every)) = 0 ] || continue
        count=$((count + 1))
        slice=$("$irad" diff "$file" --fn "$symbol" --mode reverse --slice --timeout 900 --color never 2>/dev/null || true)
        whole=$("$irad" diff "$file" --fn "$symbol" --mode reverse --no-slice --timeout 900 --color never 2>/dev/null || true)
        if [ "$slice" = "$whole" ]; then same=$((same + 1)); else echo "  differs: $symbol"; fi
    done
    echo "irad diff from slice and whole: $same of $count sampled functions give the same"
}

# One step of the language model in examples/gpt by irad's derivative, against the loss and the backward
# pass by hand, which rustc compiles from the same files for the same level. Every line is one run in which
# all four are interleaved; the flags are those of `irad emit`, and the last one gives both sides the
# machine's own instructions.
bench_gpt() {
    local program=examples/gpt/target/release/gpt size
    gpt_with() {
        examples/gpt/derive.sh "$PWD/$work/gpt" "$@" >/dev/null 2>"$work/gpt.log" || {
            cat "$work/gpt.log" >&2
            return 1
        }
        GPT_DERIVED=$PWD/$work/gpt cargo build --quiet --release --locked --manifest-path examples/gpt/Cargo.toml
        "$program" check >/dev/null || { echo "bench: the gradients differ with $*" >&2; return 1; }
        "$program" bench --rounds 40
    }
    local promises=(--noalias '*' --unchanged '*')
    local levers=("${promises[@]}" --keep '*')
    gpt_with "${levers[@]}"
    for size in tiny medium; do
        echo
        "$program" bench --rounds 10 --size $size
    done
    echo
    printf '%-44s %12s %12s %12s\n' "by irad / by hand, with" translated idiomatic "idiomatic/C"
    gpt_row() {
        local name=$1
        shift
        { gpt_with "$@" 2>/dev/null || true; } | awk -v name="$name" '
            BEGIN { translated = idiomatic = to_c = "refused" }
            /^translated, by irad/ { translated = $(NF - 1) }
            /^idiomatic, by irad/ { idiomatic = $(NF - 1); to_c = $NF }
            END { printf "%-44s %12s %12s %12s\n", name, translated, idiomatic, to_c }'
    }
    gpt_row "no flags" --cleanup o3
    gpt_row "--noalias '*'" --noalias '*'
    gpt_row "--unchanged '*'" --unchanged '*'
    gpt_row "--keep '*'" --keep '*'
    gpt_row "both promises" "${promises[@]}"
    gpt_row "all three" "${levers[@]}"
    gpt_row "all, --cleanup o2 (no vectors)" "${levers[@]}" --cleanup o2
    gpt_row "all, --enzyme fast-math=false" "${levers[@]}" --enzyme fast-math=false
    RUSTFLAGS="-C target-cpu=native" gpt_row "all, native on both sides" "${levers[@]}" --target-cpu native
    # What the next `make gpt` runs.
    cargo build --quiet --release --locked --manifest-path examples/gpt/Cargo.toml 2>/dev/null || true
}

# A profile, which is to cost at most three times a plain check.
bench_profile() {
    local command="fixtures/softmax.ll --fn cross_entropy --mode reverse"
    mapfile -t times < <(means "$irad check $command --no-cross" "$irad profile $command --no-check --no-times" \
        "$irad profile $command --no-check")
    echo "irad profile $command"
    row "  irad check, without the other mode" "${times[0]}" 1.00
    row "  irad profile, counts, at most 3.00" "${times[1]}" "$(ratio "${times[1]}" "${times[0]}")"
    row "  irad profile, counts and times" "${times[2]}" "$(ratio "${times[2]}" "${times[0]}")"
}

# The explorer in a terminal: until the first frame of a saved run, which is to take less than 100 ms, and from a key
# to the last byte, which is to take less than 16 ms, in 300 MB.
# And what it costs to tell roles at every step.
bench_explore() {
    cargo run --quiet --release --locked -p explore --example latency -- "$irad"
    echo
    row "tracing a derivative (best of some runs)" ms "held"
    bench_roles fixtures/model.ll loss
    bench_roles fixtures/model.ll loss --split
    bench_roles fixtures/gpt_attention.ll gpt_attention::backward
}
bench_roles() {
    local plain="$irad passes $1 --fn $2 --mode reverse --no-check ${3:-}"
    mapfile -t times < <(best 20 "$plain" "$plain --colour-by roles")
    row "  $2${3:+ $3}, its steps" "${times[0]}" ""
    row "  with roles at each, at most 1.15 times that: $(ratio "${times[1]}" "${times[0]}")" "${times[1]}" \
        "$(limit "${times[1]}" "${times[0]}" 1.15)"
}

case ${1:-all} in
all) bench_diff; echo; bench_passes; echo; bench_slice; echo; bench_profile; echo; bench_explore; echo; bench_gpt ;;
explore) bench_explore ;;
profile) bench_profile ;;
gpt) bench_gpt ;;
diff) bench_diff ;;
passes) bench_passes ;;
slice) bench_slice ;;
*) echo "bench: there is no benchmark $1 (diff, passes, slice, profile, explore, gpt)" >&2; exit 2 ;;
esac
