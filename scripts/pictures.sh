#!/bin/sh
# The pictures of the README, for light and for dark: what irad prints, in 24 lines of 80 columns at most.
#
#   IRAD=target/release/irad scripts/pictures.sh [FOLDER]
set -eu
cd "$(dirname "$0")/.."
IRAD=$(realpath "${IRAD:-target/debug/irad}")
OUT=${1:-docs/pictures}
export IRAD_CHECK_LIMIT="${IRAD_CHECK_LIMIT:-60}"
mkdir -p "$OUT"

# picture NAME WORDS...: one command in both themes.
picture() {
    name=$1
    shift
    for theme in light dark; do
        "$IRAD" "$@" --columns 80 --format svg --theme "$theme" >"$OUT/$name-$theme.svg"
        echo "$OUT/$name-$theme.svg"
    done
}

picture gradient explain fixtures/neuron.ll loss --pairs --source
