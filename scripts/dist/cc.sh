#!/usr/bin/env bash
# The linker of `make dist`: links against the C library of an older system, so that programs run there and on all
# newer ones, and takes into the program what such a system may not have.
#
# rustc tells by the name of a linker how it is called: this one as cc is.
#
#   DIST_SYSROOT  the folder of that system, which has libc6-dev and gcc
#   DIST_STATIC   a folder of libraries (.a) that become part of the program
set -euo pipefail

: "${DIST_SYSROOT:?is not set}" "${DIST_STATIC:?is not set}"
words=()
for word in "$@"; do
    case "$word" in
        # This system's own libraries, and what LLVM names and nothing of the engine uses.
        -L/lib | -L/lib64 | -L/usr/lib | -L/usr/lib64 | -L/usr/lib/x86_64-linux-gnu) ;;
        -lz3 | -lxml2) ;;
        *) words+=("$word") ;;
    esac
done
# The first folder that has a library is where it is taken from: what becomes part of the program, then that system's.
# What starts a program (crt1.o) is that system's, too: a newer one leaves constructors to a newer C library.
libraries=$DIST_SYSROOT/usr/lib/x86_64-linux-gnu
exec "${DIST_CC:-cc}" "--sysroot=$DIST_SYSROOT" "-B$libraries/" "-L$DIST_STATIC" "-L$libraries" \
    "-L$DIST_SYSROOT/lib/x86_64-linux-gnu" "${words[@]}" "$DIST_STATIC/compat.o"
