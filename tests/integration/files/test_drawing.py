"""Drawn photographs stand in for sent ones."""

from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from niktokromenas.adapters.files import store
from niktokromenas.adapters.files.drawing import SCENES, draw_scene
from niktokromenas.adapters.files.intake import open_intake
from tests.integration.files.samples import sent


@pytest.mark.parametrize("kind", SCENES)
def test_a_scene_is_a_light_picture_and_repeats_with_its_seed(kind: str) -> None:
    scenes = [draw_scene(kind, seed) for seed in range(4)]
    assert all(len(scene) < 120_000 for scene in scenes)
    assert {Image.open(BytesIO(scene)).size for scene in scenes} == {(1024, 768)}
    assert len(set(scenes)) == 4
    assert draw_scene(kind, 2) == scenes[2]


def test_an_unknown_scene_is_not_drawn() -> None:
    with pytest.raises(KeyError):
        draw_scene("cat", 1)


@pytest.mark.parametrize("kind", SCENES)
async def test_a_scene_is_taken_as_a_photo(tmp_path: Path, kind: str) -> None:
    intake = open_intake(store.in_memory(), uuid4, tmp_path)
    attachment = await intake.take(f"{kind}.jpg", sent(draw_scene(kind, 7)))
    assert (attachment.width, attachment.height) == (1024, 768)
