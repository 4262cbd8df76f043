"""The MuJoCo model of a scene: table, lights, cameras, surfaces and distractors."""
