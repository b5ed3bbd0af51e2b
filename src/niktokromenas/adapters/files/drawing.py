"""Drawn "photographs" of what citizens write about, for demonstration and tests."""

import math
import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

from niktokromenas.adapters.files.brush import (
    HEIGHT,
    WIDTH,
    Canvas,
    Colour,
    Spot,
    around,
    gradient,
    grain,
    houses,
    outdoors,
    shade,
    trees,
)


def draw_scene(kind: str, seed: int) -> bytes:
    """A JPEG, 1024 x 768, below 120 KB; the same for the same `kind` (one of `SCENES`) and `seed`.

    Raises `KeyError` for another kind.
    """
    chance = random.Random(f"{kind}/{seed}")
    scene = SCENES[kind](chance)
    buffer = BytesIO()
    grain(scene, chance).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


_DAY = ((120, 172, 222), (214, 230, 240))
_OVERCAST = ((150, 162, 176), (212, 217, 222))
_DUSK = ((12, 17, 42), (58, 58, 92))
_ASPHALT = ((118, 120, 124), (84, 86, 91))
_GRASS = ((128, 160, 88), (82, 122, 58))
_WALLS: Colour = (196, 184, 168)
_LEAF: Colour = (82, 128, 64)
_GLASS: Colour = (126, 158, 186)


def _pothole(chance: random.Random) -> Image.Image:
    horizon = 290
    canvas = outdoors(_DAY, _GRASS, horizon)
    houses(canvas, horizon, chance, _WALLS, _GLASS)
    trees(canvas, horizon, chance, _LEAF)
    canvas.picture.paste(gradient((WIDTH, HEIGHT - horizon), *_ASPHALT), (0, horizon), _road_shape(horizon))
    for near in (0.12, 0.3, 0.56, 0.95):
        top, bottom = horizon + 470 * near, horizon + 470 * near * 1.45
        half = 3 + 16 * near
        canvas.pen.polygon(
            [(512 - half, top), (512 + half, top), (512 + half * 1.4, bottom), (512 - half * 1.4, bottom)],
            fill=(226, 226, 218),
        )
    x, y, size = chance.randint(380, 640), chance.randint(540, 610), chance.randint(150, 200)
    for scale, colour in ((1.16, (104, 104, 106)), (1.0, (66, 62, 60)), (0.88, (44, 40, 38))):
        canvas.lump((x, y), (size * scale, size * 0.4 * scale), colour, chance, 0.1)
    canvas.lump((x + 8, y + 14), (size * 0.62, size * 0.2), (104, 130, 150), chance, 0.08)
    canvas.lump((x + 26, y + 10), (size * 0.36, size * 0.07), (158, 182, 198), chance, 0.08)
    _cracks(canvas, (x, y), size, chance)
    for _ in range(26):
        angle, far = chance.uniform(0, math.tau), chance.uniform(1.05, 1.7) * size
        spot = (x + far * math.cos(angle), y + far * 0.42 * math.sin(angle))
        canvas.lump(spot, (chance.uniform(3, 9), chance.uniform(2, 6)), around((74, 72, 72), chance), chance)
    return canvas.picture


def _road_shape(horizon: int) -> Image.Image:
    shape = Image.new("L", (WIDTH, HEIGHT - horizon))
    ImageDraw.Draw(shape).polygon([(440, 0), (584, 0), (1180, HEIGHT), (-156, HEIGHT)], fill=255)
    return shape


def _cracks(canvas: Canvas, centre: Spot, size: float, chance: random.Random) -> None:
    for _ in range(7):
        angle = chance.uniform(0, math.tau)
        points = [
            (
                centre[0] + size * far * math.cos(angle + chance.uniform(-0.12, 0.12)),
                centre[1] + size * far * 0.42 * math.sin(angle + chance.uniform(-0.12, 0.12)),
            )
            for far in (0.95, 1.2, 1.45, 1.7)
        ]
        canvas.pen.line(points, fill=(58, 57, 58), width=3, joint="curve")


