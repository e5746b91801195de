#!/usr/bin/env bash
# Makes text.txt, which the model learns from: the prose of this project, its documents and then the
# comments of its code, as plain ASCII. Run it to renew the text; training reads the file that ships.
set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

documents() {
    # Code blocks, tables and the marks of Markdown are no prose.
    awk '/^```/ { inside = !inside; next } !inside && !/^[|]/' \
        README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md examples/gpt/README.md 2>/dev/null ||
        awk '/^```/ { inside = !inside; next } !inside && !/^[|]/' \
            README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md
}

comments() {
    local file
    for file in $(git ls-files 'crates/*.rs' 'fixtures/src/*.rs' 'examples/*.rs' | sort); do
        # A blank comment line parts paragraphs, and so does code between comments.
        awk '
            /^[ \t]*\/\/[\/!]?( |$)/ { sub(/^[ \t]*\/\/[\/!]? ?/, ""); print; spoke = 1; next }
            spoke { print ""; spoke = 0 }' "$file"
        echo
    done
}

{ documents; comments; } |
    sed 's/→/->/g; s/[“”]/"/g; s/[‘’]/'"'"'/g; s/…/.../g; s/×/x/g; s/[–—]/-/g; s/\t/ /g' |
    tr -cd '\n -~' | tr -d '#*`{}|^$%~\\@' | sed 's/^ *//; s/ *$//; s/  */ /g' |
    # Each paragraph once, in the order in which it is first met.
    awk 'BEGIN { RS = ""; ORS = "\n\n" } length($0) > 40 && !seen[$0]++' > examples/gpt/text.txt
wc -c examples/gpt/text.txt
