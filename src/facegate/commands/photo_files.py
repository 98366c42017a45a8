"""Photos that are named on the command line."""

from collections.abc import Sequence
from pathlib import Path

from facegate.commands.output.outcomes import CommandRefused
from facegate.use_cases.enrol_photos import Photo


def check_photo_paths(paths: Sequence[Path]) -> None:
    """Refuses what cannot be a photo, before any of the others is worked on.

    Raises:
        CommandRefused: a path does not exist, or is a folder.
    """
    for path in paths:
        if path.is_dir():
            raise CommandRefused(
                f"{path} is a folder: name the photos in it ({path / '*.jpg'}), or enrol a folder with one "
                "sub-folder per person with `facegate import photos FOLDER`."
            )
        if not path.exists():
            raise CommandRefused(f"There is no file {path}.")


def read_photo(path: Path) -> Photo:
    """The file as it is, called by its path.

    Raises:
        CommandRefused: it cannot be read.
    """
    try:
        return Photo(str(path), path.read_bytes())
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror or error}.") from error
