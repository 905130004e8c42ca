"""The files of an announcement, read from where the options point."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.prompt import WRONG_USE, fail
from bot.domain.message import ATTACHMENT_BYTES, Attachment
from bot.domain.sent_file import media_type_of

FilesOption = Annotated[
    list[Path] | None, typer.Option(help="A picture or file that goes with it; repeat it.")
]
LettersOption = Annotated[
    Path | None,
    typer.Option(help="A folder: to each organisation the file that is named after it."),
]
HIDDEN = (".", "~$")
"""What editors and file managers leave in folders begins so."""


def attachments(files: Sequence[Path]) -> tuple[Attachment, ...]:
    """Return the files that go to everybody."""
    return tuple(_read(file) for file in files)


def letters(folder: Path | None) -> dict[str, Attachment]:
    """Return the files of ``folder`` by their names without the ending."""
    if folder is None:
        return {}
    if not folder.is_dir():
        fail(f"--letters {folder}: is no folder", WRONG_USE)
    found: dict[str, Attachment] = {}
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.name.startswith(HIDDEN):
            continue
        if file.stem in found:
            fail(f"--letters {folder}: two files are named {file.stem}", WRONG_USE)
        found[file.stem] = _read(file)
    if not found:
        fail(f"--letters {folder}: holds no files; name each after its organisation")
    return found


def _read(file: Path) -> Attachment:
    try:
        if file.stat().st_size > ATTACHMENT_BYTES:
            fail(f"{file}: is larger than {ATTACHMENT_BYTES // (1024 * 1024)} MB; make it smaller")
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    return Attachment(file.name, media_type_of(file.name), content, is_shared=True)
