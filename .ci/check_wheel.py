"""Check that a wheel holds the three packages whole, and nothing else.

Usage: check_wheel.py WHEEL SOURCE

A file that package data forgot is found only on a user's machine, where the sources are
not at hand. So every file of the sources is compared, not a list of patterns.
"""

import sys
import zipfile
from pathlib import Path, PurePosixPath

PACKAGES = ("bot", "handlers", "schedules")


def expected(source: Path) -> set[str]:
    """List what the packages hold, as the wheel would name it."""
    return {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def found(wheel: Path) -> set[str]:
    """List what the wheel holds beside its own description."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    return {name for name in names if not PurePosixPath(name).parts[0].endswith(".dist-info")}


def main(wheel: Path, source: Path) -> int:
    """Print each difference; return the exit status."""
    want, have = expected(source), found(wheel)
    for name in sorted(want - have):
        print(f"missing in the wheel: {name} (see package-data in pyproject.toml)")
    for name in sorted(have - want):
        print(f"does not belong in the wheel: {name}")
    tops = {PurePosixPath(name).parts[0] for name in have}
    if tops != set(PACKAGES):
        print(f"the wheel's packages are {sorted(tops)}, not {sorted(PACKAGES)}")
        return 1
    if want != have:
        return 1
    print(f"{wheel.name}: {len(have)} files in {', '.join(sorted(tops))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
