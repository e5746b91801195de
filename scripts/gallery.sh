#!/bin/sh
# A dozen pages, from a product to attention to a wrong derivative, with an index: target/gallery/index.html.
#
#   IRAD=target/release/irad scripts/gallery.sh [FOLDER]
set -eu
cd "$(dirname "$0")/.."
IRAD=$(realpath "${IRAD:-target/debug/irad}")
OUT=${1:-target/gallery}
export IRAD_CHECK_LIMIT="${IRAD_CHECK_LIMIT:-60}"
mkdir -p "$OUT"
rows=

# page NAME TITLE FLAGS...: what a page shows, and the words of the command that makes it. A refusal has a page, too.
page() {
    name=$1
    title=$2
    shift 2
    code=0
    "$IRAD" report "$@" -o "$OUT/$name.html" 2>"$OUT/$name.log" || code=$?
    case $code in
    0 | 3) rm -f "$OUT/$name.log" ;;
    *)
        cat "$OUT/$name.log" >&2
        exit "$code"
        ;;
    esac
    rows="$rows<li><a href=\"$name.html\">$title</a></li>
"
    echo "$OUT/$name.html"
}

page predict 'A product of three terms and a sigmoid, with its source' fixtures/debuginfo.ll --fn predict --mode reverse
page both 'The same in both modes, and where they part' fixtures/debuginfo.ll --fn predict --mode reverse --compare '--mode forward'
page model 'A loss over a slice: a loop, and its way back' fixtures/model.ll --fn loss --mode reverse
page newton 'Newton iterations: what is kept from each one' fixtures/newton.ll --fn square_root --mode reverse
page clamp 'Branches: which of them has a derivative' fixtures/clamp.ll --fn smooth_step --mode reverse
page softmax 'Softmax and cross entropy' fixtures/softmax.ll --fn cross_entropy --mode reverse
page gelu 'GELU, a layer of a transformer' fixtures/gpt_gelu.ll --fn forward --mode reverse
page layernorm 'Layer normalisation' fixtures/gpt_layernorm.ll --fn forward --mode reverse
page matmul 'A matrix product' fixtures/gpt_matmul.ll --fn forward --mode reverse
page attention 'Attention' fixtures/gpt_attention.ll --fn forward --mode reverse
page wrong 'A wrong derivative: memory that a later iteration overwrites' fixtures/numeric/stencils.ll --fn from_next --mode reverse --faithful
page refused 'A refusal: a function without a body' fixtures/refused/chain.ll --fn loss --mode reverse

cat >"$OUT/index.html" <<END
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pages of irad report</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }</style>
</head>
<body>
<main>
<h1>Pages of <code>irad report</code></h1>
<ol>
$rows</ol>
</main>
</body>
</html>
END
echo "$OUT/index.html"
