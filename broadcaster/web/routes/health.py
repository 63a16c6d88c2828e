"""For machines that watch over the console."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from broadcaster.errors import BroadcasterError
from broadcaster.web.measuring import CONTENT_TYPE, measured
from broadcaster.web.visiting import Workspace

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(app: Workspace) -> Response:
    """So does the database."""
    try:
        app.store.schema_version()
    except BroadcasterError as error:
        return PlainTextResponse(f"{error.code}\n", 503)
    return PlainTextResponse("ok\n")


@router.get("/metrics")
def metrics(request: Request, app: Workspace) -> Response:
    """Figures, in Prometheus's text format; nothing of any person or text."""
    return PlainTextResponse(measured(app, request.app.state.waiting), media_type=CONTENT_TYPE)
