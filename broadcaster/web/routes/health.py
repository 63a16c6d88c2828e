"""For machines that watch over the console."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from broadcaster.errors import BroadcasterError
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
def metrics(app: Workspace) -> Response:
    """Counts, in Prometheus's text format; nothing of any person or text."""
    counts: dict[str, int] = {}
    for status, _ in app.approving.standings(app.store.bulletins()).values():
        counts[status.value] = counts.get(status.value, 0) + 1
    lines = ["# TYPE broadcaster_bulletins gauge"]
    lines += [f'broadcaster_bulletins{{status="{status}"}} {count}' for status, count in sorted(counts.items())]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
