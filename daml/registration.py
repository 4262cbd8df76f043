"""The environments by their Gymnasium ids, registered without loading them."""

ENV_IDS = {
    "place": "daml/Place-v0",
    "push": "daml/Push-v0",
    "pick-place": "daml/PickPlace-v0",
    "tabletop": "daml/Tabletop-v1",
}
"""Gymnasium id of each task kind."""

HORIZONS = {"place": 36, "push": 80, "pick-place": 80, "tabletop": 80}
"""Control steps of an episode of each kind, as the environments themselves have it: they are not loaded here."""


def register_environments() -> None:
    """Register every id that is not registered yet; `gymnasium.make` then loads what it needs.

    Raises:
        ImportError: Gymnasium is not installed.
    """
    import gymnasium  # noqa: PLC0415 - `daml.maml` does without it

    for kind, env_id in ENV_IDS.items():
        if env_id not in gymnasium.registry:
            gymnasium.register(  # pyright: ignore[reportUnknownMemberType] - Gymnasium leaves its kwargs untyped
                env_id,
                entry_point="daml.envs.tabletop:TabletopEnv",
                max_episode_steps=HORIZONS[kind],
                kwargs={"kind": kind},
            )
