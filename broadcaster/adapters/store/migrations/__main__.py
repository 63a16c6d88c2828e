"""Draft the next migration: `python -m broadcaster.adapters.store.migrations "what changes"`. Read what it wrote."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from broadcaster.adapters.store.database import engine_for, url_of, writer
from broadcaster.adapters.store.schema import MIGRATIONS, REVISIONS, config, ready


def draft(message: str, folder: Path = MIGRATIONS) -> Path:
    """Write a revision with the difference between the models and a database at `HEAD`; its file.

    Args:
        message: what changes, in a few words.
        folder: the folder of migrations, the package's own unless told otherwise.
    """
    from alembic import command
    from alembic.script import Script

    revision = f"{int(REVISIONS[-1]) + 1:04}"
    with TemporaryDirectory() as scratch:
        engine = engine_for(url_of(Path(scratch) / "head.db"))
        try:
            ready(engine)
            with writer(engine).begin() as connection:
                settings = config(connection, folder)
                settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
                made = command.revision(settings, message, autogenerate=True, rev_id=revision)
        finally:
            engine.dispose()
    if not isinstance(made, Script):
        raise TypeError(made)
    return Path(made.path)


if __name__ == "__main__":
    sys.stdout.write(f"{draft(sys.argv[1])}\n")
