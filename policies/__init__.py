"""Vision to action: networks that turn camera images and the robot's state into gripper velocities."""

from policies.normalizer import Normalizer
from policies.trunk import Trunk
from policies.visuomotor import HeadOutput, PolicyConfig, VisuomotorHead, VisuomotorPolicy

__all__ = ["HeadOutput", "Normalizer", "PolicyConfig", "Trunk", "VisuomotorHead", "VisuomotorPolicy"]
