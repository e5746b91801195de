#!/usr/bin/env bash
# Makes the files under fixtures/ from the Rust sources under fixtures/src/.
#
#   scripts/fixtures.sh            make all of them
#   scripts/fixtures.sh NAME...    make only these ("model", "errors/broken") and what is made from them
#   scripts/fixtures.sh --check    make nothing; say which are out of date, and fail if any is
#   scripts/fixtures.sh --list     list them
#
# Making needs rustc (or what RUSTC names) and python3; where opt-22 (or what OPT names) is found,
# every valid module goes through LLVM's verifier. What nightly's own autodiff writes needs a nightly
# rustc with libEnzyme-22.so among its libraries, named by RUSTC_AUTODIFF; what other LLVMs write needs zig 0.16, named
# by ZIG (PyPI has it: ziglang), and irad-engine-23, named by ENGINE_23; without them these few stay
# as they are. `cargo irad toolchain add` makes one, `rustc` in the folder of irad's cache that it names. Checking needs neither: it compares checksums
# with fixtures/manifest.txt. The same rustc gives the same bytes wherever the checkout lies.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# rustc sees relative paths only, and rust-toolchain.toml of the checkout counts.
cd "$root"
manifest=fixtures/manifest.txt

# What irad asks its users for: the IR before rustc's own passes, which unroll and vectorise,
# but with the attributes and the MIR inlining of an optimised build.
common='--edition 2024 --crate-type lib --target x86_64-unknown-linux-gnu'
common+=' -C opt-level=3 -C no-prepopulate-passes -C codegen-units=1 -C panic=abort'
# The same after rustc's own passes. There is no flag that takes the one above back.
optimised=${common/ -C no-prepopulate-passes/}

# What is linked as a whole, which is when nightly runs Enzyme.
linked='--edition 2024 --crate-type cdylib --target x86_64-unknown-linux-gnu'
linked+=' -C opt-level=3 -C panic=abort -C lto=fat'

# The marker operands of an Enzyme call, from addresses of globals to metadata strings.
to_metadata='/^@enzyme_[a-z_]* = external global ptr$/d; s/ptr noundef @\(enzyme_[a-z_]*\)/metadata !"\1"/g'

