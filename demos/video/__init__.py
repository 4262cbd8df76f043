"""Films as files, cameras and pictures: decoding, thinning, recording, writing and previewing."""
