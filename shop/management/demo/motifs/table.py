"""Things for the kitchen and the table."""

from shop.management.demo.colours import INK, OAK, STEEL, WHITE, darker, lighter, mix
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, down, slant
from shop.management.demo.shapes import (
    Ring,
    box,
    flowing,
    oval,
    rounded,
    turned,
    turned_by,
)


def steam(pen: Pen, x: float, y: float) -> None:
    for step, height in ((-45, 120), (0, 170), (45, 110)):
        line = flowing(
            [
                (x + step, y),
                (x + step - 18, y - height * 0.35),
                (x + step + 18, y - height * 0.7),
                (x + step, y - height),
            ],
            closed=False,
        )
        pen.stroke(line, 11, WHITE, alpha=0.55)


def mug(pen: Pen, look: Look) -> None:
    half, tall = look.between(135, 175), look.between(260, 360)
    top, dipped = 800 - tall, look.one_in(2)
    taper = look.between(0.72, 1.0)
    body = rounded(
        [
            (500 - half, top),
            (500 + half, top),
            (500 + half * taper, 800),
            (500 - half * taper, 800),
        ],
        look.between(20, 70),
    )
    body = [(x, y if y > top + 1 else top) for x, y in body]
    grip = oval(500 + half * 0.96, top + tall * 0.46, 92, tall * 0.29)
    pen.ground(500, 798, half * 1.05)
    pen.stroke(grip, 34, slant(look.main, look.dark))
    pen.fill(box(500 - half, top, 500 + half, top + 90), barrel(look.main))
    pen.fill(body, barrel(look.main))
    with pen.inside(body):
        if dipped:
            edge = top + tall * look.between(0.5, 0.68)
            wave = flowing(
                [
                    (500 + half * k, edge + (-1) ** n * 14)
                    for n, k in enumerate((-1, -0.5, 0, 0.5, 1))
                ],
                closed=False,
            )
            pen.fill([*wave, (680, 820), (320, 820)], barrel(look.second))
        else:
            for n in range(look.dice.randrange(1, 4)):
                y = top + tall * (0.62 + n * 0.1)
                pen.fill(box(300, y, 700, y + 12), look.second, alpha=0.85)
        pen.fill(box(500 - half * 0.72, top, 500 - half * 0.56, 800), WHITE, alpha=0.16)
    pen.fill(oval(500, top, half, half * 0.2), lighter(look.main, 0.35))
    pen.fill(oval(500, top + 3, half * 0.9, half * 0.155), down(look.dark, (96, 62, 44)))
    pen.fill(oval(500, top + 9, half * 0.8, half * 0.1), across((88, 55, 38), (122, 80, 55)))
    steam(pen, 500, top - 40)


def teapot(pen: Pen, look: Look) -> None:
    half, tall = look.between(185, 225), look.between(270, 330)
    top = 800 - tall
    belly = turned(
        [
            (half * 0.5, top),
            (half * 0.86, top + tall * 0.25),
            (half, top + tall * 0.58),
            (half * 0.62, 800),
        ]
    )
    spout = flowing(
        [
            (500 - half * 0.6, top + tall * 0.5),
            (500 - half * 1.02, top + tall * 0.38),
            (500 - half * 1.3, top + tall * 0.02),
            (500 - half * 1.5, top + tall * 0.0),
            (500 - half * 1.28, top + tall * 0.52),
            (500 - half * 0.7, top + tall * 0.86),
        ]
    )
    pen.ground(500, 798, half * 0.85)
    if look.one_in(2):
        handle = oval(500, top + 20, half * 0.78, half * 0.98, 180, 360)
        pen.stroke(handle, 20, across(OAK, darker(OAK, 0.3)))
    else:
        pen.stroke(
            oval(500 + half * 1.0, top + tall * 0.46, half * 0.5, tall * 0.3),
            28,
            slant(look.main, look.dark),
        )
    pen.fill(spout, across(look.light, look.dark))
    pen.fill(belly, barrel(look.main))
    with pen.inside(belly):
        if look.one_in(2):
            pen.fill(box(200, top + tall * 0.62, 800, 820), barrel(look.second))
        pen.fill(
            oval(500 - half * 0.45, top + tall * 0.4, half * 0.16, tall * 0.2), WHITE, alpha=0.22
        )
    teapot_lid(pen, look, half, top)


def teapot_lid(pen: Pen, look: Look, half: float, top: float) -> None:
    lid = turned(
        [(half * 0.1, top - 42), (half * 0.42, top - 18), (half * 0.54, top + 10)], corner=14
    )
    pen.fill(lid, barrel(lighter(look.main, 0.12)))
    pen.fill(oval(500, top - 56, 26, 24), barrel(look.second))


