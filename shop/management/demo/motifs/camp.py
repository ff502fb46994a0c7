"""Things for a night outside and the way there."""

from shop.management.demo.colours import BRASS, INK, OAK, STEEL, WARM, WHITE, darker, lighter, mix
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, down, slant
from shop.management.demo.shapes import (
    Ring,
    box,
    flowing,
    mirrored,
    moved,
    oval,
    rounded,
    turned,
    turned_by,
)


def ridge_tent(pen: Pen, look: Look) -> None:
    half, top = look.between(240, 280), look.between(330, 390)
    left, peak = 430 - half, (430.0, top)
    back = (peak[0] + 270, top + 34)
    side: Ring = [peak, back, (back[0] + half * 0.72, 778), (430 + half, 800)]
    front: Ring = [peak, (430 + half, 800), (left, 800)]
    pen.ground(520, 796, 330, depth=0.09)
    for foot in ((left - 56, 808), (back[0] + half * 0.9, 796)):
        pen.stroke(
            [(left + 40, 700) if foot[0] < 400 else (back[0] + 90, 600), foot], 4, INK, alpha=0.6
        )
    pen.fill(side, slant(look.main, look.dark))
    with pen.inside(side):
        pen.fill([(0, 740), (1000, 722), (1000, 820), (0, 820)], look.second, alpha=0.85)
    pen.fill(front, across(look.light, look.main))
    opening: Ring = [(430, top + 110), (430 + half * 0.5, 800), (430 - half * 0.5, 800)]
    pen.fill(opening, down(darker(look.main, 0.7), mix(INK, WARM, 0.45)))
    pen.soft(oval(430, 780, half * 0.3, 60), 30, WARM, 0.5)
    for flap in (
        [
            (430, top + 110),
            (430 - half * 0.22, top + 260),
            (430 - half * 0.62, 800),
            (430 - half * 0.5, 800),
        ],
        [
            (430, top + 110),
            (430 + half * 0.22, top + 260),
            (430 + half * 0.62, 800),
            (430 + half * 0.5, 800),
        ],
    ):
        pen.fill(flap, across(lighter(look.main, 0.45), look.main))
    pen.stroke([(430, top - 34), (430, top + 20)], 9, darker(OAK, 0.2))
    pen.stroke([peak, (430 + half, 800)], 5, WHITE, alpha=0.4)


def dome_tent(pen: Pen, look: Look) -> None:
    half, tall = look.between(290, 330), look.between(330, 390)
    shell = [(500 - half, 800), *oval(500, 800, half, tall, 180, 360), (500 + half, 800)]
    pen.ground(510, 798, half, depth=0.08)
    pen.fill(shell, across(look.light, look.main, look.main, look.dark))
    with pen.inside(shell):
        pen.fill(
            [
                (500, 800 - tall - 10),
                (500 + half * 0.35, 600),
                (500 + half * 0.5, 820),
                (900, 820),
                (900, 300),
            ],
            INK,
            alpha=0.12,
        )
        pen.fill(box(0, 766, 1000, 820), look.second)
        panel = oval(500, 800 - tall * 0.98, half * 0.62, tall * 0.3)
        pen.fill(panel, look.second, alpha=0.9)
        for lean in (-0.55, 0.55):
            pole = flowing(
                [
                    (500 + half * lean * 1.75, 800),
                    (500 + half * lean, 800 - tall * 0.66),
                    (500 - half * lean * 0.3, 800 - tall),
                ],
                closed=False,
            )
            pen.stroke(pole, 8, WHITE, alpha=0.5)
    dome_door(pen, look, half, tall)
    for side in (-1, 1):
        pen.stroke(
            [(500 + side * half * 0.86, 640), (500 + side * (half + 75), 806)], 4, INK, alpha=0.55
        )


def dome_door(pen: Pen, look: Look, half: float, tall: float) -> None:
    door = [
        (500 - half * 0.36, 800),
        *oval(500, 800, half * 0.36, tall * 0.66, 180, 360),
        (500 + half * 0.36, 800),
    ]
    pen.fill(door, down(darker(look.main, 0.68), mix(INK, WARM, 0.4)))
    with pen.inside(door):
        pen.soft(oval(500, 800, half * 0.3, 70), 30, WARM, 0.6)
        pen.fill(
            flowing([(500, 440), (560, 600), (520, 700), (700, 820), (700, 400)]),
            lighter(look.main, 0.35),
        )


def sleeping_bag(pen: Pen, look: Look) -> None:
    top, half = look.between(170, 200), look.between(170, 195)
    outline = turned(
        [
            (half * 0.35, top),
            (half * 0.8, top + 55),
            (half * 0.86, top + 150),
            (half, top + 260),
            (half * 0.72, 720),
            (half * 0.56, 850),
        ]
    )
    angle = look.between(-18, 18)
    bag = turned_by(outline, angle)
    pen.drop(bag, by=28)
    pen.fill(bag, slant(look.light, darker(look.main, 0.2)))
    with pen.inside(bag):
        for n in range(9):
            y = top + 215 + n * 74
            seam = flowing([(250, y), (500, y + 22), (750, y)], closed=False)
            pen.stroke(turned_by(seam, angle), 8, look.dark, alpha=0.55)
            pen.stroke(turned_by(moved(seam, 0, 12), angle), 10, WHITE, alpha=0.13)
    hood = turned_by(oval(500, top + 110, half * 0.58, 92), angle)
    pen.fill(hood, slant(darker(look.second, 0.35), look.second))
    pillow = turned_by(box(500 - half * 0.44, top + 74, 500 + half * 0.44, top + 156, 38), angle)
    pen.fill(pillow, slant(lighter(look.second, 0.7), lighter(look.second, 0.4)))
    zipper = turned_by(
        flowing(
            [(500 + half * 0.2, top + 200), (500 + half * 0.34, 480), (500 + half * 0.2, 800)],
            closed=False,
        ),
        angle,
    )
    pen.stroke(zipper, 9, lighter(look.second, 0.3))


