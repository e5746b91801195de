#!/usr/bin/env bash
# Builds irad, cargo-irad and an engine with LLVM inside so that they run on x86-64 Linux with glibc 2.31 or later and
# without LLVM, and packs them into one archive.
#
#   scripts/dist/make.sh            builds in release and writes target/dist/irad-VERSION-x86_64-linux.tar.xz
#   DIST_PROFILE=dev                in another profile
#   DIST_SYSROOT=FOLDER             against a Debian 11 that is there; without it debootstrap makes one (as root)
#   DIST_TARGET=FOLDER              cargo's target folder
set -euo pipefail
cd "$(dirname "$0")/../.."

# The C library that everything newer than is a fault.
newest=2.31
out=$PWD/target/dist
profile=${DIST_PROFILE:-release}
target=${DIST_TARGET:-$PWD/target}
export DIST_SYSROOT=${DIST_SYSROOT:-$out/debian11}
export DIST_STATIC=$out/static

if [ ! -e "$DIST_SYSROOT/usr/include/stdio.h" ]; then
    if ! command -v debootstrap >/dev/null || [ "$(id -u)" != 0 ]; then
        cat >&2 <<END
dist: the archive is linked against the C library of Debian 11 (glibc $newest), which is not there. As root,
    apt-get install debootstrap && $0
makes one in $DIST_SYSROOT; or DIST_SYSROOT names one with libc6-dev and gcc.
END
        exit 1
    fi
    mkdir -p "$DIST_SYSROOT"
    debootstrap --variant=minbase --include=libc6-dev,gcc bullseye "$DIST_SYSROOT"
fi

# Its links begin at its own top, and here they are followed from another.
find "$DIST_SYSROOT/usr/lib" "$DIST_SYSROOT/usr/lib64" -lname '/*' | while read -r link; do
    ln -sfrn "$DIST_SYSROOT$(readlink "$link")" "$link"
done

# What becomes part of the programs.
mkdir -p "$DIST_STATIC"
for library in libstdc++.a libz.a libzstd.a libffi.a; do
    found=$(cc "-print-file-name=$library")
    if [ "$found" = "$library" ]; then
        echo "dist: $library is missing (Debian: g++, zlib1g-dev, libzstd-dev, libffi-dev)" >&2
        exit 1
    fi
    ln -sf "$(realpath "$found")" "$DIST_STATIC/$library"
done
cc "--sysroot=$DIST_SYSROOT" -O2 -fPIC -c scripts/dist/compat.c -o "$DIST_STATIC/compat.o"

export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=$PWD/scripts/dist/cc.sh
cargo build --profile "$profile" --locked -p irad --no-default-features --features engine --target-dir "$target"
case "$profile" in
    dev) built=$target/debug ;;
    *) built=$target/$profile ;;
esac
# The engine of LLVM 23 comes along where its LLVM is there (make engine-23).
llvm=$PWD/target/llvm-23/package/mlc_llvm_static/static
rm -f "$built/irad-engine-23"
if [ -d "$llvm" ]; then
    LLVM_SYS_231_PREFIX=$llvm cargo build --profile "$profile" --locked -p irad --no-default-features \
        --features engine-23 --bin irad-engine-23 --target-dir "$target/engine-23"
    cp "$target/engine-23/${built#"$target"/}/irad-engine-23" "$built"
fi
scripts/dist/pack.sh "$built" "$out" "$newest"
