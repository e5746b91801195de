#!/usr/bin/env bash
# Has irad differentiate both translations of the model:
#
#   examples/gpt/derive.sh [DIRECTORY [IRAD FLAGS...]]
#
# Into DIRECTORY (examples/gpt/target/derived) go, for each, the IR that rustc makes of it, the object with
# its derivative, and the Rust declaration of that. Flags stand in the place of those in `levers`.
set -euo pipefail
derived=${1:+$(realpath -m "$1")}
[ $# -eq 0 ] || shift
irad=${IRAD:+$(realpath "$IRAD")}
# Commands are easier to read with short paths.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=examples/gpt
derived=${derived:-$here/target/derived}
irad=${irad:-target/release/irad}

# What only the caller can know. In both programs every tensor has memory of its own, and what a layer only
# reads has been written before and is not written again. What `tanh` and `exp` return is kept for the reverse sweep.
levers=(--noalias '*' --unchanged '*' --keep '*')
[ $# -eq 0 ] || levers=("$@")

[ -x "$irad" ] || {
    echo "derive: there is no $irad: run make build, or set IRAD" >&2
    exit 1
}
mkdir -p "$derived"

run() {
    printf '+ ' >&2
    printf '%q ' "$@" >&2
    echo >&2
    "$@"
}

# As irad wants its input: the code for the full level, without rustc's own passes.
ir=(--crate-type lib --emit=llvm-ir -C opt-level=3 -C no-prepopulate-passes -C codegen-units=1 -C panic=abort)

derive() {
    local name=$1 edition=$2 function=$3
    # cargo has its own ideas about the compiler's flags while it builds.
    run env -u RUSTFLAGS rustc --edition "$edition" "${ir[@]}" "$here/src/$name.rs" -o "$derived/$name.ll"
    run "$irad" emit "$derived/$name.ll" --fn "$function" --mode reverse "${levers[@]}" \
        -o "$derived/$name.o" --binding "$derived/$name.rs" --name "${name}_gradient" >"$derived/$name.log"
}

derive translated 2021 gpt_loss
derive idiomatic 2021 idiomatic::loss
