from pathlib import Path
def palm_model(): return Path('/tmp/wheel/mediapipe/modules/palm_detection/palm_detection_full.tflite')
def landmark_model(): return Path('/tmp/wheel/mediapipe/modules/hand_landmark/hand_landmark_full.tflite')
