"""Markdown for the results: tables, goals, and the machine and versions they belong to."""

import importlib.metadata
import os
import platform
import subprocess

DISTURBED = 0.15  # cores


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def goal(text, value, wanted, at_least=True, other_work=0.0):
    """One line: what is wanted, what was measured, whether that is enough. Times are not judged where other programs
    kept more than DISTURBED cores busy."""
    reached = value >= wanted if at_least else value <= wanted
    bound = "at least" if at_least else "at most"
    verdict = "reached" if reached else "NOT reached"
    if other_work > DISTURBED:
        verdict = f"not judged, as other programs kept {other_work:.2f} cores busy"
    return f"- {text}: {bound} {wanted}, measured {value:.2f}: {verdict}"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit():
    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()
    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with changes" if changed else "")


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def versions(packages):
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def heading(title, packages):
    return (f"# {title}\n\nMachine: {os.cpu_count()} cores of {processor()}, {memory_gib():.0f} GiB. "
            f"{versions(packages)}, Python {platform.python_version()}. Commit {commit()}.")


def write(text, path):
    """Prints the text, and writes it to a file too where there is a path."""
    print(text, flush=True)
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
