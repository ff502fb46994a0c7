"""Things for the rooms one lives in."""

import math

from shop.management.demo.colours import (
    INK,
    LEAF,
    OAK,
    WARM,
    WHITE,
    darker,
    lighter,
    mix,
)
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, slant
from shop.management.demo.shapes import (
    Ring,
    box,
    flowing,
    mirrored,
    oval,
    rounded,
    turned,
    turned_by,
)


def blanket(pen: Pen, look: Look) -> None:
    half, layers = look.between(230, 270), look.dice.randrange(3, 6)
    tall = look.between(300, 360) / layers
    pen.ground(500, 798, half)
    checked = look.one_in(2)
    for n in range(layers):
        y = 800 - tall * (n + 1)
        fold = box(500 - half + n % 2 * 12, y, 500 + half - n % 2 * 8, y + tall, tall * 0.48)
        tone = look.main if n % 2 == 0 or checked else lighter(look.main, 0.16)
        pen.fill(fold, across(lighter(tone, 0.12), tone, darker(tone, 0.22)))
        with pen.inside(fold):
            pen.fill(box(0, y + tall * 0.8, 1000, y + tall), look.dark, alpha=0.4)
            for k in range(1, 8) if checked else ():
                x = 500 - half + half * 2 * k / 8
                pen.fill(box(x - 16, y, x + 16, y + tall), look.second, alpha=0.7)
            for at in () if checked else (0.26, 0.42):
                pen.fill(
                    box(0, y + tall * at, 1000, y + tall * (at + 0.08)), look.second, alpha=0.85
                )
            pen.fill(box(0, y + tall * 0.06, 1000, y + tall * 0.16), WHITE, alpha=0.16)
    for thread in range(15):
        x = 500 - half * 0.86 + half * 1.72 * thread / 14
        y = 800 - tall * layers + tall * 0.5
        pen.stroke(
            [(x, y), (x + (-1) ** thread * 4, y + tall * 0.9)],
            7,
            lighter(look.second, 0.2),
            alpha=0.9,
        )


def cushion(pen: Pen, look: Look) -> None:
    half, sag = look.between(215, 245), look.between(26, 48)
    middle = 800 - half
    corners = [
        (500 - half, middle - half),
        (500 + half, middle - half),
        (500 + half, 800),
        (500 - half, 800),
    ]
    sides = [
        (500, middle - half + sag),
        (500 + half - sag, middle),
        (500, 800 - sag * 0.4),
        (500 - half + sag, middle),
    ]
    pad = rounded([p for pair in zip(corners, sides, strict=True) for p in pair], 30)
    tilt = look.between(-7, 7)
    pad = turned_by(pad, tilt, 500, 800)
    pen.ground(500, 796, half * 0.95)
    pen.fill(pad, slant(look.light, darker(look.main, 0.2)))
    style = look.dice.randrange(3)
    with pen.inside(pad):
        cushion_pattern(pen, look, style, half, middle, tilt)
        pen.soft(oval(500 + half, 800, half * 0.9, half * 0.7), 50, look.dark, 0.5)
        pen.soft(
            oval(500 - half * 0.4, middle - half * 0.4, half * 0.4, half * 0.3), 40, WHITE, 0.25
        )


def cushion_pattern(
    pen: Pen, look: Look, style: int, half: float, middle: float, tilt: float
) -> None:
    for n in range(-4, 5):
        place = n * half / 4
        if style == 0:
            pen.fill(
                turned_by(box(500 + place - 11, 0, 500 + place + 11, 900), tilt, 500, 800),
                look.second,
                alpha=0.75,
            )
        elif style == 1:
            zig = [
                (500 - half * 1.2 + k * half * 0.3, middle + place + (-1) ** k * 22)
                for k in range(9)
            ]
            pen.stroke(turned_by(zig, tilt, 500, 800), 11, look.second, alpha=0.8)
        else:
            pen.fill(
                oval(500, middle, half * 0.16 * abs(n), half * 0.16 * abs(n)),
                look.second if n % 2 else look.main,
                alpha=0.35,
            )


