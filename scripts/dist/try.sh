#!/usr/bin/env bash
# Runs an archive in a bare system: scripts/dist/try.sh ARCHIVE FOLDER, where FOLDER is what debootstrap made
# (--variant=minbase). As root. There is neither LLVM nor Rust in it.
set -euo pipefail
cd "$(dirname "$0")/../.."
archive=$1 root=$2

rm -rf "$root/opt/irad" "$root/opt/fixtures"
mkdir -p "$root/opt/irad" "$root/opt/fixtures"
tar -xJf "$archive" -C "$root/opt/irad" --strip-components 1
cp fixtures/model.ll fixtures/bitcode.bc fixtures/other_llvm/23.bc "$root/opt/fixtures"
run() {
    echo "\$ $*"
    chroot "$root" env -i PATH=/opt/irad/bin:/usr/bin:/bin HOME=/root NO_COLOR=1 "$@"
}
run ldd --version | sed -n 1,2p
mountpoint -q "$root/proc" || { mount -t proc proc "$root/proc" && trap 'umount "$root/proc"' EXIT; }
run irad --version
run irad doctor
for mode in forward reverse; do
    run irad check /opt/fixtures/model.ll --fn loss --mode "$mode" | tail -n 1
done
run irad diff /opt/fixtures/bitcode.bc softplus --mode reverse | sed -n 1,6p
# What LLVM 23 wrote, where the archive has that engine.
if [ -x "$root/opt/irad/bin/irad-engine-23" ]; then
    run irad check /opt/fixtures/23.bc --fn loss --mode reverse | tail -n 1
fi
run irad emit /opt/fixtures/model.ll --fn loss --mode reverse -o /tmp/d_loss.o
run irad snap record /opt/fixtures/model.ll --fn loss --mode reverse --snapshots /tmp/snapshots || true
