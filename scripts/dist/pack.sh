#!/usr/bin/env bash
# Packs the programs of a folder: scripts/dist/pack.sh BINARIES OUT GLIBC. Fails where one of them needs a C library
# newer than that, or another library that systems may not have.
set -euo pipefail
cd "$(dirname "$0")/../.."
binaries=$1 out=$2 newest=$3

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
name=irad-$version-x86_64-linux
folder=$out/$name
rm -rf "$folder"
mkdir -p "$folder/bin"
programs=(irad cargo-irad irad-engine-22)
[ ! -e "$binaries/irad-engine-23" ] || programs+=(irad-engine-23)
for program in "${programs[@]}"; do
    install -m 755 "$binaries/$program" "$folder/bin/$program"
    strip --strip-all "$folder/bin/$program"
    needed=$(objdump -p "$folder/bin/$program" | sed -n 's/^ *NEEDED *//p')
    for library in $needed; do
        case "$library" in
            libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | libutil.so.1 | libgcc_s.so.1) ;;
            ld-linux-x86-64.so.2) ;;
            *)
                echo "dist: $program needs $library, which systems may not have" >&2
                exit 1
                ;;
        esac
    done
    wanted=$(objdump -T "$folder/bin/$program" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
    if [ "$(printf '%s\n' "GLIBC_$newest" "$wanted" | sort -V | tail -n 1)" != "GLIBC_$newest" ]; then
        echo "dist: $program needs $wanted, and may need GLIBC_$newest at most:" >&2
        objdump -T "$folder/bin/$program" | grep -F "$wanted" >&2
        exit 1
    fi
    echo "$program needs $wanted or later"
done
# What `cargo irad toolchain add` links a nightly's Enzyme from.
install -d "$folder/lib/irad"
install -m 644 "$("$binaries/irad-engine-22" --enzyme)/libEnzymeStatic-22.a" "$folder/lib/irad"
install -d "$folder/share/man/man1" "$folder/share/completions"
"$folder/bin/irad" man "$folder/share/man/man1"
for shell in bash zsh fish; do
    "$folder/bin/irad" completions "$shell" >"$folder/share/completions/irad.$shell"
done
install -m 644 README.md CHANGELOG.md "$folder"
for license in LICENSE*; do
    [ ! -e "$license" ] || install -m 644 "$license" "$folder"
done
tar --sort=name --owner=0 --group=0 --numeric-owner -C "$out" -cJf "$out/$name.tar.xz" "$name"
(cd "$out" && sha256sum "$name.tar.xz" >"$name.tar.xz.sha256")
ls -l "$out/$name.tar.xz"