# One fixture a line: output, recipe, source (several with commas), flags; all below fixtures/. The
# layers of examples/gpt are fixtures as they stand there.
# A source that is itself an output stands before what is made from it.
# rustc names the crate after its source, so mangled::* has the same paths in both manglings.
# Legacy mangling is the default of stable rustc, which has no stable flag to ask for it.
table() {
    cat <<'END'
model.ll|rust|src/model.rs|-C debuginfo=0
scalar.ll|rust|src/scalar.rs|-C debuginfo=0
dot.ll|rust|src/dot.rs|-C debuginfo=0
array.ll|rust|src/array.rs|-C debuginfo=0
single.ll|rust|src/single.rs|-C debuginfo=0
scale.ll|rust|src/scale.rs|-C debuginfo=0
newton.ll|rust|src/newton.rs|-C debuginfo=0
branch.ll|rust|src/branch.rs|-C debuginfo=0
helpers.ll|rust|src/helpers.rs|-C debuginfo=0
clamp.ll|rust|src/clamp.rs|-C debuginfo=0
typed.ll|rust|src/typed.rs|-C debuginfo=2
closure.ll|rust|src/closure.rs|-C debuginfo=0
shapes.ll|rust|src/shapes.rs|-C debuginfo=0
shapes_debuginfo.ll|rust|src/shapes.rs|-C debuginfo=2
iterators.ll|rust|src/iterators.rs|-C debuginfo=0
params.ll|rust|src/params.rs|-C debuginfo=0
softmax.ll|rust|src/softmax.rs|-C debuginfo=0
matmul.ll|rust|src/matmul.rs|-C debuginfo=0
recursion.ll|rust|src/recursion.rs|-C debuginfo=0
debuginfo.ll|rust|src/debuginfo.rs|-C debuginfo=2
neuron.ll|rust|src/neuron.rs|-C debuginfo=2
bitcode.bc|rust|src/bitcode.rs|-C debuginfo=0
mangled_v0.ll|rust|src/mangled.rs|-C debuginfo=0 -C symbol-mangling-version=v0
mangled_legacy.ll|rust|src/mangled.rs|-C debuginfo=0
autodiff_global.ll|autodiff|src/autodiff.rs|-C debuginfo=0 -C symbol-mangling-version=v0
autodiff_metadata.ll|metadata|autodiff_global.ll|
dump.txt|dump|newton.ll,branch.ll|
nightly.ll|nightly|src/nightly.rs|-C debuginfo=0
nightly_dump.txt|nightly_dump|src/nightly.rs|-C debuginfo=0
nightly_wrong.txt|nightly_dump|src/nightly_wrong.rs|-C debuginfo=2
alloc_vec.ll|rust|src/alloc_vec.rs|-C debuginfo=0
alloc_zeroed.ll|rust|src/alloc_zeroed.rs|-C debuginfo=0
alloc_collect.ll|rust|src/alloc_collect.rs|-C debuginfo=0
alloc_box.ll|rust|src/alloc_box.rs|-C debuginfo=0
alloc_push.ll|rust|src/alloc_push.rs|-C debuginfo=0
alloc_nested.ll|rust|src/alloc_nested.rs|-C debuginfo=0
promise.ll|rust|src/promise.rs|-C debuginfo=0
disjoint.ll|rust|src/disjoint.rs|-C debuginfo=2
gpt_encoder.ll|rust|../examples/gpt/src/kernels/encoder.rs|-C debuginfo=0 --crate-name gpt_encoder
gpt_layernorm.ll|rust|../examples/gpt/src/kernels/layernorm.rs|-C debuginfo=0 --crate-name gpt_layernorm
gpt_matmul.ll|rust|../examples/gpt/src/kernels/matmul.rs|-C debuginfo=0 --crate-name gpt_matmul
gpt_attention.ll|rust|../examples/gpt/src/kernels/attention.rs|-C debuginfo=0 --crate-name gpt_attention
gpt_gelu.ll|rust|../examples/gpt/src/kernels/gelu.rs|-C debuginfo=0 --crate-name gpt_gelu
gpt_residual.ll|rust|../examples/gpt/src/kernels/residual.rs|-C debuginfo=0 --crate-name gpt_residual
gpt_cross_entropy.ll|rust|../examples/gpt/src/kernels/cross_entropy.rs|-C debuginfo=0 --crate-name gpt_cross_entropy
refused/copy.ll|rust|src/refused/copy.rs|-C debuginfo=0
refused/passenger.ll|rust|src/refused/passenger.rs|-C debuginfo=0
refused/sort.ll|rust|src/refused/sort.rs|-C debuginfo=0
refused/reasons.ll|rust|src/refused/reasons.rs|-C debuginfo=2
refused/relu.ll|rust|src/refused/relu.rs|-C debuginfo=0
refused/chain.ll|rust|src/refused/chain.rs|-C debuginfo=2
refused/external.ll|rust|src/refused/external.rs|-C debuginfo=0
refused/print.ll|rust|src/refused/print.rs|-C debuginfo=0
refused/libm.ll|rust|src/refused/libm.rs|-C debuginfo=0
refused/indirect.ll|rust|src/refused/indirect.rs|-C debuginfo=0
refused/dyn_call.ll|rust|src/refused/dyn_call.rs|-C debuginfo=0
refused/inline_asm.ll|rust|src/refused/inline_asm.rs|-C debuginfo=0
refused/black_box.ll|rust|src/refused/black_box.rs|-C debuginfo=0
refused/mixed_select.ll|rust|src/refused/mixed_select.rs|-C debuginfo=0
refused/mixed_struct.ll|rust|src/refused/mixed_struct.rs|-C debuginfo=0
refused/option.ll|rust|src/refused/option.rs|-C debuginfo=0
refused/unwinding.ll|rust|src/refused/unwinding.rs|-C debuginfo=0 -C panic=unwind
refused/unoptimised.ll|rust|src/refused/unoptimised.rs|-C debuginfo=0 -C opt-level=0
refused/over_optimised.ll|optimised|src/refused/over_optimised.rs|-C debuginfo=0
refused/atomic.ll|rust|src/refused/atomic.rs|-C debuginfo=0
refused/mutex.ll|rust|src/refused/mutex.rs|-C debuginfo=0
refused/volatile.ll|rust|src/refused/volatile.rs|-C debuginfo=0
refused/list.ll|rust|src/refused/list.rs|-C debuginfo=0
refused/bits.ll|rust|src/refused/bits.rs|-C debuginfo=0
refused/packed.ll|rust|src/refused/packed.rs|-C debuginfo=0
refused/pairs.ll|rust|src/refused/pairs.rs|-C debuginfo=0
refused/payload.ll|rust|src/refused/payload.rs|-C debuginfo=0
refused/globals.ll|rust|src/refused/globals.rs|-C debuginfo=0
refused/hash_map.ll|rust|src/refused/hash_map.rs|-C debuginfo=0
numeric/adapters.ll|rust|src/numeric/adapters.rs|-C debuginfo=0
numeric/attention.ll|rust|src/numeric/attention.rs|-C debuginfo=0
numeric/blind_spots.ll|rust|src/numeric/blind_spots.rs|-C debuginfo=2
numeric/bits.ll|rust|src/numeric/bits.rs|-C debuginfo=0
numeric/carried.ll|rust|src/numeric/carried.rs|-C debuginfo=0
numeric/casts.ll|rust|src/numeric/casts.rs|-C debuginfo=0
numeric/cells.ll|rust|src/numeric/cells.rs|-C debuginfo=2
numeric/complex.ll|rust|src/numeric/complex.rs|-C debuginfo=0
numeric/convolution.ll|rust|src/numeric/convolution.rs|-C debuginfo=0
numeric/copies.ll|rust|src/numeric/copies.rs|-C debuginfo=0
numeric/early_return.ll|rust|src/numeric/early_return.rs|-C debuginfo=0
numeric/enums.ll|rust|src/numeric/enums.rs|-C debuginfo=2
numeric/everyday.ll|rust|src/numeric/everyday.rs|-C debuginfo=2
numeric/sorting.ll|rust|src/numeric/sorting.rs|-C debuginfo=2
numeric/text.ll|rust|src/numeric/text.rs|-C debuginfo=2
numeric/maps.ll|rust|src/numeric/maps.rs|-C debuginfo=2
numeric/shared.ll|rust|src/numeric/shared.rs|-C debuginfo=2
numeric/variants.ll|rust|src/numeric/variants.rs|-C debuginfo=2
numeric/fixed_point.ll|rust|src/numeric/fixed_point.rs|-C debuginfo=0
numeric/flags.ll|rust|src/numeric/flags.rs|-C debuginfo=0
numeric/functions.ll|rust|src/numeric/functions.rs|-C debuginfo=2
numeric/generics.ll|rust|src/numeric/generics.rs|-C debuginfo=0
numeric/guards.ll|rust|src/numeric/guards.rs|-C debuginfo=2
numeric/lanes.ll|rust|src/numeric/lanes.rs|-C debuginfo=2
numeric/payloads.ll|rust|src/numeric/payloads.rs|-C debuginfo=2
numeric/tables.ll|rust|src/numeric/tables.rs|-C debuginfo=2
numeric/arrays.ll|rust|src/numeric/arrays.rs|-C debuginfo=2
numeric/shared_references.ll|rust|src/numeric/shared_references.rs|-C debuginfo=2
numeric/in_place.ll|rust|src/numeric/in_place.rs|-C debuginfo=0
numeric/indices.ll|rust|src/numeric/indices.rs|-C debuginfo=0
numeric/inputs.ll|rust|src/numeric/inputs.rs|-C debuginfo=2
numeric/moves.ll|rust|src/numeric/moves.rs|-C debuginfo=2
numeric/integer_power.ll|rust|src/numeric/integer_power.rs|-C debuginfo=0
numeric/interpolation.ll|rust|src/numeric/interpolation.rs|-C debuginfo=0
numeric/kinks.ll|rust|src/numeric/kinks.rs|-C debuginfo=0
numeric/layer_norm.ll|rust|src/numeric/layer_norm.rs|-C debuginfo=0
numeric/libm.ll|rust|src/numeric/libm.rs|-C debuginfo=0
numeric/linalg.ll|rust|src/numeric/linalg.rs|-C debuginfo=0
numeric/loops.ll|rust|src/numeric/loops.rs|-C debuginfo=0
numeric/many.ll|rust|src/numeric/many.rs|-C debuginfo=2
numeric/math.ll|rust|src/numeric/math.rs|-C debuginfo=0
numeric/math_f32.ll|rust|src/numeric/math_f32.rs|-C debuginfo=0
numeric/matrix.ll|rust|src/numeric/matrix.rs|-C debuginfo=0
numeric/nbody.ll|rust|src/numeric/nbody.rs|-C debuginfo=2
numeric/network.ll|rust|src/numeric/network.rs|-C debuginfo=2
numeric/ode.ll|rust|src/numeric/ode.rs|-C debuginfo=0
numeric/options.ll|rust|src/numeric/options.rs|-C debuginfo=2
numeric/overwritten.ll|rust|src/numeric/overwritten.rs|-C debuginfo=2
numeric/owned.ll|rust|src/numeric/owned.rs|-C debuginfo=2
numeric/tails.ll|rust|src/numeric/tails.rs|-C debuginfo=2
numeric/pairs.ll|rust|src/numeric/pairs.rs|-C debuginfo=2
numeric/perceptron.ll|rust|src/numeric/perceptron.rs|-C debuginfo=0
numeric/polynomial.ll|rust|src/numeric/polynomial.rs|-C debuginfo=0
numeric/recursive.ll|rust|src/numeric/recursive.rs|-C debuginfo=0
numeric/sequences.ll|rust|src/numeric/sequences.rs|-C debuginfo=0
numeric/single_precision.ll|rust|src/numeric/single_precision.rs|-C debuginfo=0
numeric/softmax_loss.ll|rust|src/numeric/softmax_loss.rs|-C debuginfo=0
numeric/statics.ll|rust|src/numeric/statics.rs|-C debuginfo=0
numeric/stencils.ll|rust|src/numeric/stencils.rs|-C debuginfo=0
numeric/structs.ll|rust|src/numeric/structs.rs|-C debuginfo=2
numeric/swaps.ll|rust|src/numeric/swaps.rs|-C debuginfo=0
numeric/slots.ll|rust|src/numeric/slots.rs|-C debuginfo=0
numeric/temporaries.ll|rust|src/numeric/temporaries.rs|-C debuginfo=0
numeric/unoptimised.ll|rust|src/numeric/unoptimised.rs|-C debuginfo=2 -C opt-level=0
numeric/while_loops.ll|rust|src/numeric/while_loops.rs|-C debuginfo=0
errors/no_floats.ll|rust|src/errors/no_floats.rs|-C debuginfo=0
errors/declaration.ll|rust|src/errors/declaration.rs|-C debuginfo=0
errors/ambiguous.ll|rust|src/errors/ambiguous.rs|-C debuginfo=0
errors/empty.ll|empty|-|
errors/not_ir.ll|copy|src/errors/not_ir.txt|
errors/typed_pointers.ll|copy|src/errors/typed_pointers.ll|
errors/broken.ll|broken|newton.ll|
errors/truncated.bc|half|bitcode.bc|
errors/future.bc|future|bitcode.bc|
other_llvm/21.ll|llvm21|debuginfo.ll|
other_llvm/21.bc|llvm21|debuginfo.ll|
other_llvm/23.ll|llvm23|debuginfo.ll|
other_llvm/23.bc|llvm23|debuginfo.ll|
END
}

