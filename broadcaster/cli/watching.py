"""Watching the solver: how far it is on stderr, and Ctrl-C that ends the search instead of the command."""

import signal
from types import FrameType
from typing import TYPE_CHECKING, Self

import click

from broadcaster.showing import share

if TYPE_CHECKING:
    from broadcaster.cli.console import Console
    from broadcaster.domain.planning.model import Progress


class Watch:
    """A context in which Ctrl-C asks the solver to stop; called with its progress, False says stop.

    A second Ctrl-C ends the command as usual. The line is shown where somebody watches: on a terminal, not in JSON.
    """

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._shown = not console.json and click.get_text_stream("stderr").isatty()
        self._width = 0
        self.stopped = False

    def __enter__(self) -> Self:
        self._usual = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._usual)
        if self._width:
            click.echo(err=True)
        if self.stopped:
            click.echo(self._console.say("plan.stopped"), err=True)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopped = True
        signal.signal(signal.SIGINT, self._usual)

    def __call__(self, progress: "Progress") -> bool:
        """Show how far the search is; whether it is to go on."""
        if self._shown:
            gap = share(progress.gap, self._console.language, 2)
            line = self._console.say("plan.progress", value=round(progress.value, 1), gap=gap)
            click.echo("\r" + line.ljust(self._width), nl=False, err=True)
            self._width = len(line)
        return not self.stopped
