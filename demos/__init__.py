"""What a demonstrator was seen to do: read, record, write, hold and store demonstrations."""

from demos.dataset import DemoDataset, TaskDemos, task_folder, write_task
from demos.dataset_info import DatasetInfo, create_dataset, read_info
from demos.demo import Fit, Frames, HumanDemo, RobotDemo
from demos.motion import key_places, moving_span
from demos.stored_task import StoredTask
from demos.video import read_video, write_video
from demos.webcam import record_webcam

__all__ = [
    "DatasetInfo",
    "DemoDataset",
    "Fit",
    "Frames",
    "HumanDemo",
    "RobotDemo",
    "StoredTask",
    "TaskDemos",
    "create_dataset",
    "key_places",
    "moving_span",
    "read_info",
    "read_video",
    "record_webcam",
    "task_folder",
    "write_task",
    "write_video",
]