def pot(pen: Pen, look: Look) -> None:
    half, tall = look.between(215, 260), look.between(200, 290)
    top = 800 - tall
    body = box(500 - half, top, 500 + half, 800, 46)
    pen.ground(500, 798, half)
    for side in (-1, 1):
        ear = oval(500 + side * half * 1.02, top + tall * 0.32, 62, 34)
        pen.stroke(ear, 24, across(look.main, look.dark))
    pen.fill(body, barrel(look.main))
    with pen.inside(body):
        pen.fill(box(200, 770, 800, 810), look.dark, alpha=0.5)
        pen.fill(box(500 - half * 0.75, top + 20, 500 - half * 0.66, 780), WHITE, alpha=0.2)
    dome = [*oval(500, top + 6, half * 0.97, look.between(70, 120), 180, 360)]
    pen.fill(dome, barrel(lighter(look.main, 0.1)))
    pen.fill(
        box(500 - half * 1.03, top - 4, 500 + half * 1.03, top + 24, 14),
        barrel(darker(look.main, 0.12)),
    )
    crown = min(y for _, y in dome)
    knob = OAK if look.one_in(2) else look.second
    pen.fill(box(486, crown - 22, 514, crown + 6, 6), darker(knob, 0.3))
    pen.fill(box(446, crown - 52, 554, crown - 16, 18), barrel(knob))


def pan(pen: Pen, look: Look) -> None:
    radius, metal = look.between(225, 255), mix(look.main, (52, 52, 58), 0.55)
    tilt = look.between(24, 40)
    disc = oval(410, 600, radius, radius)
    handle = box(410 + radius * 0.9, 572, 410 + radius + 340, 628, 28)
    handle = turned_by(handle, -tilt, 410, 600)
    eye = turned_by(oval(410 + radius + 305, 600, 14, 14), -tilt, 410, 600)
    grip = turned_by(box(410 + radius + 90, 570, 410 + radius + 342, 630, 30), -tilt, 410, 600)
    wood = OAK if look.one_in(2) else look.second
    pen.drop(disc)
    pen.drop(handle)
    pen.fill(handle, slant(STEEL, darker(STEEL, 0.4)))
    pen.fill(grip, slant(lighter(wood, 0.2), darker(wood, 0.2)), holes=[eye])
    pen.fill(disc, slant(lighter(metal, 0.35), darker(metal, 0.4)))
    pen.fill(oval(410, 600, radius * 0.93, radius * 0.93), slant(darker(metal, 0.35), metal))
    pen.fill(oval(410, 600, radius * 0.78, radius * 0.78), slant(metal, darker(metal, 0.22)))
    for share in (0.62, 0.46, 0.3):
        pen.stroke(oval(410, 600, radius * share, radius * share), 4, WHITE, alpha=0.07)
    pen.stroke(oval(410, 600, radius * 0.86, radius * 0.86, 195, 260), 12, WHITE, alpha=0.25)
    leaf = flowing([(370, 620), (400, 570), (450, 560), (430, 610)])
    pen.fill(leaf, slant(look.second, darker(look.second, 0.2)), alpha=0.9)


def knife(pen: Pen, look: Look) -> None:
    length, deep = look.between(400, 500), look.between(78, 125)
    left = 500 - (length + 250) / 2
    blade: Ring = [
        (left + 250, 500),
        (left + 250 + length * 0.8, 500 - deep * look.between(-0.05, 0.25)),
        (left + 250 + length, 500 + deep * 0.35),
        (left + 250 + length * 0.78, 500 + deep * 0.86),
        (left + 250, 500 + deep),
    ]
    blade = [*blade[:1], *flowing(blade[1:4], closed=False), *blade[4:]]
    grip = rounded(
        [(left, 492), (left + 262, 496), (left + 262, 562), (left + 60, 566), (left - 8, 590)], 34
    )
    bevel: Ring = [(x, y if y > 500 + deep * 0.62 else 500 + deep * 0.62) for x, y in blade]
    angle = look.between(-38, -26)
    blade, grip, bevel = (turned_by(r, angle, 500, 540) for r in (blade, grip, bevel))
    bolster = turned_by(box(left + 244, 494, left + 274, 500 + deep * 0.82, 6), angle, 500, 540)
    for ring in (blade, grip):
        pen.drop(ring)
    pen.fill(blade, slant((232, 236, 240), (158, 167, 178)))
    with pen.inside(blade):
        pen.fill(bevel, slant((250, 251, 252), (205, 212, 220)))
    pen.fill(grip, slant(look.light, look.dark))
    pen.fill(bolster, slant(lighter(STEEL, 0.4), darker(STEEL, 0.35)))
    for x in (70, 135, 200):
        pen.fill(turned_by(oval(left + x, 528, 9, 9), angle, 500, 540), lighter(STEEL, 0.5))


