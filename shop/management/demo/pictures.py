"""Draws the demo's product pictures: one motif per kind of product, no two pictures alike."""

from io import BytesIO
from random import Random

from PIL import Image

from shop.management.demo.colours import (
    BACKDROPS,
    NAMED,
    WHITE,
    Colour,
    darker,
    distance,
    lighter,
)
from shop.management.demo.motifs import MOTIFS, Look, Motif
from shop.management.demo.pen import Pen, down, slant
from shop.management.demo.shapes import Ring, box, flowing, oval

Backdrop = tuple[Colour, Colour, Colour]


def draw(
    product_key: str, kind: str, index: int = 0, *, size: int = 1280, colour: str | None = None
) -> bytes:
    """A square JPEG of `size` pixels of the product, of a motif named in MOTIFS.

    The same arguments give the same bytes (with one version of Pillow). `index` is the place
    among the product's pictures: the product stays, the light, the room and the distance
    change. `colour` is a name in colours.NAMED, for a variant; left out, the product's own.

    Raises:
        KeyError: no such motif or colour.
    """
    motif = MOTIFS[kind]
    room = Random(f"{product_key}/{index}/{colour}")
    look = _look(product_key, colour)
    backdrop = _backdrop(look.main, room)
    image = Image.new("RGB", (size, size), backdrop[0])
    _paint_room(image, motif, backdrop, room)
    for pen in _pens(image, motif, backdrop[2], room, index):
        # Afresh for each pen: the dice must fall alike in every picture of the product.
        motif.draw(pen, _look(product_key, colour))
    file = BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def _look(product_key: str, colour: str | None) -> Look:
    dice = Random(product_key)
    names = sorted(NAMED)
    own = dice.choice(names)
    main = NAMED[colour or own]
    # Far enough from the first to be seen beside it; sorted, so that the choice is stable.
    partners = [name for name in names if 60 < distance(NAMED[name], main) < 190]
    # One throw whatever the number of partners: variants differ in colour, never in shape.
    partner = partners[int(dice.random() * len(partners))]
    return Look(main, NAMED[partner], dice)


def _backdrop(main: Colour, room: Random) -> Backdrop:
    """A room the product stands out from; a dark one now and then."""
    fitting = [rest for rest in BACKDROPS if min(distance(main, tone) for tone in rest[:2]) > 40]
    dark = [rest for rest in fitting if distance(rest[0], WHITE) > 120]
    bright = [rest for rest in fitting if rest not in dark]
    if dark and (room.random() < 0.12 or not bright):
        return room.choice(dark)
    return room.choice(bright or list(BACKDROPS))


def _paint_room(image: Image.Image, motif: Motif, backdrop: Backdrop, room: Random) -> None:
    wall, shape, floor = backdrop
    pen = Pen(image, shade=darker(floor, 0.6))
    pen.fill(box(-2, -2, 1002, 1002), slant(lighter(wall, 0.22), darker(wall, 0.04)))
    style = room.randrange(4)
    horizon = room.uniform(690, 740)
    if style == 0:
        radius = room.uniform(330, 390)
        pen.fill(oval(500, 500, radius, radius), down(lighter(shape, 0.12), shape))
    elif style == 1:
        half = room.uniform(270, 320)
        arch = [(500 - half, 1002), *oval(500, 440, half, half, 180, 360), (500 + half, 1002)]
        pen.fill(arch, down(lighter(shape, 0.1), shape))
    elif style == 2:
        pen.fill(_blob(room), slant(lighter(shape, 0.16), shape))
    else:
        turn = room.uniform(-120, 120)
        pen.fill(oval(500 + turn, 330, 210, 210), slant(lighter(shape, 0.3), shape))
        hill = flowing([(-60, 620), (220, 540), (480, 610), (760, 520), (1060, 600)], closed=False)
        pen.fill([*hill, (1060, 1002), (-60, 1002)], down(shape, lighter(shape, 0.1)), alpha=0.8)
    if motif.rests == "stands":
        pen.fill(box(-2, horizon, 1002, 1002), down(darker(floor, 0.03), lighter(floor, 0.12)))


def _blob(room: Random) -> Ring:
    corners = oval(500, 510, 1, 1)[:-1:9]
    return flowing(
        [
            (500 + (x - 500) * reach, 510 + (y - 510) * reach)
            for x, y in corners
            for reach in [room.uniform(310, 430)]
        ]
    )


def _pens(image: Image.Image, motif: Motif, floor: Colour, room: Random, index: int) -> list[Pen]:
    """Where the product stands in this picture: alone, close, or as a pair."""
    shade = darker(floor, 0.62)
    standing = motif.rests == "stands"
    if index % 3 == 1:
        zoom, right = room.uniform(1.45, 1.6), room.uniform(-60, 60)
        return [Pen(image, shade=shade, zoom=zoom, right=right, down=130 if standing else 160)]
    if index % 3 == 2 and standing and motif.pairs:
        gap = room.uniform(205, 235)
        return [
            Pen(image, shade=shade, zoom=0.74, right=gap, down=-10),
            Pen(image, shade=shade, zoom=0.9, right=-gap * 0.75, down=70),
        ]
    zoom = room.uniform(1.12, 1.22) * motif.zoom
    # What lies or hangs is drawn about the middle, and grows about its foot: put it back.
    down_by = 70 if standing else 300 * (zoom - 1)
    return [Pen(image, shade=shade, zoom=zoom, down=down_by)]
