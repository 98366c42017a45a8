"""Numbers as people read them."""

_STEP = 1024


def in_bytes(count: int) -> str:
    """Such as `347 MB`, in units of 1024."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < _STEP:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} TB"


def counted(count: int) -> str:
    """With its thousands apart by a thin space, which every language reads."""
    return f"{count:,}".replace(",", "\u202f")


def percent(share: float) -> str:
    """A share of 1, with digits where they matter."""
    points = share * 100
    return f"{points:.0f} %" if points >= 10 or points == 0 else f"{points:.1f} %"


def one_in(rate: float) -> int:
    """The N of "1 in N", rounded to one digit: 1e-4 is 10,000, 0.0123 is 80."""
    if rate <= 0:
        raise ValueError("a rate is above 0")
    count = max(1.0, 1 / rate)
    unit = int(10 ** (len(str(int(count))) - 1))
    return round(count / unit) * unit