def board(pen: Pen, look: Look) -> None:
    wood = mix(OAK, look.main, 0.55)
    half, tall = look.between(165, 215), look.between(430, 520)
    top = 870 - tall
    slab = box(500 - half, top, 500 + half, 870, look.between(30, 90))
    neck = rounded([(450, top - 120), (550, top - 120), (562, top + 40), (438, top + 40)], 40)
    hole = oval(500, top - 74, 20, 20)
    angle = look.between(-16, 16)
    slab, neck, hole = (turned_by(r, angle, 500, 560) for r in (slab, neck, hole))
    pen.drop(slab)
    pen.drop(neck)
    pen.fill(neck, down(wood, darker(wood, 0.12)), holes=[hole])
    pen.fill(slab, slant(lighter(wood, 0.22), darker(wood, 0.12)))
    with pen.inside(slab):
        for n in range(9):
            x = 500 - half + half * 2 * (n + 0.5) / 9 + look.between(-14, 14)
            vein = [(x, top - 20), (x + look.between(-20, 20), top + tall * 0.5), (x, 900)]
            vein = turned_by(flowing(vein, closed=False), angle, 500, 560)
            pen.stroke(vein, look.between(4, 16), darker(wood, 0.3), alpha=0.16)
        if look.one_in(2):
            pen.fill(turned_by(box(200, 760, 800, 900), angle, 500, 560), look.second, alpha=0.85)
    sprig = turned_by([(430, 720), (580, 560)], angle, 500, 560)
    pen.stroke(sprig, 7, (86, 112, 74))
    for n in range(7):
        at = n / 6
        x, y = 430 + 150 * at, 720 - 160 * at
        for side in (-1, 1):
            leaf = turned_by(oval(x, y - 28, 11, 26), 43 + side * 52, x, y)
            pen.fill(turned_by(leaf, angle, 500, 560), slant((128, 160, 106), (82, 116, 74)))


def carafe(pen: Pen, look: Look) -> None:
    half, tall = look.between(120, 155), look.between(430, 520)
    top = 800 - tall
    glass = turned(
        [
            (half * 0.5, top),
            (half * 0.34, top + tall * 0.22),
            (half * 0.6, top + tall * 0.42),
            (half, top + tall * 0.78),
            (half * 0.92, 800),
        ]
    )
    tint = lighter(look.main, 0.45)
    pen.ground(500, 798, half)
    pen.fill(glass, across(tint, lighter(tint, 0.7), tint), alpha=0.62)
    with pen.inside(glass):
        level = top + tall * look.between(0.4, 0.6)
        pen.fill(box(300, level, 700, 820), barrel(look.main), alpha=0.78)
        pen.fill(oval(500, level, half * 0.9, 15), lighter(look.main, 0.4), alpha=0.8)
        pen.fill(box(500 - half * 0.66, top, 500 - half * 0.5, 790), WHITE, alpha=0.35)
        pen.fill(box(200, 782, 800, 810), INK, alpha=0.14)
    stopper = turned([(34, top - 56), (46, top - 24), (30, top + 22)], corner=16)
    pen.fill(stopper, barrel(OAK))
    pen.stroke(oval(500, top + 4, half * 0.5, 9), 6, WHITE, alpha=0.7)


def bowl(pen: Pen, look: Look) -> None:
    half, tall = look.between(220, 260), look.between(150, 200)
    pen.ground(500, 798, half * 0.55, depth=0.2)
    pen.fill(turned([(half * 0.36, 780), (half * 0.4, 800)], corner=0), look.dark)
    nest(pen, look, half, tall, range(look.dice.randrange(1, 4)))


def nest(pen: Pen, look: Look, half: float, tall: float, left: range) -> None:
    """One bowl with the rest of them inside it: each hides the foot of the next."""
    n = left[0]
    top, size = 800 - tall - n * 62, half * (1 - 0.07 * n)
    tone = (look.main, look.second, look.light)[n]
    pen.fill(oval(500, top, size, size * 0.13), lighter(tone, 0.32))
    pen.fill(oval(500, top + 5, size * 0.93, size * 0.1), down(darker(tone, 0.3), tone))
    if len(left) > 1:
        nest(pen, look, half, tall, left[1:])
    rim = oval(500, top, size, size * 0.13, 180, 0)
    front = [*rim, *oval(500, top, size, tall, 0, 180)]
    pen.fill(front, barrel(tone))
    with pen.inside(front):
        pen.fill(box(500 - size * 0.7, top, 500 - size * 0.58, 800), WHITE, alpha=0.14)
    pen.stroke(rim, 7, lighter(tone, 0.35))