def _bench(chance: random.Random) -> Image.Image:
    horizon = 330
    canvas = outdoors(_DAY, _GRASS, horizon)
    houses(canvas, horizon, chance, _WALLS, _GLASS)
    trees(canvas, horizon, chance, _LEAF)
    canvas.pen.polygon([(0, 600), (WIDTH, 560), (WIDTH, 768), (0, 768)], fill=(186, 178, 164))
    for x in range(-200, WIDTH, 130):
        canvas.pen.line((x, 768, x + 130, 570), fill=(164, 156, 142), width=2)
    wood = around((176, 112, 62), chance, 18)
    canvas.shadow((200, 590, 850, 680))
    for x in (270, 760):
        canvas.beam((x, 360), (x - 14, 640), 22, (62, 66, 72))
        canvas.beam((x - 6, 520), (x + 66, 520), 18, (62, 66, 72))
        canvas.beam((x + 62, 520), (x + 62, 650), 20, (62, 66, 72))
    for y in (380, 432):
        canvas.beam((220, y), (820, y + chance.randint(-4, 4)), 34, wood)
    break_at = chance.randint(470, 580)
    canvas.beam((220, 506), (break_at, 512), 26, wood)
    canvas.beam((break_at + 60, 520), (836, 508), 26, wood)
    canvas.beam((232, 540), (break_at - 40, 556), 28, wood)
    canvas.beam((break_at - 60, 548), (break_at + 46, 660), 28, shade(wood, 0.92))
    canvas.beam((break_at + 100, 672), (break_at + 330, 636), 28, shade(wood, 0.9))
    for x, y in ((break_at, 512), (break_at + 60, 520)):
        for step in range(-9, 10, 6):
            reach = chance.choice((-26, 22, 30))
            canvas.pen.polygon(
                [(x, y + step - 4), (x + reach, y + step), (x, y + step + 4)], fill=shade(wood, 1.25)
            )
    return canvas.picture


def _lamp(chance: random.Random) -> Image.Image:
    horizon = 470
    canvas = outdoors(_DUSK, ((42, 44, 52), (20, 21, 27)), horizon)
    for _ in range(40):
        x, y = chance.randint(0, WIDTH), chance.randint(0, 240)
        canvas.pen.point((x, y), fill=(190, 196, 220))
    houses(canvas, horizon, chance, (40, 42, 62), (232, 188, 104))
    canvas.pen.polygon([(430, horizon), (640, horizon), (1024, 768), (40, 768)], fill=(33, 34, 41))
    far = chance.randint(690, 760)
    _glow(canvas, (far, 330), 120)
    _post(canvas, (far, 330), 0.42, (255, 232, 170))
    near = chance.randint(250, 360)
    _post(canvas, (near, 130), 1.0, (58, 58, 60))
    canvas.pen.line((near + 88, 132, near + 96, 160, near + 84, 186), fill=(16, 16, 20), width=3)
    return canvas.picture


def _post(canvas: Canvas, top: Spot, scale: float, lens: Colour) -> None:
    x, y = top
    foot = y + 560 * scale
    canvas.pen.rectangle((x - 9 * scale, y, x + 9 * scale, foot), fill=(92, 96, 108))
    canvas.pen.rectangle((x - 9 * scale, y, x - 3 * scale, foot), fill=(126, 130, 142))
    canvas.pen.line(
        (x, y, x + 100 * scale, y - 22 * scale), fill=(98, 102, 114), width=max(3, round(11 * scale))
    )
    left, middle = x + 60 * scale, y - 18 * scale
    canvas.pen.ellipse((left, middle - 4 * scale, left + 96 * scale, middle + 30 * scale), fill=lens)
    canvas.pen.pieslice(
        (left, middle - 26 * scale, left + 96 * scale, middle + 30 * scale), 180, 360, (112, 116, 128)
    )


