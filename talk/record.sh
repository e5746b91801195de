#!/bin/sh
# Records the runs that the talk shows, from the fixtures: talk/record.sh, with irad in PATH or in IRAD.
set -eu
cd "$(dirname "$0")/.."
irad="${IRAD:-target/release/irad}"

record() {
    out="$1"
    shift
    "$irad" explore "$@" --record "talk/$out.trace"
}

record loss fixtures/model.ll --fn loss --mode reverse --len w=3,x=3
record wrong fixtures/numeric/stencils.ll --fn from_next --mode reverse --faithful
record right fixtures/numeric/stencils.ll --fn from_next --mode reverse
inputs="--len out=4,x=4,w=4 --range n=4..4"
# shellcheck disable=SC2086
record kept fixtures/promise.ll --fn layer --mode reverse $inputs
# shellcheck disable=SC2086
record noalias fixtures/promise.ll --fn layer --mode reverse $inputs --noalias layer
