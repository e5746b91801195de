#!/bin/sh
# How derivatives of functions over other people's libraries come out: each function of scripts/crates/functions.txt
# in both modes, as `cargo irad check` says it. Results are kept in target/crates/results; what another irad or another
# source of the function gave is measured anew. Words on the command line choose packages or functions. Fails where
# something comes out otherwise than the list says: where it comes out better, the list wants the better word.
#
#   scripts/crates.sh [WORD...]
#   IRAD=target/release/irad JOBS=2 LIMIT=300 scripts/crates.sh statistics
set -eu

if [ "${1:-}" != --one ]; then
    cd "$(dirname "$0")/.."
    ROOT=$PWD
    IRAD=$(realpath "${IRAD:-target/debug/irad}")
    LIMIT=${LIMIT:-300}
    CARGO_TARGET_DIR=$ROOT/target/crates
    RESULTS=$CARGO_TARGET_DIR/results
    export ROOT IRAD LIMIT CARGO_TARGET_DIR RESULTS
    PROGRAMS=$(cat "$IRAD" "$(dirname "$IRAD")/irad-engine-22" | cksum | tr ' ' -)
    export PROGRAMS
    mkdir -p "$RESULTS"
    words=$(echo "$*" | tr ' ' '|')
    chosen=$(grep -E "(^| )(${words:-.*})( |\$)" scripts/crates/functions.txt)
    # Each line is one function in one mode.
    echo "$chosen" | while read -r package function _; do
        for mode in reverse forward; do
            echo "$package $function $mode"
        done
    done | xargs -P "${JOBS:-2}" -L 1 "$0" --one
    {
        echo "$chosen" | while read -r package function reverse forward; do
            echo "$package $function reverse $reverse $(cat "$RESULTS/$package.$function.reverse")"
            echo "$package $function forward $forward $(cat "$RESULTS/$package.$function.forward")"
        done
    } | awk '
        {
            of[$1 " " $2, $3] = $6
            if ($4 != $6) other[++others] = $1 "::" $2 ", " $3 ": " $6 ", where the list says " $4
            if (!(($1 " " $2) in seen)) { seen[$1 " " $2] = 1; order[++count] = $1 " " $2 }
            total[$3, $6]++
            reason = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ ?/, "", reason)
            if (reason != "") reasons[++told] = $1 "::" $2 ", " $3 ", " $6 ": " reason
        }
        END {
            printf "%-42s %-10s %s\n", "function", "reverse", "forward"
            for (at = 1; at <= count; at++) {
                name = order[at]; sub(/ /, "::", name)
                printf "%-42s %-10s %s\n", name, of[order[at], "reverse"], of[order[at], "forward"]
            }
            printf "\n%-42s %-10s %s\n", count " functions, in per cent", "reverse", "forward"
            split("right wrong undecided refused crash", kinds, " ")
            for (at = 1; at <= 5; at++)
                printf "%-42s %-10.0f %.0f\n", kinds[at], 100 * total["reverse", kinds[at]] / count,
                    100 * total["forward", kinds[at]] / count
            if (told) print ""
            for (at = 1; at <= told; at++) print reasons[at]
            if (others) print ""
            for (at = 1; at <= others; at++) print other[at]
            exit others > 0
        }'
    exit 0
fi

# One function in one mode: what it came to, and the first line of why.
package=$2 function=$3 mode=$4
result=$RESULTS/$package.$function.$mode
stamp=$PROGRAMS-$(cat "$ROOT/scripts/crates/$package/src/lib.rs" "$ROOT/scripts/crates/Cargo.lock" | cksum | tr " " -)
if [ -f "$result" ] && [ "$(cut -d' ' -f1 "$result")" = "$stamp" ]; then
    exit 0
fi
code=0
(cd "$ROOT/scripts/crates/$package" &&
    "$IRAD" cargo check --locked -- --fn "$package::$function" --mode "$mode" --timeout "$LIMIT") \
    > "$result.out" 2>&1 < /dev/null || code=$?
case $code in
    0) kind=right ;;
    1) kind=wrong ;;
    3) kind=refused ;;
    4) kind=crash ;;
    5) kind=undecided ;;
    *) kind=refused ;;
esac
why=
if [ $code -ne 0 ]; then
    why=$(grep -E '^(error:|check )' "$result.out" | head -n 1 | cut -c 1-160)
fi
echo "$stamp $kind $why" > "$result"
