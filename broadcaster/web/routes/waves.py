"""How a master looks: drawn by the station, so that a telephone need not decode the sound to show it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from broadcaster.domain.outline import FULL
from broadcaster.web.visiting import Inside, Workspace

router = APIRouter(include_in_schema=False)


@router.get("/hinh-song/{master}")
def outline(app: Workspace, visitor: Inside, master: str) -> Response:
    """Peaks from 0 to 100, length and the begins of what is said, in milliseconds; by hash, so good for a day."""
    del visitor
    drawn = app.outline(master)
    if drawn is None:
        raise HTTPException(404)
    facts = {
        "dinh": drawn.peaks,
        "cao": FULL,
        "dai": drawn.length,
        "moc": [[mark.at, mark.part.value, mark.number] for mark in drawn.marks],
    }
    return JSONResponse(facts, headers={"Cache-Control": "private, max-age=86400"})
