"""Numbers in words: cardinals to 10^18, decimals, digits one by one, days, months, ordinals.

The rules are those of the school book: mười and mươi, mốt after mươi, lăm after mười and mươi, tư after mươi,
linh (or lẻ) for a zero in the tens, "không trăm" inside a longer number.
"""

from functools import lru_cache

from broadcaster.domain.reading.profile import Profile

_UNITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
_LARGEST = 10**18


class Numbers:
    """The words for numbers under one profile. Remembers what it has said: bulletins repeat themselves."""

    __slots__ = ("_cardinals", "_profile", "_units")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._units = tuple(profile.seven if word == "bảy" else word for word in _UNITS)
        self._cardinals: dict[int, str] = {}

    def cardinal(self, number: int) -> str:
        """The number in words. From 10^18 on, digit by digit."""
        said = self._cardinals.get(number)
        if said is None:
            said = self._say(number)
            if len(self._cardinals) < 4096:
                self._cardinals[number] = said
        return said

    def digits(self, text: str) -> str:
        """Each digit by itself; everything that is not a digit 0 to 9 is passed over."""
        return " ".join(self._units[ord(char) - 48] for char in text if "0" <= char <= "9")

    def grouped(self, groups: list[str]) -> str:
        """Digits one by one with a breath between groups, as a telephone number is dictated."""
        return ", ".join(self.digits(group) for group in groups if group)

    def decimal(self, whole: str, fraction: str) -> str:
        """A decimal: the fraction as a number when it has at most three digits and no leading zero."""
        said = self.cardinal(int(whole))
        if not fraction:
            return said
        spelled = fraction[0] == "0" or len(fraction) > 3
        tail = self.digits(fraction) if spelled else self.cardinal(int(fraction))
        return f"{said} phẩy {tail}"

    def day(self, day: int, *, early: bool = True) -> str:
        """A day of the month; days 1 to 10 carry the profile's mùng."""
        said = self.cardinal(day)
        return f"{self._profile.early} {said}" if early and day <= 10 and self._profile.early else said

    def month(self, month: int) -> str:
        """A month's number after "tháng": four is tư everywhere."""
        return "tư" if month == 4 else self.cardinal(month)

    def ordinal(self, number: int) -> str:
        """A number after "thứ": nhất, hai, ba, tư."""
        if number == 1:
            return "nhất"
        return "tư" if number == 4 else self.cardinal(number)

    def denominator(self, number: int) -> str:
        """The lower part of a fraction after "phần"."""
        return "tư" if number == 4 else self.cardinal(number)

    def _say(self, number: int) -> str:
        if number >= _LARGEST:
            return self.digits(str(number))
        if number >= 10**9:
            billions, rest = divmod(number, 10**9)
            head = f"{self.cardinal(billions)} tỷ"
            return f"{head} {self._below_billion(rest, inner=True)}" if rest else head
        return self._below_billion(number, inner=False)

    def _below_billion(self, number: int, *, inner: bool) -> str:
        if number == 0:
            return self._units[0]
        words: list[str] = []
        for power in (2, 1, 0):
            group = number // 1000**power % 1000
            if not group:
                # "Một triệu năm trăm" is heard as 1,5 million: the empty thousands are said before bare hundreds.
                if power == 1 and number % 1000 >= 100 and (words or inner):
                    words += [self._units[0], self._profile.thousand]
                continue
            scale = self._profile.thousand if power == 1 else _SCALES[power]
            # A group inside a longer number says its empty hundreds, or "1.050" would sound like 1,50.
            words.append(self._group(group, padded=bool(words) or (inner and group < 100)))
            if scale:
                words.append(scale)
        return " ".join(words)

    def _group(self, number: int, *, padded: bool) -> str:
        hundreds, rest = divmod(number, 100)
        tens, units = divmod(rest, 10)
        words: list[str] = []
        if hundreds or padded:
            words += [self._units[hundreds], "trăm"]
        if tens == 0:
            if units:
                words += [self._profile.odd, self._units[units]] if words else [self._units[units]]
            return " ".join(words)
        words += ["mười"] if tens == 1 else [self._units[tens], "mươi"]
        if units == 1 and tens > 1:
            words.append("mốt")
        elif units == 4 and tens > 1:
            words.append(self._profile.four)
        elif units == 5:
            words.append("lăm")
        elif units:
            words.append(self._units[units])
        return " ".join(words)


@lru_cache(maxsize=16)
def numbers_for(profile: Profile) -> Numbers:
    """The one `Numbers` of a profile."""
    return Numbers(profile)


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_ROWS = (
    ("M", "MM", "MMM"),
    ("C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"),
    ("X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"),
    ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
)


def roman_value(text: str) -> int:
    """The value of a well-formed Roman numeral, 0 for anything else. `IIII` and `IC` are not well formed."""
    if not text or any(char not in _ROMAN for char in text):
        return 0
    value, rest = 0, text
    for power, row in zip((1000, 100, 10, 1), _ROMAN_ROWS, strict=True):
        for digit in range(len(row), 0, -1):
            if rest.startswith(row[digit - 1]):
                value += digit * power
                rest = rest[len(row[digit - 1]) :]
                break
    return 0 if rest else value
