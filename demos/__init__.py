"""What a demonstrator was seen to do: read, record, write, hold and store demonstrations."""

from demos.contact_sheet import contact_sheet, write_picture
from demos.dataset import DemoDataset, TaskDemos, task_folder, write_task
from demos.dataset_info import DatasetInfo, create_dataset, read_info
from demos.demo import Fit, Frames, HumanDemo, RobotDemo
from demos.motion import key_places, moving_span
from demos.quality import Quality, measure
from demos.stored_task import StoredTask
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
    "key_places",
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
