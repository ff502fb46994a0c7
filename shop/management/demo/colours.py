"""Colours of the demo's pictures: names a shopper reads, and what they look like."""

from collections.abc import Mapping
from typing import Final

Colour = tuple[int, int, int]

WHITE: Final[Colour] = (255, 253, 249)
INK: Final[Colour] = (38, 34, 48)
WARM: Final[Colour] = (255, 214, 140)
OAK: Final[Colour] = (201, 153, 104)
STEEL: Final[Colour] = (190, 196, 203)
BRASS: Final[Colour] = (205, 163, 88)
LEAF: Final[Colour] = (92, 138, 98)


def hexed(text: str) -> Colour:
    """'#c96442' as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


NAMED: Final[Mapping[str, Colour]] = {
    name: hexed(code)
    for name, code in {
        "Amber": "#d9922e",
        "Ash": "#b9b2a7",
        "Blush": "#e3a79b",
        "Brick": "#a94f3c",
        "Charcoal": "#46474f",
        "Clay": "#c27a57",
        "Cream": "#efe3cb",
        "Fern": "#6f9a62",
        "Fjord": "#3f6f8c",
        "Forest": "#2f5d4c",
        "Heather": "#9585ab",
        "Ink": "#2f3a56",
        "Mist": "#a9bcc4",
        "Moss": "#7c8750",
        "Mustard": "#d6a43a",
        "Oak": "#c8995f",
        "Oat": "#dcc7a2",
        "Ochre": "#c98a3a",
        "Petrol": "#23616b",
        "Plum": "#7a4560",
        "Rust": "#b85c38",
        "Sage": "#9db194",
        "Sand": "#d8bd94",
        "Sky": "#85b3cc",
        "Slate": "#66727f",
        "Snow": "#f2efe8",
        "Steel": "#aeb6be",
        "Teal": "#3a8a86",
        "Walnut": "#7b5339",
    }.items()
}

# Wall, the shape behind the product, and the floor. Calm, so that the product is the loudest thing.
BACKDROPS: Final[tuple[tuple[Colour, Colour, Colour], ...]] = tuple(
    (hexed(wall), hexed(shape), hexed(floor))
    for wall, shape, floor in (
        ("#f4e6d4", "#ebcfb0", "#e5c39e"),
        ("#f6ded3", "#eebfac", "#e6b09b"),
        ("#dfe9e2", "#bdd3c4", "#aac5b4"),
        ("#dbe8ee", "#b5d0dc", "#a2c1cf"),
        ("#e7e0ee", "#cdbfdc", "#bfafd0"),
        ("#f5ecc9", "#ebd78f", "#e1ca7c"),
        ("#e9e6df", "#d3cdc0", "#c7bfaf"),
        ("#cfdcd8", "#9fbab4", "#8fada6"),
        ("#f1d9c0", "#e0a97c", "#d3986a"),
        ("#d5dae8", "#a9b5d1", "#98a5c4"),
        ("#f3dfe2", "#e2b6bd", "#d6a5ae"),
        ("#31505a", "#3f6772", "#27424b"),
        ("#4a4158", "#5f5470", "#3c3449"),
        ("#3d5246", "#516b5c", "#32443a"),
    )
)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` (0..1) of the second in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.25) -> Colour:
    """Towards a warm white."""
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Towards ink rather than black, so that shades stay in the palette."""
    return mix(colour, INK, share)


def distance(first: Colour, second: Colour) -> float:
    """How far apart two colours look: weighted for the eye, about 0..255."""
    red, green, blue = (a - b for a, b in zip(first, second, strict=True))
    return float((0.3 * red * red + 0.59 * green * green + 0.11 * blue * blue) ** 0.5)
