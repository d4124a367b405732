#!/usr/bin/python3
"""make bench: what it costs to look at 500 processes in 100 containers, beside a host without any. The containers are
processes in control groups with the names of a runtime, and in mount namespaces of their own."""
import ctypes
import os
import signal
import statistics
import subprocess
import sys

RUNS = int(os.environ.get("BENCH_RUNS", "41"))
CONTAINERS = int(os.environ.get("BENCH_CONTAINERS", "100"))
PROCESSES = int(os.environ.get("BENCH_PROCESSES", "500"))
COMMAND = ["build/hostaudit", "probe", "--policy-dir", ".", "container * posture != host"]
MEASURE = "build/tests/bench/measure"
GROUPS = [path for path in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
          if os.path.exists(path + "/cgroup.procs")]
NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000  # of mounts, host names, IPC


def start(number, count, libc):
    group = "%s/ha-bench/docker/%064x" % (GROUPS[0], number)
    os.makedirs(group)
    parent = os.fork()
    if parent:
        return parent, group
    with open(group + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    if libc.unshare(NAMESPACES):
        os._exit(1)
    for _ in range(count - 1):
        if not os.fork():
            break
    signal.pause()
    os._exit(0)


def stop(groups, parents):
    for group in groups:
        with open(group + "/cgroup.procs", encoding="ascii") as file:
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
    for parent in parents:
        os.waitpid(parent, 0)
    for group in groups:
        for _ in range(100):
            try:
                os.rmdir(group)
                break
            except OSError:
                signal.sigtimedwait([signal.SIGUSR1], 0.02)
    for path in ("/ha-bench/docker", "/ha-bench"):
        os.rmdir(GROUPS[0] + path)


def once():
    output = subprocess.run([MEASURE, "/dev/null"] + COMMAND, stdout=subprocess.PIPE, check=True).stdout
    wall, cpu, memory, _ = map(int, output.split())
    return wall / 1000, cpu / 1000, memory / 1024


def measure(title):
    samples = [once() for _ in range(RUNS)]
    print("%-44s wall %7.2f ms   CPU %7.2f ms   %6.2f MiB" % ((title,) + tuple(
        statistics.median(column) for column in zip(*samples))))


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    if os.geteuid() or not GROUPS:
        print("containers: needs root, and control groups")
        return
    libc = ctypes.CDLL(None, use_errno=True)
    measure("no containers")
    started = [start(number, PROCESSES // CONTAINERS, libc) for number in range(CONTAINERS)]
    try:
        signal.sigtimedwait([signal.SIGUSR1], 1)
        measure("%d processes in %d containers" % (PROCESSES, CONTAINERS))
    finally:
        stop([group for _, group in started], [parent for parent, _ in started])


sys.exit(main())
