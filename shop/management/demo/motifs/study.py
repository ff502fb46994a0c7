"""Things for the desk."""

from collections.abc import Callable

from shop.management.demo.colours import BRASS, INK, OAK, STEEL, WHITE, Colour, darker, lighter, mix
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, down, slant
from shop.management.demo.shapes import Ring, box, flowing, moved, oval, rounded, turned_by

# Puts a ring where the notebook lies.
Laying = Callable[[Ring], Ring]


def notebook(pen: Pen, look: Look) -> None:
    half, tall = look.between(170, 205), look.between(480, 540)
    top, angle = 500 - tall / 2, look.between(-14, 14)

    def laid(ring: Ring) -> Ring:
        return turned_by(ring, angle)

    cover = laid(box(500 - half, top, 500 + half, top + tall, 18))
    pages = laid(box(500 - half + 10, top + 10, 500 + half + 12, top + tall + 10, 10))
    pen.drop(cover, by=26)
    pen.fill(laid(box(500 - half + 6, top + 8, 500 + half + 4, top + tall + 18, 16)), look.dark)
    pen.fill(pages, (246, 240, 226))
    for n in range(2):
        edge = laid(
            [(500 - half + 20, top + tall + 3 + n * 4), (500 + half + 6, top + tall + 3 + n * 4)]
        )
        pen.stroke(edge, 1.6, darker(OAK, 0.1), alpha=0.5)
    pen.fill(cover, slant(look.light, darker(look.main, 0.15)))
    style = look.dice.randrange(4)
    with pen.inside(cover):
        cover_print(pen, look, style, half, top, tall, laid)
        pen.fill(laid(box(500 - half, 0, 500 - half + 46, 1000)), INK, alpha=0.16)
    if style == 3:
        notebook_label(pen, look, half, top, tall, laid)
    band = laid(box(500 + half * 0.66, top - 1, 500 + half * 0.74, top + tall + 1))
    pen.fill(band, darker(look.second, 0.25))
    ribbon = laid([(500 - half * 0.3, top + tall + 8), (500 - half * 0.3 + 14, top + tall + 78)])
    pen.stroke(ribbon, 13, look.second)


def cover_print(
    pen: Pen, look: Look, style: int, half: float, top: float, tall: float, laid: Laying
) -> None:
    if style == 0:
        pen.fill(laid(box(0, top + tall * 0.62, 1000, 900)), look.second, alpha=0.9)
    elif style == 1:
        for n in range(4):
            ring = laid(oval(500 + half * 0.35, top + tall * 0.7, 60 + n * 55, 60 + n * 55))
            pen.stroke(ring, 18, look.second, alpha=0.75)
    elif style == 2:
        for n in range(3):
            y = top + tall * (0.5 + n * 0.16)
            hill = flowing(
                [
                    (200, y + 30),
                    (360, y - 40 + n * 26),
                    (520, y + 24),
                    (660, y - 24),
                    (820, y + 30),
                ],
                closed=False,
            )
            pen.fill(laid([*hill, (820, 900), (200, 900)]), mix(look.second, look.dark, n * 0.4))


def notebook_label(
    pen: Pen, look: Look, half: float, top: float, tall: float, laid: Laying
) -> None:
    label = laid(box(500 - half * 0.45, top + tall * 0.22, 500 + half * 0.6, top + tall * 0.42, 8))
    pen.fill(label, lighter(look.second, 0.75))
    for n in range(3):
        y = top + tall * (0.27 + n * 0.05)
        pen.stroke(
            laid([(500 - half * 0.3, y), (500 + half * (0.45 - n * 0.12), y)]),
            4,
            darker(look.second, 0.2),
        )


def pens(pen: Pen, look: Look) -> None:
    fanned(pen, look, fountain_pen)


def pencils(pen: Pen, look: Look) -> None:
    fanned(pen, look, pencil)


def fanned(pen: Pen, look: Look, one: Callable[[Pen, float, float, Colour], None]) -> None:
    """Two to four of them, spread like a hand of cards."""
    count = look.dice.randrange(2, 5)
    fan = look.between(11, 17)
    tones = (look.main, look.second, lighter(look.main, 0.35), darker(look.second, 0.3))
    for n, tone in enumerate(tones[:count]):
        one(pen, moved_in(n, count), 28 + (n - (count - 1) / 2) * fan, tone)


