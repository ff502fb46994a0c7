"""What one product looks like: its colours, and the dice its proportions are thrown with."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from shop.management.demo.colours import Colour, darker, lighter
from shop.management.demo.pen import Blend, Pen, across


@dataclass(frozen=True, slots=True)
class Look:
    """The same product always throws the same dice, whichever of its pictures is drawn."""

    main: Colour
    second: Colour
    dice: Random

    @property
    def dark(self) -> Colour:
        return darker(self.main, 0.3)

    @property
    def light(self) -> Colour:
        return lighter(self.main, 0.3)

    def between(self, low: float, high: float) -> float:
        return self.dice.uniform(low, high)

    def one_in(self, times: int) -> bool:
        return self.dice.randrange(times) == 0


@dataclass(frozen=True, slots=True)
class Motif:
    """How a family of products is drawn, about (500, 800) in units of a thousandth.

    `rests` says where: standing on a floor, hanging on a wall, or lying seen from above.
    `zoom` evens out how large motifs look beside each other; `pairs` lets two stand in
    one picture.
    """

    draw: Callable[[Pen, Look], None]
    rests: Literal["stands", "hangs", "lies"] = "stands"
    zoom: float = 1.0
    pairs: bool = True


def barrel(colour: Colour) -> Blend:
    """The light on something round, from the left."""
    return across(
        darker(colour, 0.08),
        lighter(colour, 0.24),
        lighter(colour, 0.06),
        colour,
        darker(colour, 0.14),
        darker(colour, 0.34),
    )
