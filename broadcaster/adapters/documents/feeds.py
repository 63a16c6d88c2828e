"""Playlists and calendars of rundowns: M3U8, XSPF, JSON, CSV, iCalendar. Plain functions from values to text."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.units import plain

NO_NAMES: Mapping[str, str] = {}
XSPF = "http://xspf.org/ns/0/"


def _title(item: RundownItem, titles: Mapping[str, str]) -> str:
    """One line of signs that can be seen: what else an old row may hold would break a playlist, XML or a table."""
    raw = titles.get(item.bulletin) or item.relay or item.kind.value
    return " ".join("".join(c for c in raw if c.isprintable() or c.isspace()).split())


def m3u8(rundown: Rundown, titles: Mapping[str, str], files: Callable[[str], Path | None]) -> str:
    """An extended M3U playlist in UTF-8; items without a file stand in it as comments."""
    lines = ["#EXTM3U", f"#PLAYLIST:{rundown.code}"]
    for item in rundown.items:
        path = files(item.master) if item.master else None
        if path is None:
            # Without an #EXTINF of its own: a player would give that to the next file.
            lines.append(f"# {item.kind.value}: {_title(item, titles)}")
        else:
            lines.append(f"#EXTINF:{-(-item.duration_ms // 1000)},{_title(item, titles)}")
            lines.append(path.resolve().as_posix())
    return "\n".join(lines) + "\n"


def xspf(rundown: Rundown, titles: Mapping[str, str], files: Callable[[str], Path | None]) -> str:
    """An XSPF playlist, version 1."""
    ET.register_namespace("", XSPF)
    root = ET.Element(f"{{{XSPF}}}playlist", {"version": "1"})
    ET.SubElement(root, f"{{{XSPF}}}title").text = rundown.code
    tracks = ET.SubElement(root, f"{{{XSPF}}}trackList")
    for item in rundown.items:
        track = ET.SubElement(tracks, f"{{{XSPF}}}track")
        path = files(item.master) if item.master else None
        if path:
            ET.SubElement(track, f"{{{XSPF}}}location").text = path.resolve().as_uri()
        ET.SubElement(track, f"{{{XSPF}}}identifier").text = (
            f"urn:sha256:{item.master}" if item.master else f"urn:item:{item.id}"
        )
        ET.SubElement(track, f"{{{XSPF}}}title").text = _title(item, titles)
        ET.SubElement(track, f"{{{XSPF}}}duration").text = str(item.duration_ms)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def as_json(rundowns: Sequence[Rundown]) -> str:
    """Every rundown with its hash."""
    listed = [{**plain(rundown), "hash": rundown.hash} for rundown in rundowns]
    return json.dumps(listed, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def as_csv(rundowns: Sequence[Rundown], titles: Mapping[str, str], local: Callable[[datetime], datetime]) -> str:
    """One line an item; times in the station's zone. With a byte-order mark, so that Excel reads the accents."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["ngay", "buoi", "vung", "bat_dau", "giay", "loai", "ban_tin", "tieu_de", "chu_de", "ban_phat"])
    for rundown in rundowns:
        for item in rundown.items:
            title = _title(item, titles)
            # A cell that begins like a formula would be run by a spreadsheet.
            safe = f"'{title}" if title[:1] in "=+-@" else title
            writer.writerow(
                [
                    rundown.day.isoformat(),
                    rundown.session,
                    rundown.zone,
                    local(item.start).strftime("%H:%M:%S"),
                    -(-item.duration_ms // 1000),
                    item.kind.value,
                    item.bulletin,
                    safe,
                    item.topic,
                    item.master,
                ]
            )
    return "\ufeff" + buffer.getvalue()


def ics(rundowns: Sequence[Rundown], titles: Mapping[str, str], name: str, places: Mapping[str, str] = NO_NAMES) -> str:
    """An iCalendar of what is aired: one event a bulletin, where it is heard by the name of its zone.

    The stamp is the start, so that the same plan gives the same file.
    """
    from icalendar import Calendar, Event, vText

    calendar = Calendar()
    calendar.add("prodid", "-//broadcaster//VI")
    calendar.add("version", "2.0")
    calendar["x-wr-calname"] = vText(name)  # the library does not know it for a text, and would escape nothing
    for rundown in rundowns:
        for item in rundown.items:
            if item.kind is not ItemKind.BULLETIN:
                continue
            event = Event()
            event.add("uid", f"{item.id}@broadcaster")
            event.add("dtstamp", item.start)
            event.add("dtstart", item.start)
            event.add("dtend", item.start + timedelta(milliseconds=item.duration_ms))
            event.add("summary", _title(item, titles))
            event.add("location", places.get(rundown.zone, rundown.zone))
            calendar.add_component(event)
    text: str = calendar.to_ical().decode("utf-8")
    return text