def stem(pen: Pen, foot: tuple[float, float], tip: tuple[float, float], look: Look) -> None:
    bend = ((foot[0] * 0.7 + tip[0] * 0.3), (foot[1] + tip[1]) / 2)
    line = flowing([foot, bend, tip], closed=False)
    pen.stroke(line, 7, darker(LEAF, 0.2))
    lean = math.degrees(math.atan2(tip[0] - foot[0], foot[1] - tip[1]))
    for n in range(2, len(line), 3):
        x, y = line[n]
        for side in (-1, 1):
            leaf = turned_by(oval(x, y - 32, 14, 34), lean + side * 58, x, y)
            pen.fill(leaf, slant(lighter(LEAF, 0.2), darker(LEAF, 0.15)))
    pen.fill(turned_by(oval(tip[0], tip[1] - 24, 14, 34), lean, *tip), lighter(LEAF, 0.15))


def vase(pen: Pen, look: Look) -> None:
    half, tall = look.between(100, 150), look.between(270, 370)
    top = 800 - tall
    profile = [
        (half * look.between(0.35, 0.6), top),
        (half * look.between(0.3, 0.5), top + tall * 0.18),
        (half, top + tall * look.between(0.45, 0.62)),
        (half * look.between(0.45, 0.7), 800),
    ]
    body = turned(profile)
    mouth = profile[0][0]
    pen.ground(500, 798, profile[3][0] * 1.2)
    for n in range(look.dice.randrange(2, 5)):
        side = (-1) ** n * (60 + 46 * n) * look.between(0.6, 1)
        tip = (500 + side, top - look.between(150, 270) + 20 * n)
        if look.one_in(3):
            pen.stroke(
                flowing([(500, top + 30), (500 + side * 0.4, top - 90), tip], closed=False),
                6,
                darker(LEAF, 0.1),
            )
            for k in range(6):
                petal = turned_by(oval(tip[0], tip[1] - 30, 17, 30), k * 60, *tip)
                pen.fill(petal, slant(lighter(look.second, 0.35), look.second))
            pen.fill(oval(*tip, 16, 16), WARM)
        else:
            stem(pen, (500, top + 30), tip, look)
    pen.fill(body, barrel(look.main))
    with pen.inside(body):
        for n in range(look.dice.randrange(4)):
            y = top + tall * (0.4 + 0.11 * n)
            pen.stroke([(300, y), (700, y)], 9, look.second, alpha=0.7)
        pen.fill(
            oval(500 - half * 0.5, top + tall * 0.55, half * 0.14, tall * 0.16), WHITE, alpha=0.3
        )
    pen.stroke(oval(500, top, mouth, mouth * 0.16), 8, lighter(look.main, 0.3))


def planter(pen: Pen, look: Look) -> None:
    half, tall = look.between(130, 165), look.between(190, 240)
    top, tapered = 800 - tall, look.between(0.62, 0.95)
    pot = rounded(
        [
            (500 - half, top),
            (500 + half, top),
            (500 + half * tapered, 800),
            (500 - half * tapered, 800),
        ],
        20,
    )
    pen.ground(500, 798, half * tapered)
    kind = look.dice.randrange(3)
    for n in range(7):
        lean = (n - 3) * (17 if kind else 24) + look.between(-5, 5)
        length = look.between(210, 300) - abs(n - 3) * 22
        width = (34, 60, 24)[kind]
        leaf = turned([(1, top - length), (width, top - length * 0.55), (width * 0.4, top + 10)])
        leaf = turned_by(leaf, lean, 500, top + 20)
        tone = lighter(LEAF, 0.18 if n % 2 else 0.0)
        pen.fill(leaf, across(lighter(tone, 0.12), darker(tone, 0.25)))
        rib = turned_by([(500, top - length * 0.85), (500, top)], lean, 500, top + 20)
        pen.stroke(rib, 5, lighter(tone, 0.4), alpha=0.6)
    pen.fill(pot, barrel(look.main))
    with pen.inside(pot):
        pen.fill(box(0, top + tall * 0.55, 1000, top + tall * 0.7), look.second, alpha=0.75)
        pen.fill(box(0, top + 40, 1000, top + 58), look.dark, alpha=0.4)
    pen.fill(
        box(500 - half * 1.07, top - 8, 500 + half * 1.07, top + 44, 12),
        barrel(lighter(look.main, 0.08)),
    )