die() {
    printf 'fixtures.sh: %s\n' "$1" >&2
    exit 1
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}

# The checksum of one or more sources, below fixtures/ and separated by commas.
source_sha256() {
    local names paths=() name
    [[ $1 == - ]] && { echo -; return; }
    IFS=, read -ra names <<<"$1"
    for name in "${names[@]}"; do
        [[ -f fixtures/$name ]] || { echo missing; return; }
        paths+=("fixtures/$name")
    done
    cat "${paths[@]}" | sha256
}

# The last column of the manifest: rustc's flags, or what was done instead of calling rustc.
describe() {
    local recipe=$1 output=$2 flags=$3 emit=llvm-ir
    [[ $output == *.bc ]] && emit=llvm-bc
    case $recipe in
        rust | autodiff) echo "--emit=$emit $common $flags --remap-path-prefix \$PWD=." ;;
        optimised) echo "--emit=$emit $optimised $flags --remap-path-prefix \$PWD=." ;;
        nightly) echo "--emit=$emit $common $flags -C lto=fat -Zautodiff=Enable" ;;
        nightly_dump) echo "$linked $flags -Zautodiff=Enable,PrintModBefore,PrintModAfter --remap-path-prefix \$PWD=." ;;
        metadata) echo "sed '$to_metadata'" ;;
        dump) echo 'two modules with the lines of a build between them' ;;
        empty) echo 'an empty file' ;;
        copy) echo 'a copy' ;;
        broken) echo 'the first fmul is misspelt' ;;
        half) echo 'the first half of the bytes' ;;
        future) echo 'producer LLVM23.1.0, epoch 1' ;;
        llvm21) echo 'read and written by LLVM 21 (zig 0.16, its clang)' ;;
        llvm23) echo 'read and written by LLVM 23 (irad opt, irad-engine-23)' ;;
    esac
}

