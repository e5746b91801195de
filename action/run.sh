#!/usr/bin/env bash
# What the action does: unpacks irad, puts it into PATH for the steps that follow, and checks. The exit code is the
# highest of all checks.
set -euo pipefail

: "${IRAD_ARCHIVE:?names no archive}"
unpacked=$(mktemp -d "${RUNNER_TEMP:-/tmp}/irad.XXXXXX")
case "$IRAD_ARCHIVE" in
    http://* | https://*)
        archive=$unpacked/archive
        curl -fsSL --retry 3 -o "$archive" "$IRAD_ARCHIVE"
        ;;
    *) archive=$IRAD_ARCHIVE ;;
esac
if [ -n "${IRAD_SHA256:-}" ]; then
    echo "$IRAD_SHA256  $archive" | sha256sum --check --quiet || {
        echo "irad: $IRAD_ARCHIVE is not the archive with the checksum $IRAD_SHA256" >&2
        exit 2
    }
fi
tar -xf "$archive" -C "$unpacked" --strip-components 1
export PATH="$unpacked/bin:$PATH"
[ -z "${GITHUB_PATH:-}" ] || echo "$unpacked/bin" >>"$GITHUB_PATH"
irad --version
cd "${IRAD_FOLDER:-.}"

code=0
highest() { [ "$1" -le "$code" ] || code=$1; }
if [ "${IRAD_SNAP:-true}" = true ]; then
    junit=()
    [ -z "${IRAD_JUNIT:-}" ] || junit=(--junit "$IRAD_JUNIT")
    irad snap check --format github "${junit[@]}" || highest $?
fi
while IFS= read -r line; do
    # Words as a shell quotes them, and nothing else that a shell does.
    mapfile -t words < <(xargs -r -n 1 printf '%s\n' <<<"$line")
    [ ${#words[@]} -gt 0 ] || continue
    command=(irad check)
    [ -f "${words[0]}" ] || command=(cargo irad check)
    echo "\$ ${command[*]} $line"
    "${command[@]}" "${words[@]}" || highest $?
done <<<"${IRAD_CHECK:-}"
exit "$code"
