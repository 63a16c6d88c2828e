"""`broadcaster serve`: the operator's console in a browser."""

import gc
from importlib import import_module

import click

from broadcaster.cli.console import Console, common
from broadcaster.errors import ConfigError


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Địa chỉ; 0.0.0.0 để điện thoại cùng mạng vào được."
)
@click.option("--port", default=8080, type=click.IntRange(1, 65535), show_default=True, help="Cổng / port.")
@common
def serve(console: Console, host: str, port: int) -> None:
    """Mở trang điều hành cho máy này, hoặc cả mạng với --host 0.0.0.0 / Serve the console."""
    gc.disable()  # thousands of classes are made: looking for garbage among them takes a sixth of the start
    try:
        # By name: entry points are blind to one another, and a station without the console need not have its packages.
        web = import_module("broadcaster.web.serving")
    except ModuleNotFoundError as error:
        raise ConfigError("serve.missing", detail=error.name) from error
    finally:
        gc.enable()
    web.serve(console.app(), host, port, lambda code, **facts: click.echo(console.say(code, **facts)))