# rustc's output for a source, without a path of this machine: the checkout becomes ".", and the
# sources of the standard library (only where rust-src is installed) keep the name rustc gives them.
compile() {
    local source=$1 flags=$2 target=$3 emit=llvm-ir
    [[ $output == *.bc ]] && emit=llvm-bc
    # shellcheck disable=SC2086 # the flags are meant to be split
    "$rustc" "fixtures/$source" -o "$target" --emit=$emit $flags \
        --remap-path-prefix "$root=." \
        --remap-path-prefix "$sysroot/lib/rustlib/src/rust=/rustc/$commit"
}

# `#[autodiff_*]` names each variadic function after the function that calls it, mangled.
# That name holds a hash, so the source cannot spell it.
name_callees() {
    local prefix
    prefix=$(sed -n 's/^define .*@\(_R[A-Za-z0-9_]*\)10df_reverse(.*/\1/p' "$1")
    [[ -n $prefix ]] || die "no mangled df_reverse in $1"
    sed -e "s/@__enzyme_autodiff_df_reverse/@__enzyme_autodiff${prefix}10df_reverse/" \
        -e "s/@__enzyme_fwddiff_df_forward/@__enzyme_fwddiff${prefix}10df_forward/" "$1"
}

# A module without the line that says how it was made.
body() {
    tail -n +2 "fixtures/$1"
}

