"""Settings of all tests."""

import pytest
import torch
from hypothesis import settings

settings.register_profile("daml", deadline=None)  # on a busy machine any call may take long
settings.load_profile("daml")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let each test draw the same numbers, whatever ran before it."""
    torch.manual_seed(0)
