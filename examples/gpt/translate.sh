#!/usr/bin/env bash
# Has c2rust translate gpt.c, and shows that src/translated.rs is what it prints, but for the marked lines:
#
#   examples/gpt/translate.sh [C2RUST]        C2RUST is target/c2rust/bin/c2rust, which scripts/setup.sh installs
#
# Fails where they differ otherwise.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$top/examples/gpt
c2rust=$(realpath "${1:-$top/target/c2rust/bin/c2rust}")
[ -x "$c2rust" ] || {
    echo "translate: there is no $c2rust: scripts/setup.sh translate installs it" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What c2rust writes lies beside what it reads.
cp "$here/gpt.c" "$work"
(cd "$work" && "$c2rust" transpile gpt.c >c2rust.log 2>&1) || {
    cat "$work/c2rust.log" >&2
    echo "translate: c2rust could not translate gpt.c" >&2
    exit 1
}

# A mark and the comment below it explain what stands, or stood, next to them. The comment at the top is not c2rust's.
unmarked() {
    awk '
        /^\/\/!/ { next }
        /^\/\/ CHANGED: a line `/ { line = $0; sub(/.*`#/, "#", line); sub(/`.*/, "", line); print line; comment = 1; next }
        /^\/\/ CHANGED: / { comment = 1; added = 1; next }
        comment && /^\/\/ / { next }
        added { comment = 0; added = 0; next }
        { comment = 0; print }
    ' "$here/src/translated.rs"
}
unmarked >"$work/unmarked.rs"
if ! diff -u --label "c2rust transpile gpt.c" --label "src/translated.rs without its marks" "$work/gpt.rs" "$work/unmarked.rs"; then
    echo "translate: src/translated.rs is not what c2rust prints, but for the marked lines" >&2
    exit 1
fi
echo "src/translated.rs is what $("$c2rust" --version) makes of gpt.c, $(wc -l <"$work/gpt.rs") lines, but for:"
diff "$work/gpt.rs" "$here/src/translated.rs" || true