def clock(pen: Pen, look: Look) -> None:
    radius = look.between(225, 265)
    face = oval(500, 500, radius, radius)
    pale = lighter(look.second, 0.82)
    pen.drop(face)
    pen.fill(face, slant(look.light, look.dark))
    pen.fill(oval(500, 500, radius * 0.87, radius * 0.87), slant(pale, darker(pale, 0.08)))
    for n in range(12):
        length = 0.16 if n % 3 == 0 else 0.08
        tick = [(500, 500 - radius * 0.78), (500, 500 - radius * (0.78 - length))]
        pen.stroke(turned_by(tick, n * 30), 12 if n % 3 == 0 else 7, look.dark)
    hour = look.dice.randrange(12) * 30 + 5
    pen.stroke(turned_by([(500, 510), (500, 500 - radius * 0.4)], hour), 16, INK)
    pen.stroke(
        turned_by([(500, 520), (500, 500 - radius * 0.64)], look.dice.randrange(12) * 30), 10, INK
    )
    pen.stroke(
        turned_by([(500, 540), (500, 500 - radius * 0.7)], look.between(0, 360)), 4, look.main
    )
    pen.fill(oval(500, 500, 17, 17), look.main)


def stool(pen: Pen, look: Look) -> None:
    half, seat = look.between(170, 215), look.between(430, 520)
    wood = mix(OAK, look.second, 0.25)
    pen.ground(500, 798, half)
    for share in (-0.42, 0.42):
        pen.stroke(
            [(500 + half * share, seat), (500 + half * share * 1.5, 780)], 22, darker(wood, 0.3)
        )
    pen.stroke([(500 - half * 0.8, 680), (500 + half * 0.8, 680)], 14, darker(wood, 0.2))
    for share in (-0.78, 0.78):
        pen.stroke(
            [(500 + half * share, seat), (500 + half * share * 1.25, 792)],
            26,
            across(lighter(wood, 0.15), darker(wood, 0.15)),
        )
    pen.fill(box(500 - half, seat - 24, 500 + half, seat + 36, 28), barrel(wood))
    pad = box(500 - half * 0.98, seat - 84, 500 + half * 0.98, seat + 4, 42)
    pen.fill(pad, barrel(look.main))
    with pen.inside(pad):
        pen.fill(box(0, seat - 22, 1000, seat + 10), look.dark, alpha=0.35)


def mirrored_leg(leg: Ring) -> tuple[Ring, Ring]:
    return leg, mirrored(leg)


def chair(pen: Pen, look: Look) -> None:
    half, seat = look.between(160, 190), look.between(560, 600)
    top = look.between(220, 270)
    wood = mix(OAK, look.second, 0.3)
    pen.ground(500, 798, half * 1.1)
    for leg in mirrored_leg([(500 - half * 0.6, seat), (500 - half * 0.72, 770)]):
        pen.stroke(leg, 20, darker(wood, 0.35))
    for post in mirrored_leg([(500 - half * 0.86, seat), (500 - half * 0.8, top + 40)]):
        pen.stroke(post, 24, across(wood, darker(wood, 0.2)))
    style = look.dice.randrange(3)
    if style == 0:
        for n in range(-3, 4):
            pen.stroke([(500 + half * n * 0.22, seat), (500 + half * n * 0.2, top + 40)], 13, wood)
    back = {
        0: box(500 - half, top, 500 + half, top + 76, 36),
        1: box(500 - half, top, 500 + half, top + 190, 70),
    }.get(style, box(500 - half * 0.96, top, 500 + half * 0.96, seat - 40, 120))
    pen.fill(back, barrel(look.main))
    for leg in mirrored_leg([(500 - half * 0.9, seat + 20), (500 - half * 1.12, 790)]):
        pen.stroke(leg, 26, across(lighter(wood, 0.15), darker(wood, 0.2)))
    cushion_top = rounded(
        [
            (500 - half * 0.94, seat - 26),
            (500 + half * 0.94, seat - 26),
            (500 + half * 1.12, seat + 30),
            (500 - half * 1.12, seat + 30),
        ],
        26,
    )
    pen.fill(cushion_top, across(look.light, look.main, look.dark))
    pen.fill(
        box(500 - half * 1.12, seat + 18, 500 + half * 1.12, seat + 50, 16),
        barrel(darker(look.main, 0.2)),
    )