# Two modules as `-Zautodiff=PrintModBefore` prints them: cargo's lines come in between.
dump() {
    local first=${1%,*} second=${1#*,}
    echo "   Compiling ${first%.ll} v0.1.0"
    body "$first"
    echo 'warning: unused variable: `scale`'
    echo "  --> src/${second%.ll}.rs:12:9"
    echo "   Compiling ${second%.ll} v0.1.0"
    body "$second"
    echo '    Finished `release` profile [optimized] target(s) in 1.62s'
}

# Bitcode that a newer LLVM could have written. Only the identification block differs, and keeps
# its length, because offsets in the module count from it.
future() {
    python3 - "fixtures/$1" <<'END'
import sys

data = bytearray(open(sys.argv[1], "rb").read())
position = 0


def fixed(width):
    global position
    value = 0
    for i in range(width):
        value |= (data[position >> 3] >> (position & 7) & 1) << i
        position += 1
    return value


def variable(width):
    value, shift = 0, 0
    while True:
        chunk = fixed(width)
        value |= (chunk & ~(1 << width - 1)) << shift
        shift += width - 1
        if not chunk >> width - 1:
            return value


def write(at, width, value):
    for i in range(width):
        byte, mask = at + i >> 3, 1 << (at + i & 7)
        data[byte] = data[byte] & ~mask | mask * (value >> i & 1)


def skip_abbreviation():
    for _ in range(variable(5)):
        if fixed(1):  # a literal
            variable(8)
        elif fixed(3) in (1, 2):  # fixed or variable width, which follows
            variable(5)


assert fixed(32) == 0xDEC04342, "not bitcode"
assert fixed(2) == 1 and variable(8) == 13, "no identification block"
width = variable(4)
position = (position + 31) & ~31
position += 32  # the length of the block
patched = set()
while (code := fixed(width)) != 0:  # 0 ends the block
    if code == 2:
        skip_abbreviation()
    elif code == 3:  # a record without an abbreviation: the producer, six bits at a time
        assert variable(6) == 1, "expected the producer"
        length = variable(6)
        for i in range(length):
            at = position
            old = variable(6)
            if i < len("LLVM23.1.0"):
                new = ord("LLVM23.1.0"[i])
                assert old >= 32, "a character in one chunk"
                write(at, 12, new & 31 | 32 | new >> 5 << 6)
        patched.add("producer")
    else:  # the only abbreviated record left: the epoch
        write(position, 6, 1)
        assert variable(6) == 1
        patched.add("epoch")
assert patched == {"producer", "epoch"}, patched
sys.stdout.buffer.write(data)
END
}

# What LLVM 21 writes of a module. Its intrinsics for lifetimes say how long a slot is, so they do here first; and one
# attribute is newer.
llvm21() {
    local emit=-S
    [[ $output == *.bc ]] && emit=-c
    sed -E 's/(call void @llvm\.lifetime\.(start|end)\.p0\()ptr/\1i64 -1, ptr/
        s/(declare void @llvm\.lifetime\.(start|end)\.p0\()ptr/\1i64 immarg, ptr/
        s/ nocreateundeforpoison//' "fixtures/$1" >"$temporary/older.ll"
    (cd "$temporary" && ZIG_GLOBAL_CACHE_DIR=$temporary/zig "$ZIG" cc -target x86_64-linux-gnu "$emit" -emit-llvm -O0 \
        -Xclang -disable-llvm-passes -Wno-override-module -Wno-unused-command-line-argument -o "$made" older.ll)
}

# Writes one fixture to $temporary, from where it takes its place only when complete.
make() {
    local output=$1 recipe=$2 source=$3 flags=$4 made=$temporary/made raw=$temporary/raw line
    local from="fixtures/${source//,/ and fixtures/}"
    local header="; Generated by scripts/fixtures.sh from $from"
    case $recipe in
        rust | autodiff | optimised)
            if [[ $recipe == optimised ]]; then
                compile "$source" "$optimised $flags" "$raw"
            else
                compile "$source" "$common $flags" "$raw"
            fi
            if [[ $output == *.bc ]]; then
                cp "$raw" "$made"
                return
            fi
            # Small functions are left to the crates that call them, unless inlining is forbidden.
            grep -q '^define' "$raw" || die "rustc emitted no function of $source: add #[inline(never)]"
            {
                echo "$header by rustc $version: $(describe "$recipe" "$output" "$flags")"
                if [[ $recipe == autodiff ]]; then name_callees "$raw"; else cat "$raw"; fi
            } >"$made"
            ;;
        nightly)
            # shellcheck disable=SC2086 # the flags are meant to be split
            "$RUSTC_AUTODIFF" "fixtures/$source" -o "$raw" --emit=llvm-ir $common $flags -C lto=fat \
                -Zautodiff=Enable
            {
                echo "$header by rustc $autodiff_version: $(describe "$recipe" "$output" "$flags")"
                cat "$raw"
            } >"$made"
            ;;
        nightly_dump)
            # shellcheck disable=SC2086
            "$RUSTC_AUTODIFF" "fixtures/$source" -o "$raw" $linked $flags --remap-path-prefix "$PWD=." \
                -Zautodiff=Enable,PrintModBefore,PrintModAfter >"$made"
            ;;
        metadata)
            {
                echo "$header: $(describe "$recipe" "$output" "")"
                body "$source" | sed "$to_metadata"
            } >"$made"
            ;;
        dump) dump "$source" >"$made" ;;
        empty) : >"$made" ;;
        copy)
            # Prose stays prose: a comment would make it look like IR.
            if [[ $source == *.ll ]]; then echo "$header: a copy"; fi >"$made"
            cat "fixtures/$source" >>"$made"
            ;;
        broken)
            line=$(grep -n -m1 '= fmul ' "fixtures/$source" | cut -d: -f1)
            {
                echo "$header: the first fmul, on line $line, is misspelt"
                body "$source" | sed "$((line - 1))s/= fmul /= fmull /"
            } >"$made"
            ;;
        half) head -c $(($(wc -c <"fixtures/$source") / 2)) "fixtures/$source" >"$made" ;;
        future) future "$source" >"$made" ;;
        llvm21) llvm21 "$source" ;;
        llvm23)
            [[ $output == *.bc ]] || flags=-S
            # shellcheck disable=SC2086 # the flags are meant to be split
            IRAD_ENGINE=$ENGINE_23 "${IRAD:-target/debug/irad}" opt "fixtures/$source" --passes verify $flags -o "$made"
            ;;
    esac
}

