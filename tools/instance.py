# SPDX-License-Identifier: ISC
"""instance - a private Postilion for a test: made, started, watched and stopped

    with Instance(mailboxes=["user"]) as instance: ...

Everything lives in a directory of its own below build/, listens on free ports of 127.0.0.1 only,
and ends with the block. The directory stays after an exception, and when the test sets keep.
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, "build/bin")
LIBEXEC = os.path.join(ROOT, "build/libexec")
PEERS = os.path.join(ROOT, "build/peers")


class Failure(Exception):
    """What the test found wrong, in one sentence."""


def run(command, timeout=60, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=timeout, **options)
    if result.returncode != 0:
        raise Failure(f"{' '.join(command)} exited with {result.returncode}:\n{result.stdout}")
    return result.stdout


def postfix_environment():
    """What a program of Debian's Postfix needs, unpacked by `tools/setup --peers`."""
    libraries = ":".join(glob.glob(f"{PEERS}/usr/lib/postfix") + glob.glob(f"{PEERS}/usr/lib/*-linux-gnu"))
    return dict(os.environ, LD_LIBRARY_PATH=libraries)


def postfix_tool(name, *arguments, timeout=120):
    return run([f"{PEERS}/usr/sbin/{name}", *arguments], timeout=timeout, env=postfix_environment())


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise Failure(f"not within {seconds} s: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Instance:
    domain = "example.test"

    def __init__(self, mailboxes=("user",), settings=None):
        os.makedirs(f"{ROOT}/build/instances", exist_ok=True)
        self.directory = tempfile.mkdtemp(dir=f"{ROOT}/build/instances")
        os.rmdir(self.directory)
        self.keep = False
        self.smtp_port, self.qmqp_port = free_port(), free_port()
        command = [f"{BIN}/postilion", "init", self.directory, "--domain", self.domain,
                   "--smtp-port", str(self.smtp_port), "--qmqp-port", str(self.qmqp_port)]
        for mailbox in mailboxes:
            command += ["--mailbox", mailbox]
        run(command)
        if settings:
            self.configure(settings)

    def configure(self, settings):
        run([f"{BIN}/postconf", "-c", self.etc, "-e", *[f"{name}={value}" for name, value in settings.items()]])

    @property
    def etc(self):
        return f"{self.directory}/etc"

    def postilion(self, *arguments):
        return run([f"{BIN}/postilion", "-c", self.etc, *arguments])

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(f"ended by signal {number}"))
        self.postilion("start")
        return self

    def __exit__(self, kind, value, traceback):
        try:
            self.postilion("stop")
        except Failure as failure:
            print(f"instance: {failure}")
        if kind is None and not self.keep:
            shutil.rmtree(self.directory)
        else:
            print(f"instance: kept for inspection: {self.directory}", flush=True)

    def maildir(self, mailbox="user"):
        return sorted(glob.glob(f"{self.directory}/mail/{mailbox}/new/*"))

    def log(self):
        try:
            with open(f"{self.directory}/log/mail.log", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def master_pid(self):
        """The one that started all others; a child of it has its name until it becomes a daemon."""
        with open(f"{self.directory}/queue/pid/master.pid") as file:
            return int(file.read())

    def pids(self):
        """{program: [pid, ...]} of this instance's processes, by the directory they work in."""
        found = {}
        for path in glob.glob("/proc/[0-9]*"):
            try:
                program = os.readlink(f"{path}/exe").removesuffix(" (deleted)")  # built anew
                if program.startswith(LIBEXEC) and os.readlink(f"{path}/cwd").startswith(self.directory):
                    found.setdefault(os.path.basename(program), []).append(int(os.path.basename(path)))
            except OSError:
                continue  # it ended, or is not ours to look at
        return found
