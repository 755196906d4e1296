"""Unpacks the members of all wheels in a folder that match one of the patterns.

Usage: unpack_wheels.py WHEELS OUT "PATTERN ..."
A member whose pattern starts with "*/" lands directly in OUT, others keep their path.
"""

import fnmatch
import pathlib
import shutil
import sys
import zipfile

EXECUTABLE = 0o100


def unpack(wheel: pathlib.Path, out: pathlib.Path, patterns: list[str]) -> int:
    count = 0
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            pattern = next((p for p in patterns if fnmatch.fnmatch(member.filename, p)), None)
            if pattern is None or member.is_dir():
                continue
            name = pathlib.PurePosixPath(member.filename)
            target = out / (name.name if pattern.startswith("*/") else name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            if member.external_attr >> 16 & EXECUTABLE:
                target.chmod(0o755)
            count += 1
    return count


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    wheels, out, patterns = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3].split()
    for wheel in sorted(wheels.glob("*.whl")):
        if unpack(wheel, out, patterns) == 0:
            print(f"error: setup: {wheel.name}: expected members like {patterns}, found none", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
