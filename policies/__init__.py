"""Vision to action: networks that turn camera images and the robot's state into gripper velocities."""

from policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from policies.normalizer import Normalizer
from policies.trunk import Trunk
from policies.visuomotor import VisuomotorPolicy

__all__ = ["HeadOutput", "Normalizer", "PolicyConfig", "Trunk", "VisuomotorHead", "VisuomotorPolicy"]
