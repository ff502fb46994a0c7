"""Things to carry, and to carry things in."""

from shop.management.demo.colours import BRASS, INK, OAK, STEEL, WHITE, darker, lighter, mix
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, down, slant
from shop.management.demo.shapes import (
    box,
    flowing,
    moved,
    oval,
    rounded,
    turned,
)


def backpack(pen: Pen, look: Look) -> None:
    half, tall = look.between(165, 195), look.between(440, 500)
    top = 800 - tall
    body = box(500 - half, top, 500 + half, 800, look.between(90, 130))
    pen.ground(500, 798, half)
    pen.stroke(oval(500, top + 10, 56, 54, 180, 360), 20, look.dark)
    for side in (-1, 1):
        pouch = box(500 + side * half - 44, 590, 500 + side * half + 44, 780, 36)
        pen.fill(pouch, across(look.main, look.dark))
    rolled = look.one_in(2)
    pen.fill(body, barrel(look.main))
    with pen.inside(body):
        pen.fill(box(0, 772, 1000, 810), darker(look.main, 0.45), alpha=0.7)
    pocket = box(500 - half * 0.74, 570, 500 + half * 0.74, 770, 44)
    pen.soft(moved(pocket, 4, 10), 10, look.dark, 0.5)
    pen.fill(pocket, barrel(mix(look.main, look.second, 0.85)))
    pen.stroke([(500 - half * 0.6, 616), (500 + half * 0.6, 616)], 7, lighter(look.second, 0.4))
    backpack_flap(pen, look, half, top, tall)
    if rolled:
        rolled_mat(pen, look, half, top)


def backpack_flap(pen: Pen, look: Look, half: float, top: float, tall: float) -> None:
    flap = rounded(
        [
            (500 - half * 1.02, top + 30),
            (500 - half * 0.6, top - 14),
            (500 + half * 0.6, top - 14),
            (500 + half * 1.02, top + 30),
            (500 + half * 0.98, top + tall * 0.44),
            (500 - half * 0.98, top + tall * 0.44),
        ],
        62,
    )
    pen.soft(moved(flap, 0, 14), 12, look.dark, 0.45)
    pen.fill(flap, barrel(lighter(look.main, 0.1)))
    for side in (-0.48, 0.48):
        x = 500 + half * side
        pen.fill(box(x - 13, top + tall * 0.2, x + 13, 620, 6), across(OAK, darker(OAK, 0.35)))
        pen.fill(
            box(x - 21, top + tall * 0.5, x + 21, top + tall * 0.5 + 36, 8),
            across(BRASS, darker(BRASS, 0.4)),
            holes=[box(x - 11, top + tall * 0.5 + 9, x + 11, top + tall * 0.5 + 27)],
        )


def rolled_mat(pen: Pen, look: Look, half: float, top: float) -> None:
    mat = box(500 - half * 1.1, top - 64, 500 + half * 1.1, top + 30, 47)
    pen.fill(mat, down(lighter(look.second, 0.3), look.second, darker(look.second, 0.35)))
    for side in (-0.48, 0.48):
        pen.fill(
            box(500 + half * side - 12, top - 66, 500 + half * side + 12, top + 32, 6),
            darker(OAK, 0.25),
        )
    pen.fill(oval(500 + half * 1.06, top - 17, 24, 45), darker(look.second, 0.25))
    pen.stroke(oval(500 + half * 1.06, top - 17, 12, 24), 5, lighter(look.second, 0.3))


def tote(pen: Pen, look: Look) -> None:
    half, tall = look.between(195, 235), look.between(340, 400)
    top = 800 - tall
    bag = rounded(
        [(500 - half, top), (500 + half, top), (500 + half * 0.9, 800), (500 - half * 0.9, 800)], 18
    )
    pen.ground(500, 798, half * 0.92)
    strap = oval(500, top + 20, half * 0.45, look.between(150, 210), 180, 360)
    pen.stroke(moved(strap, 16, -14), 22, darker(look.second, 0.35))
    pen.fill(bag, across(look.light, look.main, darker(look.main, 0.2)))
    with pen.inside(bag):
        tote_print(pen, look, top, tall)
        pen.fill(box(0, top, 1000, top + 30), look.dark, alpha=0.28)
        crease = flowing(
            [(500 + half * 0.5, top), (500 + half * 0.35, 640), (500 + half * 0.6, 820)],
            closed=False,
        )
        pen.stroke(crease, 40, INK, alpha=0.06)
    pen.stroke(strap, 24, across(look.second, darker(look.second, 0.2)))
    for side in (-0.45, 0.45):
        pen.fill(
            box(500 + half * side - 19, top + 6, 500 + half * side + 19, top + 62, 6),
            darker(look.second, 0.12),
        )


def tote_print(pen: Pen, look: Look, top: float, tall: float) -> None:
    style = look.dice.randrange(3)
    if style == 0:
        pen.fill(
            box(0, 800 - tall * 0.3, 1000, 820), across(look.second, darker(look.second, 0.25))
        )
    elif style == 1:
        for n in range(5):
            pen.fill(
                box(0, top + tall * (0.3 + n * 0.11), 1000, top + tall * (0.34 + n * 0.11)),
                look.second,
                alpha=0.9,
            )
    else:
        pen.fill(
            oval(500, top + tall * 0.55, tall * 0.2, tall * 0.2),
            slant(lighter(look.second, 0.2), look.second),
        )
        pen.fill(
            [
                (360, 800),
                (460, top + tall * 0.6),
                (520, top + tall * 0.72),
                (570, top + tall * 0.62),
                (690, 800),
            ],
            look.dark,
            alpha=0.8,
        )


def bottle(pen: Pen, look: Look) -> None:
    half, tall = look.between(88, 118), look.between(420, 500)
    top = 800 - tall
    neck = look.between(0.5, 0.85)
    body = turned(
        [(half * neck, top + 76), (half * neck, top + 104), (half, top + 176), (half, 800)],
        corner=30,
    )
    pen.ground(500, 798, half * 1.1)
    loop = look.one_in(2)
    if loop:
        pen.stroke(oval(500, top + 6, half * 0.5, 54, 180, 360), 16, darker(look.second, 0.25))
    pen.fill(body, barrel(look.main))
    with pen.inside(body):
        if look.one_in(2):
            pen.fill(box(0, 800 - tall * look.between(0.16, 0.3), 1000, 820), barrel(look.second))
        else:
            hills = flowing(
                [(300, 690), (400, 640), (470, 670), (560, 600), (640, 660), (720, 640)],
                closed=False,
            )
            pen.fill([*hills, (720, 820), (300, 820)], barrel(look.second))
            pen.fill(oval(530, 560, 26, 26), lighter(look.second, 0.5))
        pen.fill(box(500 - half * 0.68, top + 100, 500 - half * 0.5, 780, 8), WHITE, alpha=0.3)
    pen.fill(
        box(500 - half * neck * 0.94, top + 62, 500 + half * neck * 0.94, top + 86), barrel(STEEL)
    )
    cap = OAK if not loop else look.second
    pen.fill(box(500 - half * neck, top, 500 + half * neck, top + 68, 18), barrel(cap))
    for n in range(-3, 4) if loop else ():
        x = 500 + half * neck * n * 0.25
        pen.stroke([(x, top + 18), (x, top + 54)], 4, INK, alpha=0.16)
