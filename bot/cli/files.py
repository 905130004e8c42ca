"""Writing files that hold names, addresses and secrets of people."""

from pathlib import Path

from bot.domain.refusal import Refusal


def write_private(file: Path, text: str) -> None:
    """Write the file whole or not at all, for its owner alone.

    The mark at its start tells Excel that it is UTF-8.

    Raises:
        Refusal: it cannot be written.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(mode=0o600)
        part.write_text(text, encoding="utf-8-sig", newline="")
        part.replace(file)
    except (OSError, ValueError):
        part.unlink(missing_ok=True)
        raise Refusal("refusal.file-unwritable", path=str(file)) from None
