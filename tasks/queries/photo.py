"""Photos of every kind: what waits under a form, and files that no row names."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from tasks.models import KeptPhoto


def kept_with(kind: type[KeptPhoto], form: UUID | None) -> QuerySet:
    """What came with a form that was refused."""
    photos = kind._default_manager.all()
    return photos.filter(form=form) if form else photos.none()


def unnamed_files(kind: type[KeptPhoto], *, older_than: datetime) -> Iterator[str]:
    """Files of photos that no row names, one folder at a time."""
    for folder in _listed(kind.FOLDER)[0]:
        here = f"{kind.FOLDER}/{folder}"
        files = {f"{here}/{name}" for name in _listed(here)[1]}
        files -= set(kind._default_manager.filter(file__startswith=f"{here}/").values_list("file", flat=True))
        yield from (name for name in sorted(files) if default_storage.get_modified_time(name) < older_than)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