# What later stages rely on, where it depends on rustc and not on this script.
inspect() {
    local output=$1 made=$2
    case $output in
        mangled_v0.ll) grep -q '@_RNv.*7mangled' "$made" || die "$output has no v0 name" ;;
        mangled_legacy.ll) grep -q '@_ZN7mangled' "$made" || die "$output has no legacy name: use stable rustc" ;;
        autodiff_global.ll) grep -q '@__enzyme_autodiff_R.*ptr noundef @enzyme_dup' "$made" || die "$output has no direct marker" ;;
        autodiff_metadata.ll) grep -q '@__enzyme_autodiff_R.*metadata !"enzyme_dup"' "$made" || die "$output has no metadata marker" ;;
    esac
    if grep -aqF "$root" "$made"; then die "$output holds the path of this checkout"; fi
    case $output in
        errors/no_floats.ll | errors/declaration.ll | errors/ambiguous.ll) ;;
        other_llvm/23.*) return ;;
        errors/* | dump.txt | nightly_dump.txt | nightly_wrong.txt) return ;;
    esac
    if command -v "$opt" >/dev/null; then
        "$opt" -passes=verify -disable-output "$made" || die "$output is not a valid module"
    fi
}

# "fixtures/errors/broken.ll", "errors/broken.ll" and "errors/broken" all name one fixture.
stem() {
    local name=${1#fixtures/}
    echo "${name%.*}"
}

generate() {
    local -A wanted=() built=() recorded=()
    local name output recipe source flags input selected count=0
    rustc=${RUSTC:-rustc}
    opt=${OPT:-opt-22}
    for name in "$rustc" python3; do
        command -v "$name" >/dev/null || die "making fixtures needs $name"
    done
    version=$("$rustc" -vV | sed -n 's/^release: //p')
    commit=$("$rustc" -vV | sed -n 's/^commit-hash: //p')
    if [[ -n ${RUSTC_AUTODIFF:-} ]]; then
        autodiff_version=$("$RUSTC_AUTODIFF" -vV | sed -n 's/^release: //p')
    fi
    sysroot=$("$rustc" --print sysroot)
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    command -v "$opt" >/dev/null || echo "fixtures.sh: no $opt here, so the modules are not verified" >&2

    for name in "$@"; do
        wanted[$(stem "$name")]=1
        table | cut -d'|' -f1 | sed 's/\.[a-z]*$//' | grep -qxF -- "$(stem "$name")" ||
            die "no fixture is called $name: see scripts/fixtures.sh --list"
    done
    if [[ -f $manifest ]]; then
        while IFS=$'\t' read -r output input; do
            [[ $output == '#'* ]] || recorded[$output]=$input
        done <"$manifest"
    fi

    mkdir -p fixtures/errors fixtures/refused fixtures/numeric fixtures/other_llvm
    while IFS='|' read -r output recipe source flags; do
        selected=
        [[ $# -eq 0 || -n ${wanted[$(stem "$output")]:-} ]] && selected=1
        for input in ${source//,/ }; do
            [[ -n ${built[$input]:-} ]] && selected=1
        done
        [[ -n $selected ]] || continue
        if [[ $recipe == nightly* && -z ${RUSTC_AUTODIFF:-} ]]; then
            echo "fixtures.sh: $output stays as it is: RUSTC_AUTODIFF names no rustc that has autodiff" >&2
            continue
        fi
        if [[ ($recipe == llvm21 && -z ${ZIG:-}) || ($recipe == llvm23 && -z ${ENGINE_23:-}) ]]; then
            echo "fixtures.sh: $output stays as it is: ZIG names no zig 0.16, or ENGINE_23 no irad-engine-23" >&2
            continue
        fi
        make "$output" "$recipe" "$source" "$flags"
        inspect "$output" "$temporary/made"
        mv "$temporary/made" "fixtures/$output"
        built[$output]=1
        count=$((count + 1))
        case $recipe in
            rust | autodiff | optimised) name="rustc $version" ;;
            nightly*) name="rustc $autodiff_version" ;;
            *) name=- ;;
        esac
        recorded[$output]=$(printf '%s\t%s\t%s\t%s\t%s' "$source" "$(source_sha256 "$source")" \
            "$(sha256 <"fixtures/$output")" "$name" "$(describe "$recipe" "$output" "$flags")")
    done < <(table)

    {
        printf '# Written by scripts/fixtures.sh, below fixtures/, with tabs between:\n'
        printf '# output\tsource\tsha256 of source\tsha256 of output\tcompiler\tflags\n'
        while IFS='|' read -r output _; do
            if [[ -n ${recorded[$output]:-} ]]; then printf '%s\t%s\n' "$output" "${recorded[$output]}"; fi
        done < <(table)
    } >"$temporary/manifest"
    mv "$temporary/manifest" "$manifest"
    echo "made $count of $(table | wc -l) fixtures"
}

check() {
    local -A recorded=()
    local output recipe source flags line source_sum output_sum known_flags file stale=0
    [[ -f $manifest ]] || die "there is no $manifest: run scripts/fixtures.sh"
    while IFS= read -r line; do
        [[ $line == '#'* ]] || recorded[${line%%$'\t'*}]=$line
    done <"$manifest"

    complain() {
        echo "$1: ${2:-run scripts/fixtures.sh}"
        stale=$((stale + 1))
    }
    while IFS='|' read -r output recipe source flags; do
        line=${recorded[$output]:-}
        unset "recorded[$output]"
        if [[ ! -f fixtures/$output ]]; then
            complain "fixtures/$output is missing"
            continue
        elif [[ -z $line ]]; then
            complain "fixtures/$output is not in $manifest"
            continue
        fi
        IFS=$'\t' read -r _ _ source_sum output_sum _ known_flags <<<"$line"
        if [[ $source_sum != "$(source_sha256 "$source")" ]]; then
            complain "fixtures/$output is out of date with fixtures/${source//,/ or fixtures/}"
        elif [[ $known_flags != "$(describe "$recipe" "$output" "$flags")" ]]; then
            complain "fixtures/$output was made with other flags than scripts/fixtures.sh has"
        elif [[ $output_sum != "$(sha256 <"fixtures/$output")" ]]; then
            complain "fixtures/$output was changed since it was made"
        fi
    done < <(table)
    for output in "${!recorded[@]}"; do
        complain "$manifest lists $output, which scripts/fixtures.sh does not make"
    done
    for file in fixtures/*.ll fixtures/*.bc fixtures/*dump.txt fixtures/errors/* fixtures/refused/* \
        fixtures/numeric/*.ll fixtures/other_llvm/*; do
        table | cut -d'|' -f1 | grep -qxF -- "${file#fixtures/}" ||
            { [[ ! -e $file ]] || complain "$file is made by nothing" "add it to scripts/fixtures.sh or remove it"; }
    done
    [[ $stale -eq 0 ]] || exit 1
    echo "all $(table | wc -l) fixtures are up to date"
}

case ${1:-} in
    --check) check ;;
    --list) table | cut -d'|' -f1 ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}" ;;
    -*) die "unknown option $1: see scripts/fixtures.sh --help" ;;
    *) generate "$@" ;;
esac
