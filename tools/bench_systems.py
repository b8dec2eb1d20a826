# SPDX-License-Identifier: ISC
"""bench_systems - Postilion and Debian's Postfix as benches run them, side by side

Each system lives in a directory of its own on a journaled ext4 and in a control group of its own,
so that CPU time and memory are those of all its processes. Postfix comes from
`tools/setup --peers`.
"""
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, "build/peers")
BIN = os.path.join(ROOT, os.environ.get("BUILD", "build"), "bin")
LIBRARIES = ":".join([f"{PEERS}/usr/lib/postfix", f"{PEERS}/usr/lib/x86_64-linux-gnu",
                      f"{PEERS}/usr/lib/aarch64-linux-gnu"])
PRIORITY = -15  # of both systems and their client: what else runs on the machine disturbs less
PORTS = {"postfix": 19125, "postilion": 19225}
DOMAIN = "bench.test"


def run(command, **options):
    """Runs a command to its end; its output is shown only when it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} failed:\n{result.stdout}")
    return result.stdout


def raise_session(pid):
    """Where the kernel shares the processor between sessions, a process's own priority counts for little."""
    path = f"/proc/{pid}/autogroup"
    if os.path.exists(path):
        with open(path, "w") as file:
            file.write(str(PRIORITY))


class Group:
    """Everything started inside: its CPU time and memory, by a control group of its own."""

    def __init__(self, name):
        v1 = "/sys/fs/cgroup/cpuacct"
        base = v1 if os.path.isdir(v1) else "/sys/fs/cgroup"
        self.path = f"{base}/postilion-bench-{os.getpid()}-{name}"
        os.mkdir(self.path)

    def enter(self):
        with open(f"{self.path}/cgroup.procs", "w") as file:
            file.write("0")

    def pids(self):
        with open(f"{self.path}/cgroup.procs") as file:
            return file.read().split()

    def cpu_seconds(self):
        if os.path.exists(f"{self.path}/cpuacct.usage"):
            with open(f"{self.path}/cpuacct.usage") as file:
                return int(file.read()) / 1e9
        with open(f"{self.path}/cpu.stat") as file:
            return int(re.search(r"usage_usec (\d+)", file.read()).group(1)) / 1e6

    def memory_bytes(self):
        """Of all its processes, what they share counted once."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += int(re.search(r"(?m)^Pss: +(\d+) kB", file.read()).group(1)) * 1024
        return total

    def remove(self):
        deadline = time.monotonic() + 20
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.1)
        for pid in self.pids():  # of our own group only
            os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.1)
        os.rmdir(self.path)


class Postfix:
    """Debian's, private; settings are lines of main.cf."""

    name = "postfix"

    def __init__(self, directory, group, settings=""):
        self.directory, self.group = directory, group
        self.queue = f"{directory}/queue"
        account = pwd.getpwnam("daemon")  # there already: none is made for a program not installed
        self.owner = account.pw_uid
        self.environment = dict(os.environ, LD_LIBRARY_PATH=LIBRARIES)
        for part in ("etc", "queue", "data", "log"):
            os.makedirs(f"{directory}/{part}")
        os.chmod(directory, 0o755)
        os.chown(f"{directory}/data", self.owner, -1)
        with open(f"{directory}/etc/main.cf", "w") as file:
            file.write(f"""compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = {PEERS}/usr/sbin
daemon_directory = {PEERS}/usr/lib/postfix/sbin
shlib_directory = {PEERS}/usr/lib/postfix
meta_directory = {directory}/etc
mail_owner = {account.pw_name}
setgid_group = games
maillog_file = {directory}/log/mail.log
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{DOMAIN}
mydestination =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = static:user/
mynetworks = 127.0.0.0/8
alias_maps =
in_flow_delay = 0s
smtpd_peername_lookup = no
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH={LIBRARIES}
{settings}
""")
        with open(f"{PEERS}/usr/share/postfix/master.cf.dist") as file:
            master = file.read()
        master = re.sub(r"(?m)^smtp +inet.*", f"127.0.0.1:{PORTS['postfix']} inet n - n - - smtpd", master)
        master = re.sub(r"(?m)^(\S+ +(?:inet|unix|fifo|unix-dgram) +[-yn] +[-yn] +)[-yn]", r"\1n", master)
        with open(f"{directory}/etc/master.cf", "w") as file:
            file.write(master)
        open(f"{directory}/etc/dynamicmaps.cf", "w").close()
        shutil.copy(f"{PEERS}/etc/postfix/postfix-files", f"{directory}/etc/")

    def command(self, name, *arguments, **options):
        return run([f"{PEERS}/usr/sbin/{name}", "-c", f"{self.directory}/etc", *arguments],
                   env=self.environment, preexec_fn=self.group.enter, **options)

    def start(self):
        self.command("postfix", "start")

    def stop(self):
        self.command("postfix", "stop")


class Postilion:
    """Ours, as `postilion init` makes it; settings are lines of main.cf."""

    name = "postilion"

    def __init__(self, directory, group, settings=""):
        self.directory, self.group = directory, group
        self.queue = f"{directory}/queue"
        run([f"{BIN}/postilion", "init", directory, "--smtp-port", str(PORTS["postilion"]),
             "--qmqp-port", str(PORTS["postilion"] + 1), "--domain", DOMAIN, "--mailbox", "user"])
        self.owner = os.stat(f"{self.queue}/deferred").st_uid
        with open(f"{directory}/etc/main.cf", "a") as file:
            file.write(f"smtpd_peername_lookup = no\n{settings}\n")

    def command(self, name, *arguments, **options):
        return run([f"{BIN}/{name}", "-c", f"{self.directory}/etc", *arguments],
                   preexec_fn=self.group.enter, **options)

    def start(self):
        self.command("postilion", "start")

    def stop(self):
        self.command("postilion", "stop")


def journaled(path):
    device = os.stat(path).st_dev
    name = os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))
    return bool(glob.glob(f"/proc/fs/jbd2/{name}-*"))


class WorkArea:
    """A directory on a journaled ext4: here, or on a loop image with direct I/O."""

    def __init__(self, size="2G", files=100000):
        self.mounted = False
        os.makedirs(f"{ROOT}/build/bench", exist_ok=True)
        self.path = tempfile.mkdtemp(dir=f"{ROOT}/build/bench")
        os.chmod(self.path, 0o755)
        if journaled(self.path):
            return
        image = f"{self.path}.img"
        run(["truncate", "-s", size, image])
        run(["mkfs.ext4", "-q", "-N", str(files), image])
        self.loop = run(["losetup", "--direct-io=on", "--show", "-f", image]).strip()
        run(["mount", self.loop, self.path])
        self.mounted = True

    def remove(self):
        if self.mounted:
            run(["umount", self.path])
            run(["losetup", "-d", self.loop])
            os.unlink(f"{self.path}.img")
        shutil.rmtree(self.path)
