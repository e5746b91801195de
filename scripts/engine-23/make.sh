#!/usr/bin/env bash
# Builds irad-engine-23, which has LLVM 23, and puts it beside irad.
#
#   scripts/engine-23/make.sh              in release, beside target/release/irad
#   PROFILE=dev scripts/engine-23/make.sh  for the tests of irad itself, beside target/debug/irad
#   LLVM_SYS_231_PREFIX=FOLDER             with an LLVM 23 that is there
#
# Without one it fetches the Python package that requirements.txt pins, with its hash, and unpacks it in
# target/llvm-23. The first build compiles Enzyme for this LLVM, which takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
profile=${PROFILE:-release}
case "$profile" in
    dev) beside=target/debug ;;
    *) beside=target/$profile ;;
esac

if [ -z "${LLVM_SYS_231_PREFIX:-}" ]; then
    llvm=$PWD/target/llvm-23
    pinned=scripts/engine-23/requirements.txt
    if ! cmp -s "$pinned" "$llvm/requirements.txt"; then
        if [ "$(uname -sm)" != "Linux x86_64" ]; then
            echo "engine-23: the package is for x86-64 Linux: set LLVM_SYS_231_PREFIX to an LLVM 23" >&2
            exit 1
        fi
        if ! python3 -m pip --version >/dev/null 2>&1; then
            echo "engine-23: pip fetches LLVM 23, and is missing: apt-get install python3-pip, or set LLVM_SYS_231_PREFIX" >&2
            exit 1
        fi
        echo "engine-23: fetching LLVM 23 (60 MB)" >&2
        rm -rf "$llvm"
        mkdir -p "$llvm"
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
            --only-binary :all: --dest "$llvm" -r "$pinned"
        python3 -m zipfile -e "$llvm"/*.whl "$llvm/package"
        rm "$llvm"/*.whl
        chmod +x "$llvm"/package/mlc_llvm_static/static/bin/*
        cp "$pinned" "$llvm"
    fi
    export LLVM_SYS_231_PREFIX=$llvm/package/mlc_llvm_static/static
fi
# An engine has one LLVM, so this one is built apart. Its target folder is its own, because features of what both
# are made of differ.
cargo build --profile "$profile" --locked -p irad --no-default-features --features engine-23 \
    --bin irad-engine-23 --target-dir target/engine-23
mkdir -p "$beside"
# What runs is not written over.
cp "target/engine-23/${beside#target/}/irad-engine-23" "$beside/.irad-engine-23"
mv "$beside/.irad-engine-23" "$beside/irad-engine-23"
echo "engine-23: $beside/irad-engine-23" >&2
