"""Things to wear outside."""

from shop.management.demo.colours import BRASS, INK, OAK, STEEL, WHITE, darker, lighter
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
    turned_by,
)


def rain_jacket(pen: Pen, look: Look) -> None:
    jacket(pen, look, quilted=False)


def down_jacket(pen: Pen, look: Look) -> None:
    jacket(pen, look, quilted=True)


def jacket(pen: Pen, look: Look, *, quilted: bool) -> None:
    half, hem = look.between(165, 190), look.between(740, 800)
    body = rounded(
        [
            (500 - half, 300),
            (430, 262),
            (570, 262),
            (500 + half, 300),
            (500 + half * 0.96, hem),
            (500 - half * 0.96, hem),
        ],
        24,
    )
    sleeve: Ring = rounded(
        [
            (500 - half + 46, 282),
            (500 - half - 50, 330),
            (500 - half - 106, hem - 60),
            (500 - half - 24, hem - 40),
            (500 - half + 30, 470),
        ],
        34,
    )
    for ring in (body, sleeve, mirrored(sleeve)):
        pen.drop(ring, by=26)
    hook = flowing([(500, 236), (500, 190), (526, 172), (508, 144), (482, 158)], closed=False)
    pen.stroke(hook, 8, darker(STEEL, 0.3))
    pen.fill(sleeve, across(look.light, look.main))
    pen.fill(mirrored(sleeve), across(look.main, look.dark))
    jacket_cuffs(pen, look, half, hem)
    pen.fill(body, across(look.light, look.main, look.main, darker(look.main, 0.22)))
    jacket_cloth(pen, look, body, hem, quilted=quilted)
    jacket_front(pen, look, half, hem)


def jacket_cuffs(pen: Pen, look: Look, half: float, hem: float) -> None:
    cuff = rounded(
        [
            (500 - half - 110, hem - 92),
            (500 - half - 18, hem - 70),
            (500 - half - 22, hem - 34),
            (500 - half - 116, hem - 54),
        ],
        10,
    )
    pen.fill(cuff, look.dark)
    pen.fill(mirrored(cuff), darker(look.main, 0.45))


def jacket_cloth(pen: Pen, look: Look, body: Ring, hem: float, *, quilted: bool) -> None:
    with pen.inside(body):
        for n in range(8) if quilted else ():
            seam = flowing(
                [(250, 330 + n * 62), (500, 346 + n * 62), (750, 330 + n * 62)], closed=False
            )
            pen.stroke(seam, 7, look.dark, alpha=0.6)
            pen.stroke(moved(seam, 0, 11), 9, WHITE, alpha=0.16)
        if not quilted:
            pen.fill(
                [(200, 250), (800, 250), (800, 400), (500, 440), (200, 400)],
                look.second,
                alpha=0.95,
            )
        pen.fill(box(0, hem - 34, 1000, hem + 4), look.dark, alpha=0.5)


def jacket_front(pen: Pen, look: Look, half: float, hem: float) -> None:
    hood = rounded([(416, 268), (430, 214), (570, 214), (584, 268), (500, 330)], 30)
    pen.fill(hood, slant(lighter(look.second, 0.1), darker(look.second, 0.25)))
    pen.fill(
        rounded([(446, 268), (500, 236), (554, 268), (500, 316)], 20), darker(look.second, 0.55)
    )
    pen.stroke([(500, 326), (500, hem)], 12, darker(look.main, 0.45))
    pen.stroke([(500, 326), (500, hem - 4)], 4, lighter(STEEL, 0.3))
    for side in (-1, 1):
        x = 500 + side * half * 0.54
        pen.stroke([(x - 38, hem - 170 + side * 8), (x + 38, hem - 170 - side * 8)], 12, look.dark)
    pen.fill(box(500 + half * 0.36, 440, 500 + half * 0.72, 466, 6), lighter(look.second, 0.5))


UPPER = rounded(
    [
        (380, 420),
        (520, 420),
        (534, 590),
        (640, 650),
        (706, 700),
        (712, 752),
        (374, 752),
        (366, 600),
    ],
    40,
)
SOLE = rounded(
    [
        (356, 744),
        (716, 744),
        (724, 790),
        (560, 800),
        (540, 784),
        (480, 784),
        (470, 800),
        (358, 800),
    ],
    14,
)


def boot(pen: Pen, look: Look, right: float, lift: float, tone: float) -> None:
    main = darker(look.main, tone)
    upper, sole = moved(UPPER, right, lift), moved(SOLE, right, lift)
    pen.fill(sole, down(darker(look.second, 0.35), darker(look.second, 0.6)))
    pen.fill(upper, across(lighter(main, 0.2), main, darker(main, 0.2)))
    with pen.inside(upper):
        toe = moved(
            flowing([(606, 620), (590, 700), (610, 770), (760, 770), (760, 640)]), right, lift
        )
        pen.fill(toe, look.second, alpha=0.75)
        heel = moved(rounded([(340, 600), (424, 610), (440, 760), (340, 760)], 20), right, lift)
        pen.fill(heel, darker(main, 0.3), alpha=0.8)
        pen.fill(moved(box(300, 726, 760, 756), right, lift), darker(main, 0.45), alpha=0.6)
    pen.fill(
        moved(box(366, 392, 534, 446, 26), right, lift),
        across(lighter(look.second, 0.35), look.second),
    )
    boot_laces(pen, look, right, lift)


