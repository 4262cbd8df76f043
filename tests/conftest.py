"""Settings of all tests."""

from hypothesis import settings

settings.register_profile("daml", deadline=None)  # on a busy machine any call may take long
settings.load_profile("daml")
