"""Outlines for the demo's pictures, as rings of points in units of a thousandth of the picture."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Ring = list[Point]


def oval(
    x: float, y: float, width: float, height: float, start: float = 0, end: float = 360
) -> Ring:
    """Around (x, y) with these half axes; degrees run clockwise from three o'clock."""
    steps = max(8, int(abs(end - start) / 5))
    angles = (math.radians(start + (end - start) * n / steps) for n in range(steps + 1))
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


def box(left: float, top: float, right: float, bottom: float, corner: float = 0) -> Ring:
    """An upright rectangle, its corners rounded by `corner`."""
    return rounded([(left, top), (right, top), (right, bottom), (left, bottom)], corner)


def rounded(points: Sequence[Point], corner: float) -> Ring:
    """A polygon with each corner replaced by a curve that starts `corner` away from it.

    Short sides take a smaller corner, so the outline never crosses itself.
    """
    if corner <= 0:
        return list(points)
    ring: Ring = []
    for before, here, after in zip(
        [points[-1], *points[:-1]], points, [*points[1:], points[0]], strict=True
    ):
        start, end = _towards(here, before, corner), _towards(here, after, corner)
        ring += [_bend(start, here, end, step / 8) for step in range(9)]
    return ring


def flowing(points: Sequence[Point], *, closed: bool = True) -> Ring:
    """A smooth line through all the points (Catmull-Rom)."""
    count = len(points)
    ring: Ring = []
    for n in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(n + k) % count] for k in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(max(n + k, 0), count - 1)] for k in (-1, 0, 1, 2))
        ring += [_spline(a, b, c, d, step / 10) for step in range(10)]
    return ring if closed else [*ring, points[-1]]


def turned(profile: Sequence[Point], x: float = 500, *, corner: float | None = None) -> Ring:
    """What a lathe makes of a profile of (half width, y) from top to bottom.

    With `corner` the profile is straight between rounded corners, else it flows.
    """
    if corner is not None:
        right = [(x + half, y) for half, y in profile]
        return rounded([*right, *((2 * x - px, py) for px, py in reversed(right))], corner)
    right = flowing([(x + half, y) for half, y in profile], closed=False)
    return [*right, *((2 * x - px, py) for px, py in reversed(right))]


def turned_by(ring: Sequence[Point], degrees: float, x: float = 500, y: float = 500) -> Ring:
    """The ring rotated clockwise about (x, y)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (x + (px - x) * cos - (py - y) * sin, y + (px - x) * sin + (py - y) * cos)
        for px, py in ring
    ]


def moved(ring: Sequence[Point], right: float, down: float = 0) -> Ring:
    """The ring somewhere else."""
    return [(x + right, y + down) for x, y in ring]


def mirrored(ring: Sequence[Point], x: float = 500) -> Ring:
    """The ring as seen in a mirror that stands at x."""
    return [(2 * x - px, py) for px, py in ring]


def _towards(here: Point, there: Point, length: float) -> Point:
    gap = math.dist(here, there)
    share = min(length / gap, 0.5) if gap else 0.0
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share


def _bend(start: Point, control: Point, end: Point, at: float) -> Point:
    one, two, three = (1 - at) ** 2, 2 * at * (1 - at), at**2
    return (
        one * start[0] + two * control[0] + three * end[0],
        one * start[1] + two * control[1] + three * end[1],
    )


def _spline(a: Point, b: Point, c: Point, d: Point, at: float) -> Point:
    def along(p: float, q: float, r: float, s: float) -> float:
        return 0.5 * (
            2 * q
            + (r - p) * at
            + (2 * p - 5 * q + 4 * r - s) * at**2
            + (3 * q - p - 3 * r + s) * at**3
        )

    return along(a[0], b[0], c[0], d[0]), along(a[1], b[1], c[1], d[1])
