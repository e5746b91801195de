//! The program that cargo runs in place of a nightly's rustc: the same with a sysroot that has Enzyme, with
//! `-Zautodiff=Enable`, and with the modules kept that it hands to Enzyme, where somebody asks for them.

use std::path::Path;

use crate::shell::quoted;

/// Names the folder where modules are kept. For each crate that is linked as one module two files are written, by the
/// crate's name and cargo's hash: what rustc prints of it before Enzyme and after, and the words that rustc was run
/// with, each with a zero byte behind it.
pub const MODULES: &str = "IRAD_MODULES";

/// Names the folder where the module of a crate is kept that rustc could not compile, as it was before Enzyme.
pub const FAILED: &str = "IRAD_FAILED";

/// Names the folder where the words are kept that rustc compiled a library with. With it, rustc makes code of everything in a library that cargo was asked for, also of what nothing there uses.
pub const LIBRARIES: &str = "IRAD_LIBRARIES";

/// A script for `sh`, which is on every system that has these compilers.
pub fn script(rustc: &Path, sysroot: &Path) -> String {
    let rustc = quoted(&rustc.to_string_lossy());
    let sysroot = quoted(&sysroot.to_string_lossy());
    format!(
        r#"#!/bin/sh
# A nightly's rustc with Enzyme, as `cargo irad` runs it.
rustc() {{ {rustc} --sysroot {sysroot} -Zautodiff=Enable "$@"; }}
name= hash= is_one_module= is_library= previous=
for word do
    case $previous in
    --crate-name) name=$word ;;
    --crate-type) case $word in lib | rlib) is_library=1 ;; esac ;;
    -C)
        case $word in
        extra-filename=*) hash=${{word#extra-filename=}} ;;
        lto | lto=fat) is_one_module=1 ;;
        esac
        ;;
    esac
    previous=$word
done
if [ -n "${LIBRARIES}" ] && [ -n "$is_library" ] && [ -n "$CARGO_PRIMARY_PACKAGE" ]; then
    printf '%s\0' "$@" >"${LIBRARIES}/$name$hash.words"
    exec {rustc} --sysroot {sysroot} -Zautodiff=Enable "$@" -C link-dead-code
fi
if [ -n "${MODULES}" ] && [ -n "$is_one_module" ]; then
    file=${MODULES}/$name$hash
    printf '%s\0' "$@" >"$file.words"
    rustc "$@" -Zautodiff=PrintModBefore,PrintModAfter >"$file.partial"
    code=$?
    mv -f "$file.partial" "$file.dump"
    exit $code
fi
if [ -z "${FAILED}" ] || [ -z "$is_one_module" ]; then
    exec {rustc} --sysroot {sysroot} -Zautodiff=Enable "$@"
fi
rustc "$@"
code=$?
if [ $code -ne 0 ]; then
    rustc "$@" -Zautodiff=PrintModBefore >"${FAILED}/$name$hash.dump" 2>/dev/null
fi
exit $code
"#
    )
}
