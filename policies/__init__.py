"""Vision to action: networks that turn camera images and the robot's state into gripper velocities."""

from daml.policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from daml.policies.normalizer import Normalizer
from daml.policies.trunk import Trunk
from daml.policies.visuomotor import VisuomotorPolicy

__all__ = ["HeadOutput", "Normalizer", "PolicyConfig", "Trunk", "VisuomotorHead", "VisuomotorPolicy"]
