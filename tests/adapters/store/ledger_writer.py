"""A process of its own that appends to a ledger, for tests that run several of them or kill one.

`python -m tests.adapters.store.ledger_writer DATABASE NODE FIRST BATCHES SIZE [PAUSE]` says `ready`, waits for a line,
appends batches and says how many rows were new after each. With PAUSE it stops dead at the first commit, says so, and
waits to be killed: `before` it, when the rows are in and the sums are not; when the `sums` are in, too; or `after` it.
"""

import sys
import threading
from typing import Any

from sqlalchemy import event

from broadcaster.adapters.store.sql import open_store
from tests.suites.store_values import an_as_run


def main(database: str, node: str, first: int, batches: int, size: int, pause: str) -> None:
    store = open_store(database)

    def stop_dead(*_: Any) -> None:
        sys.stdout.write(f"{pause}\n")
        sys.stdout.flush()
        threading.Event().wait()

    written = {"before": "INSERT INTO as_run ", "sums": "INSERT INTO airtime_month "}.get(pause)
    if written:  # and nothing is committed

        @event.listens_for(store._engine, "after_cursor_execute")
        def executed(_c: Any, _k: Any, statement: str, *_: Any) -> None:
            if statement.startswith(str(written)):
                stop_dead()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for batch in range(batches):
        rows = [an_as_run(first + n, node) for n in range(batch * size, (batch + 1) * size)]
        sys.stdout.write(f"{store.append_as_run(rows)}\n")
        sys.stdout.flush()
        if pause == "after":
            stop_dead()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), (*sys.argv[6:], "")[0])
