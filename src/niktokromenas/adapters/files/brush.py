"""A canvas with sky, ground, houses and trees, for drawn scenes."""

import math
import random
from typing import TypeAlias

from attrs import frozen
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1024, 768
Colour: TypeAlias = tuple[int, int, int]
Spot: TypeAlias = tuple[float, float]


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def grain(picture: Image.Image, chance: random.Random) -> Image.Image:
    """A little unevenness of light, as any lens and any street have."""
    spots = bytes(chance.randrange(112, 144) for _ in range(32 * 24))
    light = Image.frombytes("L", (32, 24), spots).resize(picture.size, Image.Resampling.BICUBIC)
    return ImageChops.overlay(picture, light.convert("RGB"))


@frozen
class Canvas:
    """A picture and its pen, in pixels from the upper left corner."""

    picture: Image.Image
    pen: ImageDraw.ImageDraw

    def shadow(self, box: tuple[float, float, float, float], strength: int = 90) -> None:
        """A soft dark ellipse on the ground."""
        left, top, right, bottom = (round(side) for side in box)
        blot = Image.new("L", ((right - left) // 4 + 8, (bottom - top) // 4 + 8))
        ImageDraw.Draw(blot).ellipse((4, 4, blot.width - 5, blot.height - 5), fill=strength)
        blot = blot.filter(ImageFilter.GaussianBlur(2)).resize((right - left, bottom - top))
        self.picture.paste((18, 20, 26), (left, top), blot)

    def lump(
        self, centre: Spot, radii: Spot, colour: Colour, chance: random.Random, rough: float = 0.14
    ) -> None:
        """A rounded thing with an uneven edge."""
        wobble = [chance.uniform(1 - rough, 1 + rough) for _ in range(26)]
        outline = [
            (
                centre[0] + radii[0] * w * math.cos(math.tau * n / 26),
                centre[1] + radii[1] * w * math.sin(math.tau * n / 26),
            )
            for n, w in enumerate(wobble)
        ]
        self.pen.polygon(outline, fill=colour)

    def beam(self, start: Spot, end: Spot, width: int, colour: Colour) -> None:
        """A bar with a lit upper edge."""
        self.pen.line((*start, *end), fill=shade(colour, 0.72), width=width)
        lift = width * 0.22
        self.pen.line(
            (start[0], start[1] - lift, end[0], end[1] - lift), fill=colour, width=round(width * 0.56)
        )


def shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


def around(colour: Colour, chance: random.Random, spread: int = 12) -> Colour:
    red, green, blue = (max(0, min(255, part + chance.randint(-spread, spread))) for part in colour)
    return red, green, blue


def outdoors(sky: tuple[Colour, Colour], ground: tuple[Colour, Colour], horizon: int) -> Canvas:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.paste(gradient((WIDTH, horizon), *sky), (0, 0))
    picture.paste(gradient((WIDTH, HEIGHT - horizon), *ground), (0, horizon))
    return Canvas(picture, ImageDraw.Draw(picture))


def houses(canvas: Canvas, horizon: int, chance: random.Random, colour: Colour, lit: Colour) -> None:
    """A row of panel houses with windows along the horizon."""
    left = chance.randint(-80, 0)
    while left < WIDTH:
        width, height = chance.randint(150, 260), chance.randint(110, 230)
        wall = around(colour, chance)
        top = horizon - height
        canvas.pen.rectangle((left, top, left + width, horizon), fill=wall)
        canvas.pen.rectangle((left, top, left + width, top + 6), fill=shade(wall, 0.8))
        for x in range(left + 14, left + width - 18, 30):
            for y in range(top + 18, horizon - 20, 34):
                glass = lit if chance.random() < 0.3 else shade(wall, 0.62)
                canvas.pen.rectangle((x, y, x + 15, y + 18), fill=glass)
        left += width + chance.randint(6, 60)


def trees(canvas: Canvas, horizon: int, chance: random.Random, leaf: Colour) -> None:
    for _ in range(chance.randint(4, 6)):
        x, size = chance.randint(0, WIDTH), chance.randint(34, 62)
        canvas.pen.rectangle((x - 5, horizon - size, x + 5, horizon + 14), fill=(88, 68, 52))
        for _ in range(7):
            where = (x + chance.uniform(-0.7, 0.7) * size, horizon - size * chance.uniform(1.0, 2.0))
            canvas.lump(where, (size * 0.6, size * 0.5), around(leaf, chance, 10), chance)
