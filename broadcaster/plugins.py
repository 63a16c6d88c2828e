"""Extensions found through entry points. A broken one is named, and the station goes on without it."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points

from broadcaster.errors import ConfigError, PluginError
from broadcaster.ports import SpeechEngine

SPEECH_ENGINES = "broadcaster.speech_engines"


def speech_engine_points() -> Mapping[str, EntryPoint]:
    """Every installed speech engine, by name, unloaded."""
    return {point.name: point for point in entry_points(group=SPEECH_ENGINES)}


def named_engine(points: Mapping[str, EntryPoint], name: str) -> EntryPoint:
    """The engine that a person named.

    Raises:
        ConfigError: `config.engine` for a name that nothing installed answers to.
    """
    if name not in points:
        raise ConfigError("config.engine", given=name, allowed=sorted(points))
    return points[name]


def load_engine(point: EntryPoint, build: Callable[[type], SpeechEngine]) -> SpeechEngine:
    """The engine behind an entry point.

    Args:
        point: where its class is.
        build: makes the engine of its class.

    Raises:
        PluginError: `plugin.broken` for whatever goes wrong in code that is not ours.
    """
    try:
        engine = build(point.load())
    except Exception as error:  # the loader's edge: a stranger's code may raise anything
        raise PluginError("plugin.broken", name=point.name, source=point.value, detail=repr(error)) from error
    if not isinstance(engine, SpeechEngine):
        raise PluginError("plugin.not_an_engine", name=point.name, source=point.value)
    return engine