def moved_in(n: int, count: int) -> float:
    return (n - (count - 1) / 2) * 115


def pencil(pen: Pen, right: float, angle: float, tone: Colour) -> None:
    def laid(ring: Ring) -> Ring:
        return turned_by(moved(ring, right), angle, 500 + right * 0.4, 520)

    whole = laid([(472, 210), (528, 210), (528, 740), (500, 830), (472, 740)])
    pen.drop(whole, by=18)
    pen.fill(laid([(472, 736), (528, 736), (500, 830)]), across(lighter(OAK, 0.4), OAK))
    pen.fill(laid([(491, 800), (509, 800), (500, 830)]), INK)
    pen.fill(laid(box(472, 250, 528, 742)), tone)
    pen.fill(laid(box(472, 250, 490, 742)), lighter(tone, 0.3))
    pen.fill(laid(box(511, 250, 528, 742)), darker(tone, 0.3))
    pen.fill(laid(box(472, 228, 528, 262)), across(lighter(BRASS, 0.2), darker(BRASS, 0.3)))
    pen.fill(laid(box(474, 186, 526, 232, 14)), (222, 142, 130))


def fountain_pen(pen: Pen, right: float, angle: float, tone: Colour) -> None:
    def laid(ring: Ring) -> Ring:
        return turned_by(moved(ring, right), angle, 500 + right * 0.4, 520)

    barrel_ring = laid(
        rounded([(470, 190), (530, 190), (530, 640), (518, 710), (482, 710), (470, 640)], 22)
    )
    pen.drop(barrel_ring, by=18)
    nib = laid([(480, 706), (520, 706), (516, 760), (500, 830), (484, 760)])
    pen.fill(nib, slant(lighter(BRASS, 0.4), darker(BRASS, 0.2)))
    pen.stroke(laid([(500, 750), (500, 822)]), 3, INK, alpha=0.6)
    pen.fill(laid(oval(500, 748, 5, 5)), INK, alpha=0.7)
    pen.fill(barrel_ring, across(lighter(tone, 0.25), tone, darker(tone, 0.35)))
    with pen.inside(barrel_ring):
        pen.fill(laid(box(460, 400, 540, 418)), BRASS)
        pen.fill(laid(box(460, 640, 540, 740)), darker(tone, 0.5))
        pen.fill(laid(box(481, 190, 489, 640)), WHITE, alpha=0.3)
    pen.fill(laid(box(519, 236, 541, 400, 10)), across(lighter(BRASS, 0.3), darker(BRASS, 0.3)))


def organiser(pen: Pen, look: Look) -> None:
    half, tall = look.between(120, 155), look.between(210, 270)
    top = 800 - tall
    pen.ground(500, 798, half)
    for n in range(look.dice.randrange(4, 7)):
        stick(pen, look, n, half, top)
    cup = box(500 - half, top, 500 + half, 800, 22)
    pen.fill(cup, barrel(look.main))
    with pen.inside(cup):
        cup_pattern(pen, look, half, top, tall)
        pen.fill(box(0, top, 1000, top + 14), WHITE, alpha=0.2)


def stick(pen: Pen, look: Look, n: int, half: float, top: float) -> None:
    x = 500 - half * 0.7 + n * half * 0.28
    length, lean = look.between(120, 230), (n - 2.5) * 5
    tone = (look.second, OAK, lighter(look.main, 0.4), darker(look.second, 0.3), BRASS, STEEL)[n]
    shaft = turned_by(box(x - 14, top - length, x + 14, top + 60), lean, x, top)
    pen.fill(shaft, across(lighter(tone, 0.25), darker(tone, 0.2)))
    if n % 2:
        tip = turned_by(
            [(x - 14, top - length), (x + 14, top - length), (x, top - length - 44)],
            lean,
            x,
            top,
        )
        pen.fill(tip, lighter(OAK, 0.35))
        point = turned_by(
            [(x - 5, top - length - 28), (x + 5, top - length - 28), (x, top - length - 44)],
            lean,
            x,
            top,
        )
        pen.fill(point, darker(tone, 0.3))
    else:
        pen.fill(
            turned_by(box(x - 15, top - length - 26, x + 15, top - length + 4, 10), lean, x, top),
            darker(tone, 0.25),
        )


