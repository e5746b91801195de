#!/usr/bin/env python3
"""What LLVM 23 makes of the fixtures otherwise than LLVM 22: each function that is accepted, refused or checked otherwise.

    scripts/engine-23/compare.py [IRAD]             IRAD is target/debug/irad; both engines lie beside it
    scripts/engine-23/compare.py --write [IRAD]     writes down what differs, in differs.txt

Fails where something else differs than differs.txt says.
"""

import glob
import json
import os
import subprocess
import sys

KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "differs.txt")


def survey(irad, engine, file, mode):
    command = [irad, "survey", file, "--mode", mode, "--json"]
    environment = dict(os.environ, IRAD_ENGINE=engine, IRAD_CHECK_LIMIT="60")
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    try:
        rows = json.loads(run.stdout)["functions"]
    except (ValueError, KeyError):
        lines = run.stderr.strip().splitlines()
        return {"": lines[0] if lines else f"exit code {run.returncode}"}
    return {row["symbol"]: told(row) for row in rows}


def told(row):
    """How it went, in words that do not depend on times or text of IR."""
    verdict = row.get("verdict") or {}
    return " ".join(str(word) for word in (row.get("result"), row.get("cause"), verdict.get("is")) if word)


def compared(irad):
    """What differs, a line each, and how much is the same."""
    engines = [os.path.join(os.path.dirname(os.path.abspath(irad)), f"irad-engine-{llvm}") for llvm in (22, 23)]
    same, differs = 0, []
    for file in sorted(glob.glob("fixtures/*.ll") + glob.glob("fixtures/refused/*.ll")):
        for mode in ("reverse", "forward"):
            older, newer = (survey(irad, engine, file, mode) for engine in engines)
            for function in sorted(older.keys() | newer.keys()):
                before, after = older.get(function, "not there"), newer.get(function, "not there")
                if before == after:
                    same += 1
                else:
                    differs.append(f"{file} {function} {mode}: {before}; with LLVM 23 {after}")
    return differs, same


def main():
    arguments = sys.argv[1:]
    writes = arguments[:1] == ["--write"]
    irad = (arguments[writes:] or ["target/debug/irad"])[0]
    differs, same = compared(irad)
    print(f"{len(differs)} differ, {same} the same")
    if writes:
        with open(KNOWN, "w") as known:
            known.writelines(line + "\n" for line in differs)
        return 0
    with open(KNOWN) as known:
        expected = known.read().splitlines()
    for line in differs:
        if line not in expected:
            print(f"new: {line}")
    for line in expected:
        if line not in differs:
            print(f"no longer: {line}")
    return int(differs != expected)


sys.exit(main())