def _glow(canvas: Canvas, centre: Spot, radius: int) -> None:
    light = ImageChops.invert(Image.radial_gradient("L")).point(lambda value: max(0, value - 70) * 0.9)
    light = light.resize((radius * 4, radius * 4))
    at = (round(centre[0]) - radius * 2 + 40, round(centre[1]) - radius * 2)
    canvas.picture.paste((255, 214, 140), at, light)


def _litter(chance: random.Random) -> Image.Image:
    horizon = 300
    canvas = outdoors(_OVERCAST, ((134, 140, 96), (104, 108, 72)), horizon)
    houses(canvas, horizon, chance, (176, 170, 164), _GLASS)
    trees(canvas, horizon, chance, (104, 124, 72))
    canvas.shadow((130, 560, 930, 730))
    _bin(canvas, chance.randint(650, 720))
    colours = ((38, 40, 46), (54, 58, 70), (226, 228, 230), (40, 82, 142), (70, 74, 62))
    for row, base in enumerate((520, 590, 650)):
        for _ in range(5 + row):
            x = chance.randint(210 - row * 30, 620 + row * 60)
            size = chance.randint(56, 84)
            colour = around(chance.choice(colours), chance, 8)
            canvas.lump((x, base), (size, size * 0.74), colour, chance, 0.1)
            canvas.lump(
                (x - size * 0.25, base - size * 0.3), (size * 0.4, size * 0.16), shade(colour, 1.35), chance
            )
            knot = (x, base - size * 0.72)
            canvas.pen.polygon(
                [knot, (knot[0] - 15, knot[1] - 20), (knot[0] + 15, knot[1] - 18)], fill=colour
            )
    for _ in range(46):
        _scrap(canvas, (chance.randint(60, 980), chance.randint(620, 745)), chance)
    return canvas.picture


def _bin(canvas: Canvas, x: int) -> None:
    green = (58, 112, 84)
    canvas.pen.polygon([(x, 350), (x + 250, 350), (x + 232, 610), (x + 18, 610)], fill=green)
    canvas.pen.polygon([(x, 350), (x + 250, 350), (x + 247, 384), (x + 3, 384)], fill=shade(green, 1.25))
    for rib in (60, 124, 190):
        canvas.pen.rectangle((x + rib, 392, x + rib + 10, 604), fill=shade(green, 0.8))
    for wheel in (34, 186):
        canvas.pen.ellipse((x + wheel, 594, x + wheel + 34, 628), fill=(30, 32, 34))


def _scrap(canvas: Canvas, spot: Spot, chance: random.Random) -> None:
    """A bottle, a can or a piece of paper."""
    colour = chance.choice(((236, 236, 230), (206, 58, 52), (92, 152, 190), (222, 186, 84), (120, 160, 110)))
    angle, length = chance.uniform(0, math.pi), chance.uniform(9, 24)
    reach = (math.cos(angle) * length, math.sin(angle) * length * 0.5)
    canvas.beam(
        (spot[0] - reach[0], spot[1] - reach[1]), (spot[0] + reach[0], spot[1] + reach[1]), 10, colour
    )


