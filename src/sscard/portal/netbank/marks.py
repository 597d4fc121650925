"""The drawn marks of the demo's banks: a few polygons in a square of 72, as SVG for pages and PNG for the phone's screen.

They are nobody's trade mark. Both forms come from the same corners, so that they cannot differ.
"""

from __future__ import annotations

import io
from functools import lru_cache

SIDE = 72
Points = tuple[tuple[float, float], ...]

SHAPES: dict[str, tuple[Points, ...]] = {
    "bridge": (
        ((14, 44), (58, 44), (58, 50), (14, 50)),
        ((20, 24), (25, 24), (25, 44), (20, 44)),
        ((47, 24), (52, 24), (52, 44), (47, 44)),
        ((25, 24), (36, 36), (47, 24), (47, 31), (36, 43), (25, 31)),
    ),
    "gate": (
        ((16, 22), (56, 22), (56, 29), (16, 29)),
        ((19, 29), (27, 29), (27, 52), (19, 52)),
        ((45, 29), (53, 29), (53, 52), (45, 52)),
        ((32, 34), (40, 34), (40, 52), (32, 52)),
    ),
    "waves": (
        ((14, 30), (25, 22), (36, 30), (47, 22), (58, 30), (58, 37), (47, 29), (36, 37), (25, 29), (14, 37)),
        ((14, 45), (25, 37), (36, 45), (47, 37), (58, 45), (58, 52), (47, 44), (36, 52), (25, 44), (14, 52)),
    ),
    "leaf": (
        ((36, 16), (50, 30), (50, 40), (38, 51), (38, 33), (34, 33), (34, 51), (22, 40), (22, 30)),
        ((34, 51), (38, 51), (38, 57), (34, 57)),
    ),
    "hill": (((12, 52), (29, 24), (38, 39), (44, 31), (60, 52)),),
}


def svg(mark: str, colour: str, *, full: bool = False) -> str:
    """The mark on its ground; `full` without round corners, for screens that cut their own."""
    corner = 0 if full else 17
    shapes = "".join(
        f'<polygon points="{" ".join(f"{x:g},{y:g}" for x, y in points)}" fill="#fff"/>' for points in SHAPES[mark]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        f'<rect width="{SIDE}" height="{SIDE}" rx="{corner}" fill="{colour}"/>{shapes}</svg>'
    )


@lru_cache(maxsize=64)
def png(mark: str, colour: str, size: int, *, full: bool = False) -> bytes:
    """The same as a picture of `size` by `size` points, drawn four times as large and made smaller for smooth edges."""
    from PIL import Image, ImageDraw  # only here: most processes never draw one

    large = size * 4
    scale = large / SIDE
    picture = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, large - 1, large - 1), radius=0 if full else 17 * scale, fill=colour)
    for points in SHAPES[mark]:
        draw.polygon([(x * scale, y * scale) for x, y in points], fill="#ffffff")
    out = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