def boot_laces(pen: Pen, look: Look, right: float, lift: float) -> None:
    for n in range(4):
        x, y = 522 + n * 8 + (n > 2) * 26, 470 + n * 42
        pen.stroke(moved([(x - 58, y + 8), (x, y)], right, lift), 9, lighter(look.second, 0.55))
        pen.fill(moved(oval(x - 60, y + 8, 8, 8), right, lift), BRASS)
    tab = moved(box(372, 372, 394, 440, 8), right, lift)
    pen.fill(tab, OAK)


def boots(pen: Pen, look: Look) -> None:
    gap = look.between(70, 105)
    pen.ground(540, 796, 250)
    boot(pen, look, gap - 60, -26, 0.22)
    boot(pen, look, -gap - 10, 0, 0.0)


def beanie(pen: Pen, look: Look) -> None:
    hat(pen, look, bobble=False)


def bobble_hat(pen: Pen, look: Look) -> None:
    hat(pen, look, bobble=True)


def hat(pen: Pen, look: Look, *, bobble: bool) -> None:
    half, tall = look.between(190, 220), look.between(250, 300)
    brim = 790 - look.between(90, 120)
    dome = [
        (500 - half, brim + 20),
        *oval(500, brim, half, tall, 180, 360),
        (500 + half, brim + 20),
    ]
    pen.ground(500, 792, half)
    if bobble:
        crown = brim - tall - 36
        for n in range(18):
            pen.fill(
                turned_by(oval(500, crown - 42, 21, 36), n * 20, 500, crown),
                slant(lighter(look.second, 0.3), darker(look.second, 0.1)),
            )
        pen.fill(oval(500, crown, 48, 48), lighter(look.second, 0.12))
    pen.fill(dome, barrel(look.main))
    with pen.inside(dome):
        for n in range(-5, 6):
            rib = flowing(
                [
                    (500 + n * half * 0.07, brim - tall),
                    (500 + n * half * 0.17, brim - tall * 0.55),
                    (500 + n * half * 0.195, brim + 30),
                ],
                closed=False,
            )
            pen.stroke(rib, 6, look.dark, alpha=0.4)
        if look.one_in(2):
            for n in range(2):
                zig = [(280.0 + k * 28, brim - 90 - n * 60 + (-1) ** k * 18) for k in range(17)]
                pen.stroke(zig, 14, look.second)
    beanie_cuff(pen, look, half, brim)


def beanie_cuff(pen: Pen, look: Look, half: float, brim: float) -> None:
    cuff = box(500 - half * 1.05, brim - 26, 500 + half * 1.05, 796, 34)
    pen.soft(moved(cuff, 0, -12), 10, look.dark, 0.35)
    pen.fill(cuff, barrel(look.second if look.one_in(2) else lighter(look.main, 0.1)))
    with pen.inside(cuff):
        for n in range(-10, 11):
            pen.stroke(
                [(500 + n * half * 0.1, brim - 20), (500 + n * half * 0.1, 790)], 6, INK, alpha=0.13
            )
    pen.fill(box(500 + half * 0.4, brim + 14, 500 + half * 0.74, brim + 62, 5), OAK)


def sock(pen: Pen, look: Look, right: float, angle: float) -> None:
    half = 62.0
    leg = rounded(
        [
            (500 - half, 220),
            (500 + half, 220),
            (500 + half, 560),
            (700, 660),
            (706, 730),
            (640, 772),
            (500 - half * 0.4, 720),
            (500 - half, 620),
        ],
        60,
    )
    place = [turned_by(moved(leg, right), angle, 500 + right, 500)]
    sock_ring = place[0]
    pen.drop(sock_ring)
    pen.fill(sock_ring, across(look.light, look.main, darker(look.main, 0.18)))

    def laid(ring: Ring) -> Ring:
        return turned_by(moved(ring, right), angle, 500 + right, 500)

    with pen.inside(sock_ring):
        pen.fill(laid(box(400, 200, 620, 284)), look.second)
        pen.fill(laid(oval(690, 730, 96, 100)), look.second)
        pen.fill(laid(oval(432, 690, 70, 80)), look.second)
        for n in range(3):
            pen.fill(laid(box(400, 330 + n * 64, 620, 352 + n * 64)), lighter(look.second, 0.25))
        for n in range(-4, 5):
            pen.stroke(laid([(500 + n * 14, 220), (500 + n * 14, 284)]), 4, INK, alpha=0.16)


def socks(pen: Pen, look: Look) -> None:
    lean = look.between(4, 12)
    sock(pen, look, -150, -lean)
    sock(pen, look, 60, lean * 0.4)
