"""Fetches the hand models: `python -m daml.demos.hands`."""

import sys

from daml.demos.hands.models import install_models


def main() -> int:
    """Fetch the models, say where they lie, or in one line why they could not be fetched."""
    try:
        sys.stdout.write(f"hand models: {install_models()}\n")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
