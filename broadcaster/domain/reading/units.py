"""Units of measure and of money, single and per another: km/h, mg/l, đồng/kWh, m³/s."""

from broadcaster.domain.reading.patterns import Pattern

MONEY: dict[str, str] = {
    "đồng": "đồng", "đ": "đồng", "Đ": "đồng", "đ.": "đồng", "VNĐ": "đồng", "VND": "đồng", "vnđ": "đồng", "vnd": "đồng",
    "USD": "đô la mỹ",
    "US$": "đô la mỹ", "$": "đô la", "€": "ơ rô", "EUR": "ơ rô", "₫": "đồng", "£": "bảng", "¥": "yên",
    "tr": "triệu", "trđ": "triệu đồng", "tr.đ": "triệu đồng", "trđồng": "triệu đồng", "tr đồng": "triệu đồng",
    "Trđ": "triệu đồng", "Tr.đ": "triệu đồng", "tỷđ": "tỷ đồng", "k": "nghìn", "K": "nghìn",
}  # fmt: skip
MEASURES: dict[str, str] = {
    "km": "ki lô mét", "Km": "ki lô mét", "KM": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xen ti mét",
    "mm": "mi li mét", "µm": "mi crô mét", "μm": "mi crô mét", "hm": "héc tô mét", "dam": "đề ca mét",
    "km2": "ki lô mét vuông", "km²": "ki lô mét vuông", "Km2": "ki lô mét vuông", "m2": "mét vuông", "m²": "mét "
    "vuông",
    "cm2": "xen ti mét vuông", "cm²": "xen ti mét vuông", "mm2": "mi li mét vuông", "dm2": "đề xi mét vuông",
    "m3": "mét khối", "m³": "mét khối", "cm3": "xen ti mét khối", "cm³": "xen ti mét khối", "dm3": "đề xi mét khối",
    "km3": "ki lô mét khối", "km³": "ki lô mét khối", "Nm3": "mét khối", "ha": "héc ta", "Ha": "héc ta", "HA": "héc ta",
    "kg": "ki lô gam", "Kg": "ki lô gam", "KG": "ki lô gam", "g": "gam", "gr": "gam", "gam": "gam", "mg": "mi li gam",
    "µg": "mi crô gam", "μg": "mi crô gam", "mcg": "mi crô gam", "tấn": "tấn", "T": "tấn",
    "t/ha": "tấn trên héc ta", "hv": "học viên",
    "hs": "học sinh", "tạ": "tạ", "yến": "yến",
    "l": "lít", "L": "lít", "lít": "lít", "ml": "mi li lít", "mL": "mi li lít", "Ml": "mi li lít", "dl": "đề xi lít",
    "cl": "xen ti lít", "hl": "héc tô lít", "cc": "xê xê",
    "kW": "ki lô oát", "KW": "ki lô oát", "kw": "ki lô oát", "W": "oát", "MW": "mê ga oát", "GW": "gi ga oát",
    "kWh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "kwh": "ki lô oát giờ", "KWH": "ki lô oát giờ", "kW.h": "ki "
    "lô oát giờ",
    "Wh": "oát giờ", "MWh": "mê ga oát giờ", "GWh": "gi ga oát giờ", "kWp": "ki lô oát píc",
    "V": "vôn", "kV": "ki lô vôn",
    "KV": "ki lô vôn", "kv": "ki lô vôn", "kVA": "ki lô vôn am pe", "KVA": "ki lô vôn am pe", "MVA": "mê ga vôn "
    "am pe",
    "A": "am pe", "mA": "mi li am pe", "Ah": "am pe giờ", "mAh": "mi li am pe giờ", "Ω": "ôm", "HP": "mã lực",
    "CV": "mã lực", "Hz": "héc", "kHz": "ki lô héc", "KHz": "ki lô héc", "MHz": "mê ga héc", "Mhz": "mê ga héc",
    "GHz": "gi ga héc", "dB": "đề xi ben", "dBA": "đề xi ben a", "dB(A)": "đề xi ben a",
    "°C": "độ xê", "oC": "độ xê", "ºC": "độ xê", "0C": "độ xê", "℃": "độ xê", "°c": "độ xê", "°F": "độ ép", "°": "độ",
    "º": "độ", "độ C": "độ xê", "độ F": "độ ép", "Pa": "pát can", "hPa": "héc tô pát can",
    "kPa": "ki lô pát can", "MPa": "mê ga pát can", "mb": "mi li ba", "bar": "ba", "mmHg": "mi li mét thủy ngân",
    "kJ": "ki lô jun", "kcal": "ki lô ca lo", "Kcal": "ki lô ca lo", "cal": "ca lo",
    "kN": "ki lô niu tơn", "ppm": "phần triệu", "ppb": "phần tỷ", "rpm": "vòng một phút", "lux": "lúc",
    "GB": "gi ga bai", "Gb": "gi ga bai", "MB": "mê ga bai", "Mb": "mê ga bít", "KB": "ki lô bai", "TB": "tê ra bai",
    "Mbps": "mê ga bít trên giây", "Gbps": "gi ga bít trên giây", "kbps": "ki lô bít trên giây",
    "MP": "mê ga píc xeo", "px": "píc xeo", "inch": "inh", "IU": "đơn vị quốc tế", "UI": "đơn vị quốc tế",
    "mmol": "mi li mol", "mol": "mol", "s": "giây", "ms": "mi li giây", "h": "giờ", "ph": "phút",
    "%": "phần trăm", "‰": "phần nghìn", "°N": "độ vĩ bắc", "°E": "độ kinh đông", "hải lý": "hải lý",
}  # fmt: skip
_PER_ONLY: dict[str, str] = {
    "h": "giờ", "s": "giây", "giờ": "giờ", "giây": "giây", "phút": "phút", "ngày": "ngày", "đêm": "đêm",
    "tháng": "tháng",
    "năm": "năm", "người": "người", "hộ": "hộ", "vụ": "vụ", "sào": "sào", "mẫu": "mẫu", "công": "công", "con": "con",
    "cây": "cây", "bao": "bao", "ca": "ca", "lần": "lần", "lượt": "lượt", "bình": "bình",
    "tuần": "tuần", "quý": "quý", "lứa": "lứa", "gốc": "gốc", "khẩu": "khẩu", "trẻ": "trẻ", "bữa": "bữa",
}  # fmt: skip
_TECHNICAL = frozenset(("h", "s", "giờ", "giây", "phút"))
"""Times that a speed or a flow is measured by; whatever else is not a measure is shared out: "một người một tháng"."""
_TOKEN = Pattern(
    r"[ \u00a0\u202f]?(?:[%‰](?:/[^\W\d_]+)?(?!\w)|[$€£₫℃](?!\w)|[°ºo0]\s?[CFc](?!\w)|[°º][NE]?(?!\w)"
    r"|độ [CF](?!\w)|hải lý(?!\w)|tr đồng(?!\w)|dB\(A\)|US\$|tr\.đ(?!\w)|Tr\.đ(?!\w)|kW\.h(?!\w)"
    r"|[^\W\d_][^\W_]{0,9}(?:/[^\W_]{1,8}){0,2})"
)
_FOUND: dict[str, tuple[str, int]] = {}


