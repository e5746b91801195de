#!/usr/bin/env bash
# Has a nightly rustc differentiate both models by its own `#[autodiff_reverse]`, with the Enzyme that `cargo irad`
# gives it, and puts the library where `gpt --gradient nightly` looks for it:
#
#   examples/gpt/nightly.sh [CARGO-IRAD]        CARGO-IRAD is target/release/cargo-irad
#
# NIGHTLY names the toolchain (nightly). Without one, nothing is built, and it is said what to do.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
irad=$(realpath "${1:-$top/target/release/cargo-irad}")
nightly=${NIGHTLY:-nightly}

[ -x "$irad" ] || {
    echo "nightly: there is no $irad: run make build, or name cargo-irad" >&2
    exit 1
}
rustc "+$nightly" --version >/dev/null 2>&1 || {
    echo "nightly: there is no toolchain $nightly: rustup toolchain install nightly" >&2
    exit 1
}
cd "$top/examples/gpt/nightly"
# Without LooseTypes rustc's Enzyme refuses both models: "Cannot deduce type of memset". Attention sets a row to zero
# before it adds to it, and nothing that rustc says of the memory tells that these zeros are floats.
RUSTFLAGS="${RUSTFLAGS:-} -Zautodiff=LooseTypes" "$irad" irad "+$nightly" build --release --locked
