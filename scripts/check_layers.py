#!/usr/bin/env python3
"""Checks what the compiler does not: includes go left only, the library keeps to itself, files stay small.

    scripts/check_layers.py [ROOT]     ROOT: the repository (default: the one this script is in)

Prints "FILE:LINE: what, expected, got" for every violation; exit status 1 if there is one.
"""

import re
import sys
from pathlib import Path

MAX_LINES = 400
MAX_COLUMNS = 110

# What each layer may include, besides itself (docs/design.md, "Layers").
TORCH_FREE = {
    "core": set(),
    "kernels": {"core"},
    "tree": {"core", "kernels"},
    "credit": {"core", "kernels", "tree"},
    "io": {"core"},
    "text": {"core", "io"},
    "data": {"core", "io", "text"},
    "reward": {"core", "io", "text", "data"},
}
NUMERIC = {"core", "tree", "io", "kernels"}
WITH_TORCH = {
    "model": NUMERIC,
    "optim": NUMERIC,
    "dist": NUMERIC,
    "rollout": NUMERIC | {"credit", "model", "optim"},
    "objective": NUMERIC | {"credit", "model", "optim"},
    "train": set(TORCH_FREE) | {"model", "optim", "dist", "rollout", "objective"},
}
LAYERS = {**TORCH_FREE, **WITH_TORCH}

SOURCES = ("*.h", "*.cpp", "*.cu", "*.cuh")
SOURCE_FOLDERS = ("libtempo", "kernels", "trainers", "examples", "tests", "benchmarks", "cmake")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
TORCH_HEADER = re.compile(r"^(ATen|torch|c10)/")
PROGRAM_HEADER = re.compile(r"^(yaml-cpp/|CLI/)")
PROGRAM_CALL = re.compile(
    r"\bstd::(?:cout|cerr|clog)\b"
    r"|(?<![\w.>])(?:std::)?(?:printf|fprintf|puts|getenv|exit|_exit|quick_exit|abort)(?=\s*\()")
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def layer_of(path):
    """Returns the layer of a library file, None for any other. `path` is relative to the root."""
    parts = path.parts
    if parts[0] == "kernels":
        return "kernels"
    if parts[:3] == ("libtempo", "include", "tempo") and len(parts) > 4:
        return parts[3]
    if parts[:2] == ("libtempo", "src") and len(parts) > 3:
        return parts[2]
    return None


def include_error(layer, header):
    """Returns what is wrong with a layer's include, or None."""
    if TORCH_HEADER.match(header) and layer in TORCH_FREE:
        return f"expected no libtorch in {layer}, got {header}"
    if PROGRAM_HEADER.match(header):
        return f"expected no header of programs in the library, got {header}"
    if ".." in header.split("/"):
        return f"expected a path without .., got {header}"
    parts = header.split("/")
    if parts[0] != "tempo" or len(parts) < 3 or parts[1] == layer:
        return None
    if parts[1] not in LAYERS[layer]:
        allowed = ", ".join(name for name in LAYERS if name in LAYERS[layer]) or "no other layer"
        return f"expected {layer} to use {allowed}, got {header}"
    return None


def without_comments_and_strings(text):
    """Returns the text with these blanked, its line breaks kept."""
    return COMMENT_OR_STRING.sub(lambda match: "\n" * match.group().count("\n"), text)


def library_errors(layer, text):
    """Yields (line number, message) for a file of the library."""
    if layer not in LAYERS:
        yield 1, f"expected a layer of {', '.join(LAYERS)}, got {layer}"
        return
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        error = include and include_error(layer, include.group(1))
        if error:
            yield number, error
    for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
        call = PROGRAM_CALL.search(line)
        if call:
            yield number, f"expected the library not to print, read the environment or exit, got {call.group()}"


def size_errors(text):
    """Yields (line number, message) for any source file."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        yield MAX_LINES + 1, f"expected at most {MAX_LINES} lines, got {len(lines)}"
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f"expected at most {MAX_COLUMNS} columns, got {len(line)}"


def errors_of(root):
    """Yields every violation below the root as a line of text."""
    for folder in SOURCE_FOLDERS:
        for path in sorted(path for pattern in SOURCES for path in (root / folder).rglob(pattern)):
            relative = path.relative_to(root)
            text = path.read_text(encoding="utf-8")
            found = list(size_errors(text))
            layer = layer_of(relative)
            if layer is not None:
                found += library_errors(layer, text)
            yield from (f"{relative}:{number}: {message}" for number, message in sorted(found))


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    if not (root / "libtempo").is_dir():
        sys.exit(f"error: {root}: expected a folder with libtempo/, got none")
    errors = list(errors_of(root))
    for error in errors:
        print(error)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