def unit_at(text: str, position: int) -> tuple[str, int]:
    """The unit that stands at a position, after at most one space, and where it ends; ("", position) for none.

    A unit per another is one unit (`km/h`); of `đồng/trang` only `đồng` is the unit.
    """
    match = _TOKEN.match(text, position)
    if not match:
        return "", position
    token = match[0]
    found = _FOUND.get(token)
    if found is None:
        found = _find(token)
        if len(_FOUND) < 4096:
            _FOUND[token] = found
    unit, length = found
    end = position + length
    if not length or (text[end : end + 1].isalnum() and unit[-1].isalnum()):
        return "", position
    return unit, end


def _find(token: str) -> tuple[str, int]:
    bare = token.lstrip(" \u00a0\u202f")
    lead = len(token) - len(bare)
    folded = bare.replace(" ", "") if bare[0] in "°ºo0" else bare
    if folded in MONEY or folded in MEASURES:
        return folded, len(token)
    parts = bare.split("/")
    if parts[0] in ("đ", "Đ") and parts[1:2] in (["c"], ["C"]):
        return "", 0  # "05 đ/c" counts comrades, not money
    if parts[0] not in MONEY and parts[0] not in MEASURES:
        return "", 0
    known = [parts[0]]
    for part in parts[1:]:
        if part not in _PER_ONLY and part not in MEASURES:
            break
        known.append(part)
    unit = "/".join(known)
    return unit, lead + len(unit)


_SAID: dict[str, str] = {}


def say_unit(unit: str) -> str:
    """A unit in words, empty for what is none. Per a person, a day, a field: "một", per a measure: "trên"."""
    said = _SAID.get(unit)
    if said is None:
        said = _SAID[unit] = _say(unit)
    return said


def _say(unit: str) -> str:
    known = MONEY.get(unit) or MEASURES.get(unit)
    if known:
        return known
    head, stroke, tail = unit.partition("/")
    if not stroke:
        return _PER_ONLY.get(unit, "")
    first = MONEY.get(head) or MEASURES.get(head) or head
    shared = head in MONEY or head == "%"
    said = [first]
    for part in tail.split("/"):
        one = shared or (part in _PER_ONLY and part not in _TECHNICAL)
        said.append(f"{'một' if one else 'trên'} {_PER_ONLY.get(part) or MEASURES.get(part) or part}")
    return " ".join(said)
