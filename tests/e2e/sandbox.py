"""A place for programs that nobody knows: a file system of its own above this machine's, its own
processes, network and name, and none of root's rights over the kernel.

`python3 sandbox.py PROGRAM ARGUMENT…` runs a program there and ends as it does. What it writes is
gone with it.
"""

import os
import subprocess
import sys
import tempfile

FORBIDDEN = ("sys_boot", "sys_module", "sys_time", "sys_rawio", "sys_admin", "sys_ptrace", "syslog",
             "mknod", "net_admin", "mac_admin", "mac_override", "audit_control", "wake_alarm")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
INSIDE = "--inside"


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def mount_points():
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        return {line.split()[1]: line.split()[2] for line in mounts}


def prepare(place):
    """The root directory of the sandbox, below `place`."""
    root = os.path.join(place, "root")
    for name in ("upper", "work", "root"):
        os.mkdir(os.path.join(place, name))
    mount("-t", "overlay", "overlay", "-o",
          f"lowerdir=/,upperdir={place}/upper,workdir={place}/work", root)
    mount("-t", "proc", "proc", root + "/proc")
    mount("--bind", "-o", "ro", root + "/proc/sys", root + "/proc/sys")
    mount("-o", "remount,bind,ro", root + "/proc/sys")
    for name in ("sysrq-trigger", "kcore"):
        if os.path.exists(f"{root}/proc/{name}"):
            mount("--bind", "/dev/null", f"{root}/proc/{name}")
    for directory in ("/dev", "/run", "/tmp", "/sys"):
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", root + directory)
    os.chmod(root + "/tmp", 0o1777)
    for device in DEVICES:
        path = f"{root}/dev/{device}"
        with open(path, "w", encoding="utf-8"):
            pass
        mount("--bind", f"/dev/{device}", path)
    os.mkdir(root + "/dev/shm", 0o1777)
    return root


def inside(place, program):
    """In namespaces of its own already: makes the root, gives up rights, becomes the program."""
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "tmpfs", place)
    root = prepare(place)
    os.chroot(root)
    os.chdir("/")
    less = ",".join("-" + right for right in FORBIDDEN)
    os.execvp("setpriv", ["setpriv", f"--bounding-set={less}", f"--inh-caps={less}", *program])


def run(program, **options):
    """Runs a program in a sandbox; its end, as subprocess.run has it."""
    with tempfile.TemporaryDirectory(prefix="reeve-sandbox-") as place:
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net", "--uts", "--ipc",
             sys.executable, os.path.abspath(__file__), INSIDE, place, *program],
            check=False, **options)


if __name__ == "__main__":
    if sys.argv[1] == INSIDE:
        inside(sys.argv[2], sys.argv[3:])
    sys.exit(run(sys.argv[1:]).returncode)
