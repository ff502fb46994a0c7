"""Things that give light."""

from shop.management.demo.colours import (
    BRASS,
    INK,
    WARM,
    WHITE,
    darker,
    lighter,
    mix,
)
from shop.management.demo.motifs.look import Look, barrel
from shop.management.demo.pen import Pen, across, down, slant
from shop.management.demo.shapes import (
    Ring,
    box,
    moved,
    oval,
    rounded,
    turned,
    turned_by,
)


def lamp(pen: Pen, look: Look) -> None:
    upper, lower = look.between(90, 150), look.between(185, 240)
    top, bottom = look.between(250, 290), look.between(470, 520)
    shade = rounded(
        [(500 - upper, top), (500 + upper, top), (500 + lower, bottom), (500 - lower, bottom)], 12
    )
    wide = look.between(80, 120)
    foot = turned(
        [
            (26, bottom + 20),
            (wide * look.between(0.4, 1), bottom + 110),
            (wide, 720),
            (wide * 0.7, 800),
        ]
    )
    pen.ground(500, 798, wide)
    pen.soft(oval(500, 640, 300, 190), 60, WARM, 0.4)
    pen.fill(box(488, bottom - 10, 512, bottom + 60), across(BRASS, darker(BRASS, 0.4)))
    pen.fill(foot, barrel(look.second))
    with pen.inside(foot):
        pen.fill(box(500 - wide * 0.6, 400, 500 - wide * 0.45, 800), WHITE, alpha=0.2)
    pen.fill(shade, across(look.main, lighter(look.main, 0.4), look.main, darker(look.main, 0.2)))
    with pen.inside(shade):
        pen.soft(oval(500, bottom + 10, lower * 0.8, 110), 40, lighter(WARM, 0.3), 0.75)
        for n in range(-9, 10) if look.one_in(2) else ():
            pen.stroke(
                [(500 + upper * n / 9, top), (500 + lower * n / 9, bottom)],
                3,
                look.dark,
                alpha=0.35,
            )
    pen.fill(oval(500, bottom, lower * 0.97, 11), lighter(WARM, 0.5))


def pendant(pen: Pen, look: Look) -> None:
    half, top = look.between(190, 250), look.between(400, 450)
    deep = look.between(130, 230)
    dome = [*oval(500, top + deep, half, deep, 180, 360)]
    if look.one_in(2):
        dome = rounded(
            [(455, top), (545, top), (500 + half, top + deep), (500 - half, top + deep)], 16
        )
    cone: Ring = [
        (500 - half, top + deep),
        (500 + half, top + deep),
        (500 + half * 1.7, 1000),
        (500 - half * 1.7, 1000),
    ]
    pen.soft(cone, 40, WARM, 0.32)
    pen.stroke([(500, -20), (500, top)], 7, mix(INK, look.dark, 0.3))
    pen.fill(
        box(474, top - 48, 526, top + 14, 10),
        across(BRASS, lighter(BRASS, 0.3), darker(BRASS, 0.4)),
    )
    pen.fill(oval(500, top + deep + 22, 62, 62), lighter(WARM, 0.55))
    pen.soft(oval(500, top + deep + 26, 90, 80), 30, lighter(WARM, 0.4), 0.8)
    pen.fill(dome, barrel(look.main))
    with pen.inside(dome):
        pen.fill(box(0, top + deep - 26, 1000, top + deep + 2), barrel(look.second))
        pen.stroke(oval(500, top + deep, half * 0.78, deep * 0.8, 195, 250), 16, WHITE, alpha=0.3)


def desk_lamp(pen: Pen, look: Look) -> None:
    elbow = (look.between(300, 350), look.between(490, 540))
    head = (look.between(580, 630), look.between(310, 350))
    foot = (430.0, 780.0)
    pen.ground(430, 798, 150)
    tip = look.between(18, 34)
    beam = turned_by([(-80, 60), (80, 60), (230, 470), (-230, 470)], -tip, 0, 0)
    pen.soft(moved(beam, *head), 36, WARM, 0.42)
    for start, end in ((foot, elbow), (elbow, head)):
        pen.stroke([start, end], 18, across(look.dark, look.main))
    pen.fill(rounded([(300, 800), (318, 768), (542, 768), (560, 800)], 16), barrel(look.main))
    pen.fill(oval(*elbow, 26, 26), slant(BRASS, darker(BRASS, 0.4)))
    hood: Ring = rounded([(-42, -92), (42, -92), (112, 70), (-112, 70)], 22)
    bulb = moved(turned_by(oval(0, 70, 54, 46), -tip, 0, 0), *head)
    pen.fill(bulb, lighter(WARM, 0.6))
    pen.fill(moved(turned_by(hood, -tip, 0, 0), *head), barrel(look.main))
    band = moved(turned_by(box(-106, 44, 106, 70, 4), -tip, 0, 0), *head)
    pen.fill(band, barrel(look.second))


def candle(pen: Pen, look: Look) -> None:
    half, tall = look.between(105, 150), look.between(230, 330)
    top, jar = 800 - tall, look.one_in(2)
    pen.ground(500, 798, half)
    pen.soft(oval(500, top - 70, 190, 190), 70, WARM, 0.55)
    body = box(500 - half, top, 500 + half, 800, 24)
    if jar:
        pen.fill(body, across(lighter(look.main, 0.6), WHITE, lighter(look.main, 0.5)), alpha=0.8)
        with pen.inside(body):
            pen.fill(box(0, top + 70, 1000, 780), barrel(look.main))
            pen.fill(box(500 - half * 0.75, top, 500 - half * 0.58, 800), WHITE, alpha=0.4)
        wax = top + 70
    else:
        pen.fill(body, down(mix(look.main, WARM, 0.35), look.main, look.dark))
        with pen.inside(body):
            pen.fill(box(500 + half * 0.3, 0, 1000, 900), INK, alpha=0.1)
        wax = top + 8
    pen.fill(oval(500, wax, half * 0.97, half * 0.16), lighter(mix(look.main, WARM, 0.3), 0.5))
    label = box(500 - half * 0.55, 800 - tall * 0.55, 500 + half * 0.55, 800 - tall * 0.2, 10)
    pen.fill(label, lighter(look.second, 0.75))
    for n, width in enumerate((0.3, 0.4, 0.2)):
        y = 800 - tall * 0.46 + n * tall * 0.08
        pen.fill(box(500 - half * width, y, 500 + half * width, y + 7, 3), darker(look.second, 0.3))
    pen.stroke([(500, wax), (500, wax - 40)], 8, INK)
    flame = turned([(1, wax - 150), (26, wax - 84), (30, wax - 52), (4, wax - 22)])
    pen.fill(flame, down((255, 224, 150), (244, 150, 62)))
    pen.fill(turned([(1, wax - 96), (12, wax - 60), (2, wax - 30)]), (255, 246, 214))
