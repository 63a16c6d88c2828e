"""Files that a page hands out: written by the documents adapter, read, and gone."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.responses import Response

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def written(name: str, write: Callable[[Path], None]) -> bytes:
    """What is written to a file of that name, which has to end as its format asks."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def attached(name: str, data: bytes | str) -> Response:
    """A file to be kept; its type follows from its name, which is plain ASCII."""
    kind = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
