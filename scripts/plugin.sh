#!/usr/bin/env bash
# Enzyme as a plugin for `opt` 22, linked from the very objects that the release engine is linked from; prints where it
# lies. `make build` has to have been run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
llvm=$(llvm-config-22 --prefix)
plugin=$PWD/target/bench/LLVMEnzyme-22.so
mkdir -p target/bench
archive=$(ls -t target/release/build/enzyme-sys-*/out/enzyme/Enzyme/libEnzymeStatic-22.a 2>/dev/null | head -n 1 || true)
[ -n "$archive" ] || {
    echo "plugin: Enzyme is not built yet: run make build" >&2
    exit 1
}
if [ ! -e "$plugin" ] || [ "$archive" -nt "$plugin" ]; then
    "$llvm/bin/clang++" -shared -o "$plugin" \
        -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -L"$llvm/lib" -lLLVM-22
fi
echo "$plugin"