def _snow(chance: random.Random) -> Image.Image:
    horizon = 340
    canvas = outdoors(((172, 186, 206), (226, 231, 238)), ((232, 237, 244), (204, 212, 224)), horizon)
    houses(canvas, horizon, chance, (186, 160, 142), (236, 204, 140))
    for foot in (90, 930):
        _bare_tree(canvas, (foot + chance.randint(-30, 30), horizon + 40), chance)
    canvas.pen.polygon([(0, 640), (WIDTH, 590), (WIDTH, 768), (0, 768)], fill=(150, 156, 166))
    canvas.shadow((120, 570, 940, 720), 110)
    middle = chance.randint(470, 560)
    for share in (1.0, 0.78, 0.55, 0.34):
        for _ in range(6):
            x, y = middle + chance.uniform(-1, 1) * 250 * share, 650 - 250 * (1 - share)
            grey = shade((214, 222, 234), chance.uniform(0.95, 1.03))
            canvas.lump((x, y), (150 * share + 30, 96 * share + 22), grey, chance, 0.07)
            white = shade((238, 243, 249), chance.uniform(0.98, 1.04))
            canvas.lump((x - 24, y - 22), (110 * share + 18, 58 * share + 12), white, chance, 0.07)
    for _ in range(50):
        spot = (middle + chance.gauss(0, 190), chance.uniform(650, 728))
        crumb = shade((190, 196, 206), chance.uniform(0.85, 1.1))
        canvas.lump(spot, (chance.uniform(4, 15), chance.uniform(3, 10)), crumb, chance)
    canvas.beam((middle + 210, 380), (middle + 268, 700), 14, (164, 116, 70))
    canvas.pen.polygon(
        [(middle + 246, 610), (middle + 306, 600), (middle + 318, 700), (middle + 262, 712)],
        fill=(196, 60, 50),
    )
    for _ in range(90):
        left, top, size = chance.randint(0, WIDTH), chance.randint(0, HEIGHT), chance.choice((2, 3, 4))
        canvas.pen.ellipse((left, top, left + size, top + size), fill=(250, 251, 253))
    return canvas.picture


def _bare_tree(canvas: Canvas, foot: Spot, chance: random.Random) -> None:
    branches = [(foot, -math.pi / 2, 100.0, 16)]
    while branches:
        start, angle, length, width = branches.pop()
        end = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
        canvas.pen.line((*start, *end), fill=(82, 70, 64), width=width)
        if width > 3:
            turns = (chance.uniform(-0.7, -0.25), chance.uniform(0.25, 0.7))
            branches += [(end, angle + turn, length * 0.74, width * 6 // 10) for turn in turns]


def _tree(chance: random.Random) -> Image.Image:
    horizon = 300
    canvas = outdoors(_OVERCAST, _GRASS, horizon)
    houses(canvas, horizon, chance, _WALLS, _GLASS)
    canvas.pen.polygon([(0, 520), (WIDTH, 470), (WIDTH, 690), (0, 768)], fill=(122, 124, 128))
    canvas.pen.polygon([(0, 512), (WIDTH, 462), (WIDTH, 474), (0, 526)], fill=(190, 188, 180))
    canvas.shadow((140, 560, 1000, 720))
    bark = around((112, 82, 58), chance, 10)
    canvas.lump((170, 600), (88, 96), shade(bark, 0.55), chance, 0.2)
    for _ in range(9):
        angle = chance.uniform(math.pi * 0.6, math.pi * 1.4)
        canvas.pen.line(
            (170, 600, 170 + 130 * math.cos(angle), 600 + 120 * math.sin(angle)),
            fill=shade(bark, 0.7),
            width=9,
        )
    tilt = chance.randint(-20, 20)
    canvas.beam((150, 604), (700, 560 + tilt), 74, bark)
    for _ in range(40):
        x = chance.randint(170, 640)
        y = 604 - (x - 150) * (44 - tilt) / 550 + chance.randint(-28, 26)
        canvas.pen.line((x, y, x + chance.randint(18, 44), y - 2), fill=shade(bark, 0.62), width=3)
    crown = (800, 545 + tilt)
    for reach in (-0.9, -0.4, 0.3, 0.8):
        canvas.beam((640, 564 + tilt), (900, crown[1] + reach * 150), 20, shade(bark, 0.9))
    for light in (0.7, 0.85, 1.0, 1.2):
        for _ in range(16):
            spot = (crown[0] + chance.gauss(0, 95), crown[1] + chance.gauss(0, 70) - light * 16)
            leaf = shade(around(_LEAF, chance, 10), light)
            canvas.lump(spot, (chance.uniform(22, 58), chance.uniform(18, 42)), leaf, chance, 0.25)
    return canvas.picture


SCENES: dict[str, Callable[[random.Random], Image.Image]] = {
    "pothole": _pothole,
    "bench": _bench,
    "lamp": _lamp,
    "litter": _litter,
    "snow": _snow,
    "tree": _tree,
}
