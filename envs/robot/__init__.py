"""The arm: its model, and control of its gripper in Cartesian space."""
