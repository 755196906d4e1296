"""Runs a program and measures it from outside: peak memory, page faults, and what else the machine did meanwhile."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A program ended with an error; the text is one line."""


@dataclass
class Run:
    output: str
    seconds: float
    peak_gib: float
    page_faults: int
    other_work: float  # mean number of cores that other programs kept busy


def busy_seconds():
    """User, nice, system, interrupts and time stolen by other machines, of all cores."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / TICKS


def last_line(file):
    file.seek(0)
    lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"


def run(command, environment=None, watch=None):
    """Returns a Run. environment: variables added to this process's. watch: called all the time while it runs."""
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin, busy = time.perf_counter(), busy_seconds()
        child = subprocess.Popen(command, stdout=output, stderr=errors, env={**os.environ, **(environment or {})})
        status, usage = wait(child, watch)
        seconds = time.perf_counter() - begin
        if status != 0:
            raise Failed(f"{os.path.basename(command[0])}: {last_line(errors)}")
        output.seek(0)
        own = usage.ru_utime + usage.ru_stime
        return Run(output.read().decode(), seconds, usage.ru_maxrss / 2**20, usage.ru_minflt,
                   max(0.0, busy_seconds() - busy - own) / seconds)


def wait(child, watch):
    try:
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG if watch else 0)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                return child.returncode, usage
            watch()
            time.sleep(0.01)
    except BaseException:
        child.kill()
        raise
