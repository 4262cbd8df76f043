"""Vision to action: networks that turn camera images and the robot's state into gripper velocities."""

from daml.policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from daml.policies.robot.normalizer import Normalizer
from daml.policies.vision.trunk import Trunk
from daml.policies.visuomotor import VisuomotorPolicy

__all__ = ["HeadOutput", "Normalizer", "PolicyConfig", "Trunk", "VisuomotorHead", "VisuomotorPolicy"]
