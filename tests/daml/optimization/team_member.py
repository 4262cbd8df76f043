"""One process of a team, for `test_distributed.py`: shares a meta-gradient, then a short meta-training run."""

import dataclasses
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from daml.batches.batch import BatchConfig, MetaBatch, sample_batch
from daml.demos import DemoDataset
from daml.learners.prior import Prior, PriorConfig
from daml.learners.temporal_loss import TemporalLossConfig
from daml.optimization.distributed import join_team
from daml.policies.head import PolicyConfig
from daml.policies.tensor_trees import index_tensors
from daml.training.behavior_cloning import BehaviorCloningConfig
from daml.training.meta_objective import meta_objective
from daml.training.meta_training import meta_train
from daml.training.meta_training_config import MetaTrainingConfig


def training_config() -> MetaTrainingConfig:
    """Return settings small enough for a test."""
    prior = PriorConfig(
        policy=dataclasses.replace(PolicyConfig(), channels=(8, 8, 8, 8), hidden_size=16),
        temporal_loss=TemporalLossConfig(n_outputs=4, kernel_size=3),
        image_size=(16, 16),
        human_frames=6,
    )
    batch = BatchConfig(n_tasks=4, human_frames=6, robot_frames=4)
    return MetaTrainingConfig(steps=2, log_every=1, save_every=1, validate_every=1, prior=prior, batch=batch)


def meta_gradient(prior: Prior, batch: MetaBatch) -> dict[str, torch.Tensor]:
    """Compute the gradient of the meta-objective in float32."""
    prior.zero_grad()
    torch.autograd.backward(meta_objective(prior, batch, config=BehaviorCloningConfig()).loss)
    return {name: value.grad.clone().contiguous() for name, value in prior.named_parameters() if value.grad is not None}


def main() -> None:
    """Write what this process computed to the folder."""
    folder, dataset = Path(sys.argv[1]), DemoDataset(Path(sys.argv[2]))
    torch.set_num_threads(1)
    team = join_team()
    config = training_config()
    torch.manual_seed(0)
    prior = Prior(config.prior)
    batch = sample_batch(dataset.tasks("train"), config.batch, seed=0, step=0)
    share = team.share(config.batch.n_tasks, what="n_tasks")
    own = index_tensors(batch, slice(team.rank * share, (team.rank + 1) * share))

    gradient = meta_gradient(prior, own)
    save_file(gradient, folder / f"half-{team.rank}.safetensors")
    team.average(gradient.values())
    save_file(gradient, folder / f"shared-{team.rank}.safetensors")
    if team.is_first:
        save_file(meta_gradient(prior, batch), folder / "whole.safetensors")

    prepared: list[int] = []

    def prepare(changed: Prior) -> None:
        prepared.append(team.rank)
        with torch.no_grad():
            changed.policy.head.bias += team.rank + 1

    learned = meta_train(config, dataset.tasks("train"), output=folder / "run", prepare=prepare, team=team)
    tensors = {name: value.contiguous() for name, value in learned.state_dict().items()}
    save_file(tensors, folder / f"learned-{team.rank}.safetensors")
    if prepared:
        (folder / "prepared.json").write_text(json.dumps(prepared))


if __name__ == "__main__":
    main()
