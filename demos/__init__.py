"""What a demonstrator was seen to do: read, record, write, hold and store demonstrations."""

from daml.demos.contact_sheet import contact_sheet, write_picture
from daml.demos.demo import Frames, HumanDemo, RobotDemo
from daml.demos.hands.reader import Sighting, read_hands
from daml.demos.hands.tracks import HandTrack, HandTracks
from daml.demos.lerobot.exporter import export_lerobot
from daml.demos.lerobot.importer import import_lerobot
from daml.demos.motion import key_places, moving_span
from daml.demos.quality import Quality, measure
from daml.demos.reading.drawing import draw_reading
from daml.demos.reading.reader import read_film, read_steps
from daml.demos.reading.reading import FilmNotReadableError, Reading, Step
from daml.demos.resizing import Fit
from daml.demos.storage.clip_import import import_clips
from daml.demos.storage.dataset import DemoDataset, TaskDemos, task_folder, write_task
from daml.demos.storage.dataset_info import DatasetInfo, create_dataset, read_info
from daml.demos.storage.stored_task import StoredTask
from daml.demos.storage.validation import find_problems
from daml.demos.video.preview import live_preview
from daml.demos.video.video_file import read_video, write_video
from daml.demos.video.webcam import check_camera, record_webcam

__all__ = [
    "DatasetInfo",
    "DemoDataset",
    "FilmNotReadableError",
    "Fit",
    "Frames",
    "HandTrack",
    "HandTracks",
    "HumanDemo",
    "Quality",
    "Reading",
    "RobotDemo",
    "Sighting",
    "Step",
    "StoredTask",
    "TaskDemos",
    "check_camera",
    "contact_sheet",
    "create_dataset",
    "draw_reading",
    "export_lerobot",
    "find_problems",
    "import_clips",
    "import_lerobot",
    "key_places",
    "live_preview",
    "measure",
    "moving_span",
    "read_film",
    "read_hands",
    "read_info",
    "read_steps",
    "read_video",
    "record_webcam",
    "task_folder",
    "write_picture",
    "write_task",
    "write_video",
]
