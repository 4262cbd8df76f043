"""Several steps: one policy for each, run one after another, each until it has come to rest."""
