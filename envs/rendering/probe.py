"""Draw one sample frame with the backend that `MUJOCO_GL` names, and time it.

`python -m daml.envs.rendering.probe FRAME.png` is a process of its own, because a broken OpenGL library can take the
process down with it.
"""

import json
import sys
import time
from pathlib import Path

import mujoco
from PIL import Image

from daml.envs.rendering.quality import PERSON_QUALITY
from daml.envs.rendering.renderer import OffscreenRenderer

_SCENE = """
<mujoco>
  <asset>
    <texture type="skybox" builtin="gradient" rgb1="0.6 0.7 0.8" rgb2="0.2 0.25 0.3" width="64" height="64"/>
    <texture name="checker" type="2d" builtin="checker" rgb1="0.8 0.8 0.75" rgb2="0.5 0.55 0.5" width="64" height="64"/>
    <material name="floor" texture="checker" texrepeat="6 6" reflectance="0.1"/>
  </asset>
  <worldbody>
    <light pos="-1 -1 3" dir="1 1 -3" castshadow="true" cutoff="80"/>
    <geom type="plane" size="2 2 0.1" material="floor"/>
    <geom type="box" size="0.2 0.2 0.2" pos="0 0 0.2" rgba="0.8 0.3 0.2 1" euler="0 0 30"/>
    <geom type="sphere" size="0.2" pos="0.6 0.1 0.2" rgba="0.2 0.5 0.8 1"/>
    <geom type="cylinder" size="0.15 0.2" pos="-0.6 0.1 0.2" rgba="0.3 0.7 0.3 1"/>
    <camera name="front" pos="0 -2 1.2" xyaxes="1 0 0 0 0.5 0.86" fovy="45"/>
  </worldbody>
</mujoco>
"""
_N_TIMED = 200  # Images; a fifth of a second where all is well.


def main(frame: Path) -> None:
    """Write the sample frame and report, as one line of JSON on standard output, how long rendering took.

    Args:
        frame: PNG file to write, 640 x 480.

    Raises:
        RuntimeError: The backend cannot render; the message says what to install.
    """
    model = mujoco.MjModel.from_xml_string(_SCENE)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    start = time.perf_counter()
    with OffscreenRenderer(480, 640) as renderer:
        renderer.load(model)
        image = renderer.render(data, "front", quality=PERSON_QUALITY)
    first_frame_s = time.perf_counter() - start
    # A driver that draws nothing without complaint is no working backend.
    if image.std() < 1:
        raise RuntimeError("the backend drew an image of one colour")
    Image.fromarray(image).save(frame)
    with OffscreenRenderer(64, 64) as renderer:
        renderer.load(model)
        renderer.render(data, "front")
        start = time.perf_counter()
        for _ in range(_N_TIMED):
            renderer.render(data, "front")
        frame_rate_hz = _N_TIMED / (time.perf_counter() - start)
    sys.stdout.write(json.dumps({"first_frame_s": first_frame_s, "frame_rate_hz": frame_rate_hz}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
