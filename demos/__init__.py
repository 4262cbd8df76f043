"""What a demonstrator was seen to do: read, record, write, hold and store demonstrations."""

from demos.clip_import import import_clips
from demos.contact_sheet import contact_sheet, write_picture
from demos.dataset import DemoDataset, TaskDemos, task_folder, write_task
from demos.dataset_info import DatasetInfo, create_dataset, read_info
from demos.demo import Fit, Frames, HumanDemo, RobotDemo
from demos.lerobot_export import export_lerobot
from demos.lerobot_import import import_lerobot
from demos.motion import key_places, moving_span
from demos.preview import live_preview
from demos.quality import Quality, measure
from demos.stored_task import StoredTask
from demos.validation import find_problems
from demos.video import read_video, write_video
from demos.webcam import record_webcam

__all__ = [
    "DatasetInfo",
    "DemoDataset",
    "Fit",
    "Frames",
    "HumanDemo",
    "Quality",
    "RobotDemo",
    "StoredTask",
    "TaskDemos",
    "contact_sheet",
    "create_dataset",
    "export_lerobot",
    "find_problems",
    "import_clips",
    "import_lerobot",
    "key_places",
    "live_preview",
    "measure",
    "moving_span",
    "read_info",
    "read_video",
    "record_webcam",
    "task_folder",
    "write_picture",
    "write_task",
    "write_video",
]
