"""The station's table of rates, from its TOML file."""

import tomllib

from broadcaster.domain.audit.fees import Rates
from broadcaster.domain.bulletin import Kind
from broadcaster.domain.fields import Fields, row, shown
from broadcaster.errors import ConfigError, Finding, Place, Severity

_MOST = 100_000_000
"""Đồng for one piece; above it somebody has slipped."""


def rates_from(text: str, file: str) -> Rates:
    """Rates from a text such as `source = "…"` and a table `[dong]` with an amount for each kind.

    Raises:
        ConfigError: `rates.invalid` with every finding.
    """
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        finding = Finding("rates.syntax", Severity.ERROR, Place(file), {"detail": shown(error, 100)})
        raise ConfigError("rates.invalid", [finding], file=file) from error
    top = Fields(data, file)
    source = top.text("source")
    top.seen.add("dong")
    table = row(data.get("dong", {}))
    if table is None:
        top.problem("field.table", "dong", given=shown(data["dong"]), allowed=["[dong]"])
    rates = Fields(table or {}, file, "dong.", findings=top.findings)
    amounts = {kind.value: rates.whole(kind.value, 0, 0, _MOST) for kind in Kind if kind.value in rates.data}
    rates.unknown()
    top.unknown()
    if any(finding.severity is Severity.ERROR for finding in top.findings):
        raise ConfigError("rates.invalid", top.findings, file=file)
    return Rates(amounts, source)
