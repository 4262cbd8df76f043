"""The console command `daml`: reads the command line, runs a command, turns bad input into one clear line."""

import sys

import tyro

_BAD_INPUT = 2
"""Exit status for bad input, as for a wrong command line."""


def main() -> None:
    """Run the command line."""
    # Imported here so that `import daml.cli` stays quick; each command imports torch or mujoco.
    from daml.app.adapt import adapt  # noqa: PLC0415
    from daml.app.collect import collect  # noqa: PLC0415
    from daml.app.demo import demo  # noqa: PLC0415
    from daml.app.doctor import doctor  # noqa: PLC0415
    from daml.app.evaluate import evaluate  # noqa: PLC0415
    from daml.app.record import record  # noqa: PLC0415
    from daml.app.train import train  # noqa: PLC0415

    commands = {
        "demo": demo,
        "record": record,
        "adapt": adapt,
        "evaluate": evaluate,
        "collect": collect,
        "train": train,
        "doctor": doctor,
    }
    try:
        tyro.extras.subcommand_cli_from_dict(
            commands,
            prog="daml",
            description="One human video in, an adapted robot policy and an honest success rate out.",
        )
    except (ValueError, OSError, RuntimeError) as error:
        message = " ".join(str(error).split())
        sys.stderr.write(f"daml: error: {message}\n")
        raise SystemExit(_BAD_INPUT) from None
    except KeyboardInterrupt:
        sys.stderr.write("daml: stopped; run the same command again to go on\n")
        raise SystemExit(130) from None
