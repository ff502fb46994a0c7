"""Draws shapes with smooth edges, gradients and soft shadows on a Pillow image."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from shop.management.demo.colours import Colour, mix
from shop.management.demo.shapes import Ring, oval

Box = tuple[int, int, int, int]

# Pillow draws polygons with hard edges. Each mask is drawn this many times larger and shrunk.
FINER = 3
# Shadows are blurred small and stretched: the eye cannot tell, and it is fifty times faster.
COARSER = 8


@dataclass(frozen=True, slots=True)
class Blend:
    """Colours that run into each other over the shape they fill, evenly spaced."""

    colours: tuple[Colour, ...]
    way: Literal["across", "down", "slant"]

    def image(self, size: tuple[int, int]) -> Image.Image:
        count = len(self.colours)
        if self.way == "slant":
            first, last = self.colours[0], self.colours[-1]
            half = mix(first, last, 0.5)
            small = Image.new("RGB", (2, 2))
            small.putdata([first, half, half, last])
            box = (0.5, 0.5, 1.5, 1.5)
        elif self.way == "across":
            small = Image.new("RGB", (count, 1))
            small.putdata(self.colours)
            box = (0.5, 0, count - 0.5, 1)
        else:
            small = Image.new("RGB", (1, count))
            small.putdata(self.colours)
            box = (0, 0.5, 1, count - 0.5)
        return small.resize(size, Image.Resampling.BILINEAR, box=box)


Paint = Colour | Blend


def across(*colours: Colour) -> Blend:
    """From left to right."""
    return Blend(colours, "across")


def down(*colours: Colour) -> Blend:
    """From top to bottom."""
    return Blend(colours, "down")


def slant(first: Colour, last: Colour) -> Blend:
    """From the upper left corner to the lower right one."""
    return Blend((first, last), "slant")


class Pen:
    """Draws in units of a thousandth of the picture, wherever the drawing stands on it.

    The drawing is enlarged by `zoom` about the middle of its foot (500, 800) and then moved.
    """

    def __init__(
        self,
        image: Image.Image,
        *,
        shade: Colour,
        zoom: float = 1.0,
        right: float = 0.0,
        down: float = 0.0,
    ) -> None:
        self.image = image
        self.shade = shade
        self._scale = image.width / 1000 * zoom
        self._left = (500 + right - 500 * zoom) * image.width / 1000
        self._top = (800 + down - 800 * zoom) * image.width / 1000
        self._clip: Image.Image | None = None

    def fill(
        self,
        ring: Ring,
        paint: Paint,
        *,
        holes: Sequence[Ring] = (),
        alpha: float = 1.0,
    ) -> None:
        """Colour the inside of the ring without the holes; `alpha` 0..1 lets the ground through."""
        box = self._box(ring)
        if box is None:
            return
        mask, brush = self._fine(box)
        brush.polygon(self._pixels(ring, box, FINER), fill=255)
        for hole in holes:
            brush.polygon(self._pixels(hole, box, FINER), fill=0)
        self._lay(paint, mask.reduce(FINER), box, alpha)

    def stroke(self, line: Ring, width: float, paint: Paint, *, alpha: float = 1.0) -> None:
        """Draw along the line with round ends; `width` in units."""
        box = self._box(line, width / 2 + 2)
        if box is None:
            return
        mask, brush = self._fine(box)
        flat = self._pixels(line, box, FINER)
        thick = width * self._scale * FINER
        brush.line(flat, fill=255, width=max(1, round(thick)), joint="curve")
        radius = thick / 2
        for x, y in ((flat[0], flat[1]), (flat[-2], flat[-1])):
            brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self._lay(paint, mask.reduce(FINER), box, alpha)

    def soft(self, ring: Ring, blur: float, colour: Colour, alpha: float) -> None:
        """A shape without edges: a shadow or a glow, `blur` units wide."""
        box = self._box(ring, blur * 2.5)
        if box is None:
            return
        small = (max(1, (box[2] - box[0]) // COARSER), max(1, (box[3] - box[1]) // COARSER))
        mask = Image.new("L", small)
        ImageDraw.Draw(mask).polygon(self._pixels(ring, box, 1 / COARSER), fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(blur * self._scale / COARSER))
        size = (box[2] - box[0], box[3] - box[1])
        self._lay(colour, mask.resize(size, Image.Resampling.BICUBIC), box, alpha)

    def ground(self, x: float, y: float, half: float, *, depth: float = 0.1) -> None:
        """The shadow where something stands: dark at the foot, fading to the right."""
        self.soft(oval(x + half * 0.35, y, half * 1.25, half * depth * 1.6), 22, self.shade, 0.34)
        self.soft(oval(x, y, half * 0.98, half * depth * 0.7), 9, self.shade, 0.5)

    def drop(self, ring: Ring, *, by: float = 22) -> None:
        """The shadow of something that lies or hangs close to the ground behind it."""
        self.soft([(x + by, y + by * 1.3) for x, y in ring], by, self.shade, 0.42)

    @contextmanager
    def inside(self, ring: Ring) -> Iterator[None]:
        """What is drawn meanwhile shows only inside the ring."""
        outer, box = self._clip, self._box(ring)
        mask = Image.new("L", self.image.size)
        if box is not None:
            fine, brush = self._fine(box)
            brush.polygon(self._pixels(ring, box, FINER), fill=255)
            mask.paste(fine.reduce(FINER), box[:2])
        self._clip = mask if outer is None else ImageChops.multiply(mask, outer)
        try:
            yield
        finally:
            self._clip = outer

    def _lay(self, paint: Paint, mask: Image.Image, box: Box, alpha: float) -> None:
        if self._clip is not None:
            mask = ImageChops.multiply(mask, self._clip.crop(box))
        if alpha < 1:
            mask = mask.point([round(level * alpha) for level in range(256)])
        if isinstance(paint, Blend):
            self.image.paste(paint.image(mask.size), box, mask)
        else:
            self.image.paste(paint, box, mask)

    def _fine(self, box: Box) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", ((box[2] - box[0]) * FINER, (box[3] - box[1]) * FINER))
        return mask, ImageDraw.Draw(mask)

    def _box(self, ring: Ring, margin: float = 1.0) -> Box | None:
        """The pixels the ring can touch; None when it lies outside the picture."""
        xs = [x for x, _ in ring]
        ys = [y for _, y in ring]
        left = int((min(xs) - margin) * self._scale + self._left)
        top = int((min(ys) - margin) * self._scale + self._top)
        right = int((max(xs) + margin) * self._scale + self._left) + 1
        bottom = int((max(ys) + margin) * self._scale + self._top) + 1
        width, height = self.image.size
        box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
        return box if box[0] < box[2] and box[1] < box[3] else None

    def _pixels(self, ring: Ring, box: Box, finer: float) -> list[float]:
        return list(
            chain.from_iterable(
                (
                    (x * self._scale + self._left - box[0]) * finer,
                    (y * self._scale + self._top - box[1]) * finer,
                )
                for x, y in ring
            )
        )
