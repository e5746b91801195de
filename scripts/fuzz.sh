#!/usr/bin/env bash
# Fuzzes every reader for a while, from the fixtures.
#
#   scripts/fuzz.sh [SECONDS [TARGET]…]     60 seconds, every target
#
# The address sanitizer looks on. What is found lies in fuzz/artifacts; `target/fuzz/…/release/TARGET FILE` shows
# it again.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
all=(source bitcode index name wire trace diff)
targets=("${all[@]}")
[ $# -lt 2 ] || targets=("${@:2}")
export CARGO_TARGET_DIR=$PWD/target/fuzz

# The flags of libFuzzer and of the address sanitizer are for nightly compilers only. A stable one has both and
# takes the flags where it is told to. Every toolchain of rustup's brings the sanitizer's library.
host=$(rustc -vV | sed -n 's/^host: //p')
flags=(
    --cfg fuzzing -Zsanitizer=address
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Ccodegen-units=1
)
if [ ! -e "$(rustc --print target-libdir)"/librustc-*_rt.asan.a ]; then
    cat >&2 <<END
fuzz: this toolchain has no address sanitizer ($(rustc --print target-libdir)). Those that rustup installs for
x86_64 and aarch64 Linux have it.
END
    exit 1
fi
if ! command -v "${CXX:-c++}" >/dev/null; then
    echo "fuzz: libFuzzer is C++ and needs a compiler: \$CXX, or c++" >&2
    exit 1
fi

corpus=fuzz/corpus
for target in "${all[@]}"; do
    mkdir -p "$corpus/$target"
done
small() { find fixtures -type f -size -"${1}"k \( -name '*.ll' -o -name '*.txt' -o -name '*.bc' \); }
named() { sed -n 's/^define .*@"\{0,1\}\([^"(]*\).*/\1/p' "$1" | head -n 1; }

for target in "${targets[@]}"; do
    case $target in
    source | index) small 64 | while read -r file; do
        cp "$file" "$corpus/$target/seed-$(echo "$file" | tr / -)"
    done ;;
    # What LLVM writes of the text, and what is bitcode already.
    bitcode)
        cargo build --quiet --locked --target-dir target
        small 32 | while read -r file; do
            seed=$corpus/bitcode/seed-$(basename "${file%.*}").bc
            case $file in
            *.bc) cp "$file" "$seed" ;;
            *.ll) target/debug/irad opt "$file" --passes verify -o "$seed" </dev/null >/dev/null 2>&1 || rm -f "$seed" ;;
            esac
        done ;;
    # The name in the first line, then the module.
    name) small 32 | grep '\.ll$' | while read -r file; do
        { named "$file"; cat "$file"; } >"$corpus/name/seed-$(echo "$file" | tr / -)"
    done ;;
    # Two texts with a NUL between them: every function against the next.
    diff) small 16 | grep '\.ll$' | while read -r file; do
        awk -v out="$corpus/diff/seed-$(echo "$file" | tr / -)" '
            /^define / { held = before; text = ""; inside = 1 }
            inside { text = text $0 "\n" }
            /^}/ && inside {
                inside = 0
                if (before != "") { printf "%s%c%s", before, 0, text > (out "-" ++n) }
                before = text
            }' "$file"
    done ;;
    wire | trace)
        cargo build --quiet --locked --target-dir target
        seeds=$(mktemp -d)
        trap 'rm -rf "$seeds"' EXIT
        # An engine that writes down what it hears and says.
        cat >"$seeds/engine" <<END
#!/bin/sh
IRAD_ENGINE_PARENT=\$\$
export IRAD_ENGINE_PARENT
tee "$seeds/heard" | "$PWD/target/debug/irad-engine-22" | tee "$seeds/said"
END
        chmod +x "$seeds/engine"
        for name in scalar branch helpers params recursion refused/external; do
            function=$(named "fixtures/$name.ll")
            IRAD_ENGINE=$seeds/engine target/debug/irad passes "fixtures/$name.ll" \
                --fn "$function" --mode reverse --prepare instcombine --cleanup dce \
                --save "$seeds/trace" >/dev/null 2>&1 || true
            for part in heard said; do
                [ ! -e "$seeds/$part" ] || cp "$seeds/$part" "$corpus/wire/seed-$part-${name##*/}"
            done
            [ ! -e "$seeds/trace" ] || cp "$seeds/trace" "$corpus/trace/seed-${name##*/}"
        done ;;
    esac
done

RUSTC_BOOTSTRAP=1 RUSTFLAGS="${flags[*]}" cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$host" \
    $(printf -- '--bin %s ' "${targets[@]}")

# A leak is no error of a reader's; what is read or written out of bounds is.
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}
failed=()
for target in "${targets[@]}"; do
    echo "fuzz: $target, $seconds seconds"
    mkdir -p "fuzz/artifacts/$target"
    "$CARGO_TARGET_DIR/$host/release/$target" "$corpus/$target" \
        -artifact_prefix="fuzz/artifacts/$target/" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "fuzz: findings in fuzz/artifacts: ${failed[*]}" >&2
    exit 1
fi