def lantern(pen: Pen, look: Look) -> None:
    half, tall = look.between(105, 140), look.between(330, 400)
    top = 800 - tall
    pen.ground(500, 798, half * 1.1)
    pen.soft(oval(500, top + tall * 0.55, 250, 250), 80, WARM, 0.6)
    pen.stroke(oval(500, top + 16, half * 0.95, half * 1.3, 180, 360), 12, darker(STEEL, 0.35))
    globe = turned(
        [
            (half * 0.55, top + tall * 0.22),
            (half * 0.95, top + tall * 0.5),
            (half * 0.6, top + tall * 0.8),
        ]
    )
    pen.fill(globe, across(mix(WARM, look.main, 0.2), lighter(WARM, 0.6), WARM), alpha=0.85)
    flame = turned([(1, top + tall * 0.42), (22, top + tall * 0.58), (4, top + tall * 0.74)])
    pen.fill(flame, down((255, 236, 176), (240, 140, 54)))
    for n in (-1, 0, 1):
        pen.stroke(
            [(500 + n * half * 0.8, top + tall * 0.2), (500 + n * half * 0.8, top + tall * 0.84)],
            6,
            darker(look.main, 0.35),
            alpha=0.8 if n else 0.0,
        )
    hat = turned(
        [
            (half * 0.28, top - 8),
            (half * 0.4, top + tall * 0.07),
            (half * 0.98, top + tall * 0.2),
            (half * 0.9, top + tall * 0.25),
        ],
        corner=14,
    )
    pen.fill(hat, barrel(look.main))
    base = turned(
        [(half * 0.82, top + tall * 0.78), (half * 1.06, top + tall * 0.86), (half * 1.1, 800)],
        corner=16,
    )
    pen.fill(base, barrel(look.main))
    pen.fill(box(500 - half * 1.06, 762, 500 + half * 1.06, 776), barrel(look.second))
    pen.fill(oval(500 + half * 1.1, top + tall * 0.88, 18, 18), slant(BRASS, darker(BRASS, 0.4)))


def hatchet(pen: Pen, look: Look) -> None:
    wood = mix(OAK, look.second, 0.15)
    long = look.between(500, 560)
    haft = flowing(
        [
            (478, 230),
            (522, 230),
            (524, 480),
            (534, 220 + long * 0.9),
            (552, 230 + long),
            (486, 240 + long),
            (488, 220 + long * 0.85),
            (478, 480),
        ]
    )
    head: Ring = [(462, 214), (540, 208), (556, 240)]
    head += flowing([(640, 190), (668, 262), (640, 350)], closed=False)
    head += [(556, 300), (538, 326), (464, 320)]
    edge: Ring = [
        *flowing([(640, 190), (668, 262), (640, 350)], closed=False),
        (616, 322),
        (620, 222),
    ]
    angle = look.between(16, 34)
    haft, head, edge = (turned_by(r, angle) for r in (haft, rounded(head, 4), edge))
    for ring in (haft, head):
        pen.drop(ring)
    pen.fill(haft, across(lighter(wood, 0.2), darker(wood, 0.2)))
    with pen.inside(haft):
        pen.fill(
            turned_by(box(400, 230 + long * 0.62, 650, 260 + long), angle),
            slant(look.light, look.dark),
        )
        for n in range(4):
            stripe = box(400, 250 + long * 0.62 + n * 34, 650, 260 + long * 0.62 + n * 34)
            pen.fill(turned_by(stripe, angle), look.second, alpha=0.55)
    pen.fill(head, slant((120, 126, 134), (70, 74, 84)))
    pen.fill(edge, slant((236, 240, 243), (170, 178, 188)))
    pen.fill(turned_by(oval(500, 266, 12, 12), angle), (196, 200, 206))


def hammock(pen: Pen, look: Look) -> None:
    sag = look.between(170, 230)
    upper = flowing(
        [
            (150, 420),
            (330, 420 + sag * 0.7),
            (500, 420 + sag * 0.85),
            (670, 420 + sag * 0.7),
            (850, 420),
        ],
        closed=False,
    )
    lower = flowing(
        [
            (850, 424),
            (690, 440 + sag * 1.25),
            (500, 440 + sag * 1.65),
            (310, 440 + sag * 1.25),
            (150, 424),
        ],
        closed=False,
    )
    cloth = [*upper, *lower]
    pen.ground(500, 790, 250, depth=0.12)
    trunk: Ring = [(96, -20), (104, 800)]
    for tree in (trunk, mirrored(trunk)):
        pen.stroke(tree, 62, across(darker(OAK, 0.3), darker(OAK, 0.6)))
    for start, end in (((128, 360), (160, 424)), ((872, 360), (840, 424))):
        pen.stroke([start, end], 10, darker(look.second, 0.3))
    pen.fill(cloth, across(look.light, look.main, look.dark))
    with pen.inside(cloth):
        for n in range(-5, 6):
            stripe = flowing(
                [(500 + n * 66, 300), (500 + n * 60, 500), (500 + n * 50, 900)], closed=False
            )
            pen.stroke(stripe, 20, look.second, alpha=0.7 if n % 2 else 0.25)
        pen.soft([*moved(upper, 0, 10), (850, 380), (150, 380)], 24, look.dark, 0.5)
    pen.stroke(upper, 9, lighter(look.main, 0.5))
