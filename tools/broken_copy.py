# SPDX-License-Identifier: ISC
"""broken_copy - a copy of the tree, with its objects, to plant faults in"""
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS_MAX = 300


class Defect(Exception):
    """Why a planted fault did not do what it is there for."""


def copy_tree(name):
    """Makes build/NAME, with the times of all files, so that make has little to do there, and goes there."""
    copy = os.path.join(ROOT, "build", name)
    shutil.rmtree(copy, ignore_errors=True)
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    for path in filter(None, listing.split("\0")):
        if os.path.exists(os.path.join(ROOT, path)):
            os.makedirs(os.path.join(copy, os.path.dirname(path)), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, path), os.path.join(copy, path))
    for folder in ("obj", "bin", "libexec"):
        shutil.copytree(os.path.join(ROOT, "build", folder), os.path.join(copy, "build", folder), symlinks=True)
    os.chdir(copy)
    return copy


def shell(command, seconds=SECONDS_MAX):
    """(exit status, output) of a command, run where copy_tree() went."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    result = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace", timeout=seconds, env=environment)
    return result.returncode, result.stdout


def must_pass(command, seconds=SECONDS_MAX):
    status, output = shell(command, seconds)
    if status != 0:
        sys.exit(f"{os.path.basename(sys.argv[0])}: without a fault this already fails: {command}\n{tail(output)}")


def tail(output):
    return "\n".join("    " + line for line in output.splitlines()[-15:])
