#!/usr/bin/env python3
"""Runs the tests that Enzyme brings for LLVM IR with `opt` and Enzyme's plugin, and with `irad opt`:

    scripts/enzyme-suite.py IRAD PLUGIN [FOLDER]          (make suite)

Most tests are written for older versions of LLVM, whose pointers have types, and fail with both. Those that pass with `opt` are to pass with irad. FOLDER is `enzyme/test` of Enzyme's sources; without it, that of the
registry crate which irad's own Enzyme is built from. Exit code 1 if one fails with irad alone.
"""

import glob
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOOLS = subprocess.run(["llvm-config-22", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
# What the suite's own configuration has for LLVM 22.
MEANS = {"%simplifycfg": "simplifycfg", "%loopmssa": "loop-mssa", "%llvmver": "22"}
LOAD = re.compile(r"%(OP)?(newL|l)oadEnzyme")
FLAG = "--enzyme-attributor=0"
SECONDS = 60


def commands(file):
    """The pipelines that a test runs: what comes before FileCheck, and FileCheck's arguments."""
    found = []
    for line in open(file, errors="replace"):
        line = re.match(r"\s*;\s*RUN:\s*(.*)", line)
        if not line or not LOAD.search(line[1]):
            continue
        text = line[1]
        # `if [ %llvmver -ge 15 ]; then …; fi`, one in the other
        is_meant = True
        while when := re.match(r"if +\[ (.*?) ?\]; ?then (.*); ?fi", text.strip()):
            test = when[1].replace("%llvmver", MEANS["%llvmver"])
            is_meant &= subprocess.run(["sh", "-c", f"[ {test} ]"]).returncode == 0
            text = when[2]
        if is_meant:
            found.append(text.strip())
    return found


def words(command, file):
    for name, meaning in MEANS.items():
        command = command.replace(name, meaning)
    return command.replace("%s", shlex.quote(file))


def with_opt(command, file, plugin):
    load = f"-load-pass-plugin={plugin} -load={plugin} {FLAG}"
    return LOAD.sub(load, words(command, file)).replace("%opt", f"{TOOLS}/opt")


def with_irad(command, file, irad):
    """The same with `irad opt`; nothing where it is no plain call of `opt`."""
    command = words(command, file)
    # A bar within quotes belongs to a pipeline.
    parts = re.match(r"(not )?%opt ((?:\"[^\"]*\"|'[^']*'|[^|>\"'])*?)(\s*2>&1)?\s*(\|.*|>.*)?$", command)
    if not parts:
        return None
    prefix, arguments, both, rest = parts[1] or "", parts[2], parts[3] or "", parts[4] or ""
    out, source = [f"{prefix}{irad} opt"], None
    try:
        tokens = shlex.split(arguments)
    except ValueError:
        return None
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token == "<":
            at += 1
            source = tokens[at]
        elif LOAD.fullmatch(token):
            out.append(f"--llvm-arg={FLAG}")
        elif token.startswith(("-passes=", "--passes=")):
            out.append("--passes " + shlex.quote(token.split("=", 1)[1]))
        elif token == "-S":
            out.append("-S")
        elif token == "-o":
            at += 1
            out.append("-o " + shlex.quote(tokens[at]))
        elif token.startswith("-"):
            out.append("--llvm-arg=" + shlex.quote(token))
        else:
            source = token
        at += 1
    if source is None:
        return None
    return " ".join([*out, shlex.quote(source)]) + both + " " + rest


def passes(command):
    """Whether it does, and what it says."""
    where = {**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    command = command.replace("%FileCheck", "FileCheck")
    try:
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, timeout=SECONDS, env=where)
    except subprocess.TimeoutExpired:
        return False, "timeout"
    return done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


def row(job):
    file, irad, plugin = job
    found = commands(file)
    if not found:
        return file, None, None, ""
    for command in found:
        if not passes(with_opt(command, file, plugin))[0]:
            return file, False, None, ""
    for command in found:
        mine = with_irad(command, file, irad)
        if mine is None:
            return file, True, None, command
        good, said = passes(mine)
        if not good:
            return file, True, False, mine + "\n" + said[:2000]
    return file, True, True, ""


def main():
    irad, plugin = (os.path.realpath(path) for path in sys.argv[1:3])
    if len(sys.argv) > 3:
        folder = sys.argv[3]
    else:
        home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
        folder = sorted(glob.glob(f"{home}/registry/src/*/diffsl-*/Enzyme/enzyme/test"))[-1]
    files = sorted(glob.glob(f"{folder}/**/*.ll", recursive=True))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(row, [(file, irad, plugin) for file in files]))
    right = [row for row in rows if row[1]]
    skipped = [row for row in right if row[2] is None]
    failed = [row for row in right if row[2] is False]
    for name, _, _, said in failed:
        print(f"FAILED {os.path.relpath(name, folder)}\n{said}\n")
    for name, _, _, said in skipped:
        print(f"not run {os.path.relpath(name, folder)}: {said}")
    print(
        f"{len(right)} of {sum(row[1] is not None for row in rows)} tests pass with opt; "
        f"{sum(bool(row[2]) for row in right)} of these with irad opt, {len(failed)} fail, {len(skipped)} are no plain call"
    )
    return 1 if failed else 0


sys.exit(main())