def cup_pattern(pen: Pen, look: Look, half: float, top: float, tall: float) -> None:
    style = look.dice.randrange(3)
    for n in range(-6, 7):
        x = 500 + n * half / 6
        if style == 0:
            pen.fill(box(x - 5, top + 40, x + 5, 770, 5), look.dark, alpha=0.5)
        elif style == 1:
            for row in range(4):
                pen.fill(
                    oval(x + row % 2 * half / 12, top + 60 + row * 46, 8, 8),
                    look.second,
                    alpha=0.85,
                )
    if style == 2:
        pen.fill(box(0, top + tall * 0.5, 1000, 810), barrel(look.second))


def tray(pen: Pen, look: Look) -> None:
    half, deep = look.between(260, 300), look.between(190, 230)
    wood = mix(OAK, look.main, 0.6)
    outer = box(500 - half, 500 - deep, 500 + half, 500 + deep, 44)
    pen.drop(outer, by=26)
    pen.fill(outer, slant(lighter(wood, 0.25), darker(wood, 0.25)))
    inner = box(500 - half + 24, 500 - deep + 24, 500 + half - 24, 500 + deep - 24, 28)
    pen.fill(inner, slant(darker(wood, 0.3), wood))
    with pen.inside(inner):
        pen.soft(
            box(500 - half - 80, 500 - deep - 80, 500 + half, 500 - deep + 40),
            20,
            darker(wood, 0.6),
            0.5,
        )
        split = look.between(500 - half * 0.1, 500 + half * 0.25)
        pen.fill(box(split - 9, 200, split + 9, 800), lighter(wood, 0.12))
        pen.fill(box(split, 494, 900, 512), lighter(wood, 0.12))
    left = 500 - half + 60
    for n in range(2):
        tone = look.second if n else lighter(look.main, 0.3)
        card = turned_by(
            box(left, 430 - n * 60, split - 44, 640 - n * 40, 10), -5 + n * 9, left + 90, 520
        )
        pen.drop(card, by=8)
        pen.fill(card, slant(lighter(tone, 0.4), tone))
    for n in range(3):
        coin = oval(split + 60 + n * 52, 420 - n % 2 * 30, 25, 25)
        pen.fill(moved(coin, 5, 8), INK, alpha=0.25)
        pen.fill(coin, slant(lighter(BRASS, 0.4), darker(BRASS, 0.2)))
    key = (split + 80, 590.0)
    pen.stroke(oval(*key, 26, 26), 12, darker(STEEL, 0.1))
    pen.stroke([(key[0] + 28, key[1]), (key[0] + 100, key[1] + 8)], 12, darker(STEEL, 0.1))
    pen.stroke([(key[0] + 88, key[1] + 8), (key[0] + 86, key[1] + 28)], 10, darker(STEEL, 0.1))


def bookends(pen: Pen, look: Look) -> None:
    """A row of books between two holders."""
    metal = darker(look.main, 0.1)
    left = 250.0
    pen.ground(500, 798, 280, depth=0.07)
    pen.fill(
        rounded([(left - 40, 800), (left - 40, 560), (left, 560), (left, 800)], 10),
        slant(lighter(metal, 0.2), darker(metal, 0.2)),
    )
    x = left
    while x < 690:
        wide, tall = look.between(38, 74), look.between(250, 380)
        tone = look.dice.choice(
            (
                look.second,
                lighter(look.second, 0.4),
                look.light,
                darker(look.second, 0.35),
                mix(look.main, OAK, 0.5),
                (238, 228, 208),
            )
        )
        spine = box(x, 800 - tall, x + wide, 800, 7)
        pen.fill(spine, across(lighter(tone, 0.16), tone, darker(tone, 0.25)))
        mark = 800 - tall * look.between(0.6, 0.8)
        pen.fill(
            box(x + 6, mark, x + wide - 6, mark + look.between(10, 40)),
            lighter(tone, 0.6) if sum(tone) < 420 else darker(tone, 0.5),
            alpha=0.8,
        )
        x += wide + 2
    pen.fill(
        rounded([(x, 800), (x, 560), (x + 40, 560), (x + 40, 800)], 10),
        slant(lighter(metal, 0.2), darker(metal, 0.3)),
    )
    pen.fill(down_foot(left - 40, x + 40), down(metal, darker(metal, 0.3)))


def down_foot(left: float, right: float) -> Ring:
    return box(left - 24, 788, right + 24, 804, 8)
