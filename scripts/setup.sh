#!/usr/bin/env bash
# Installs what irad is built with, where that is missing. Does nothing when nothing is.
#
#   scripts/setup.sh           for compiling
#   scripts/setup.sh build     and for linking LLVM into the engine, as `make build` does
#   scripts/setup.sh test      and for the tests of completion in real shells, of the explorer in tmux, of pages in a
#                              real browser, and of counts beside callgrind's
#   scripts/setup.sh bench     and for benchmarks and Enzyme's own tests
#   scripts/setup.sh book      nothing but mdBook, which renders docs/learn
#   scripts/setup.sh translate and c2rust, which translates examples/gpt/gpt.c, with the LLVM 19 that it needs
#
# On Debian and Ubuntu it installs packages (as root, or through sudo). Elsewhere it says what is
# needed and stops before anything else is tried.
set -euo pipefail

packages=(llvm-22-dev clang-22 cmake ninja-build ccache libzstd-dev zlib1g-dev make gcc libc6-dev)
if [ "${1:-}" = build ]; then
    # llvm-config names these among what LLVM is made of.
    packages+=(libpolly-22-dev libz3-dev libxml2-dev libffi-dev)
fi
if [ "${1:-}" = test ]; then
    packages+=(git zsh fish tmux chromium valgrind)
    command -v npm >/dev/null || packages+=(nodejs npm)
fi
if [ "${1:-}" = bench ]; then
    packages+=(hyperfine time llvm-22-tools)
fi

if [ "${1:-}" = translate ]; then
    # c2rust's exporter is compiled with git, CMake and this LLVM.
    packages=(llvm-19-dev clang-19 libclang-19-dev cmake make git gcc g++ libc6-dev)
fi

if ! command -v cargo >/dev/null; then
    echo "setup: cargo was not found: install Rust first (https://rustup.rs)" >&2
    exit 1
fi

# mdBook comes from crates.io and stays in target/, so that nobody's own is touched.
if [ "${1:-}" = book ]; then
    version=0.5.4
    root=$(cd "$(dirname "$0")/.." && pwd)/target/mdbook
    if [ "$("$root/bin/mdbook" --version 2>/dev/null)" != "mdbook v$version" ]; then
        echo "setup: installing mdBook $version" >&2
        CARGO_TARGET_DIR=$root/build cargo install --quiet --locked --version "$version" --root "$root" \
            --no-default-features --features search mdbook
        rm -rf "$root/build"
    fi
    exit 0
fi

# c2rust comes from crates.io and stays in target/, too. While it is built it fetches tinycbor from GitHub.
install_c2rust() {
    local version=0.22.1 root llvm
    root=$(cd "$(dirname "$0")/.." && pwd)/target/c2rust
    if [ "$("$root/bin/c2rust" --version 2>/dev/null)" = "C2Rust $version" ]; then
        return 0
    fi
    llvm=$(llvm-config-19 --prefix)
    echo "setup: installing c2rust $version" >&2
    LLVM_CONFIG_PATH=$llvm/bin/llvm-config LIBCLANG_PATH=$llvm/lib CC=$llvm/bin/clang CXX=$llvm/bin/clang++ \
        CARGO_TARGET_DIR=$root/build cargo install --quiet --locked --version "$version" --root "$root" c2rust
    rm -rf "$root/build"
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    missing=()
    for program in llvm-config-22 clang++-22 cmake ninja ccache; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    if [ "${1:-}" = translate ]; then
        missing=()
        for program in llvm-config-19 clang-19 cmake git; do
            command -v "$program" >/dev/null || missing+=("$program")
        done
        if [ ${#missing[@]} -gt 0 ]; then
            echo "setup: c2rust is built with LLVM 19, which is not installed for you here. Missing: ${missing[*]}" >&2
            exit 1
        fi
        install_c2rust
        exit 0
    fi
    # Distributions name LLVM's programs in their own ways; a prefix says where they are.
    if [ ${#missing[@]} -gt 0 ] && [ -z "${LLVM_SYS_221_PREFIX:-}" ]; then
        cat >&2 <<END
setup: this is neither Debian nor Ubuntu, so nothing is installed for you. Missing: ${missing[*]}
Install what your system calls these, then call make again:
  - LLVM 22 with its headers and CMake files (set LLVM_SYS_221_PREFIX to where it is)
  - clang 22, or another C++17 compiler (set CXX)
  - CMake, Ninja, ccache
  - the development files of zstd and zlib
END
        exit 1
    fi
    exit 0
fi

# What drives the browser is npm's. Without it the tests that need it are reported as ignored.
install_driver() {
    [ "${1:-}" = test ] || return 0
    local here driver
    here=$(cd "$(dirname "$0")" && pwd)
    driver=$here/../target/browser
    if cmp -s "$here/browser/package-lock.json" "$driver/package-lock.json" && [ -d "$driver/node_modules/playwright-core" ]; then
        return 0
    fi
    mkdir -p "$driver"
    cp "$here/browser/package.json" "$driver"
    if (cd "$driver" && cp "$here/browser/package-lock.json" . && npm ci --silent --no-audit --no-fund >/dev/null); then
        return 0
    fi
    rm -f "$driver/package-lock.json"
    echo "setup: npm could not install what drives the browser; tests of pages in it are ignored" >&2
}

finish() {
    if [ "${1:-}" = translate ]; then
        install_c2rust
    else
        install_driver "${1:-}"
    fi
}

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    finish "${1:-}"
    exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: these packages are missing, and only root can install them: ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
# A failing source that has nothing to do with these packages must not stop the rest.
"${as_root[@]}" apt-get update -qq || true
for package in "${missing[@]}"; do
    candidate=$(apt-cache policy "$package" | awk '/Candidate:/ { print $2 }')
    if [ -z "$candidate" ] || [ "$candidate" = "(none)" ]; then
        cat >&2 <<END
setup: no package source of this system has $package. Debian 12 has it in its security updates;
for older systems apt.llvm.org carries LLVM 22. All that is needed: ${packages[*]}
END
        exit 1
    fi
done
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
finish "${1:-}"
