import dataclasses
import json
from pathlib import Path

import pytest
import torch

from daml.learners.prior import Prior


def test_a_saved_prior_reads_back_the_same(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")
    read = Prior.from_pretrained(tmp_path / "prior")

    assert read.config == prior.config
    assert read.state_dict().keys() == prior.state_dict().keys()
    assert all(torch.equal(read.state_dict()[name], value) for name, value in prior.state_dict().items())


def test_provenance_travels_along(prior: Prior, tmp_path: Path):
    prior.config = dataclasses.replace(prior.config, provenance={"tasks": 3000, "score": 0.9})
    prior.save_pretrained(tmp_path / "prior")

    assert Prior.from_pretrained(tmp_path / "prior").config.provenance == {"tasks": 3000, "score": 0.9}


def test_every_adapting_parameter_has_a_step_size(prior: Prior):
    assert prior.step_sizes().keys() == prior.initial_parameters().keys()
    assert all(size.item() == pytest.approx(prior.config.initial_step_size) for size in prior.step_sizes().values())


def test_only_the_head_adapts(prior: Prior):
    assert prior.initial_parameters().keys() == dict(prior.policy.head.named_parameters()).keys()


def edit_settings(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"human_frame": 3}, "not the settings of a prior"),
        ({"policy": {"channels": 3}}, "not the settings of a prior"),
        ({"policy": {"channels": [8, 8]}}, "expected 4 numbers"),
        ({"policy": {"channels": [8, 8, 8, 8], "hidden_size": "wide"}}, "policy.hidden_size: expected a whole number"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(prior: Prior, tmp_path: Path, changes: dict[str, object], message: str):
    prior.save_pretrained(tmp_path / "prior")
    edit_settings(tmp_path / "prior", **changes)

    with pytest.raises(ValueError, match=message) as error:
        Prior.from_pretrained(tmp_path / "prior")
    assert str(tmp_path / "prior") in str(error.value)
    assert "\n" not in str(error.value)


def test_videos_too_short_for_the_temporal_loss_are_refused(prior: Prior):
    with pytest.raises(ValueError, match=r"human_frames: expected at least 3, .*, got 2"):
        Prior(dataclasses.replace(prior.config, human_frames=2))


def test_tensors_of_another_size_are_refused(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")
    edit_settings(tmp_path / "prior", policy=dataclasses.asdict(prior.config.policy) | {"bias_size": 7})

    with pytest.raises(ValueError, match=r"has shape \(.*\), but config.json calls for"):
        Prior.from_pretrained(tmp_path / "prior")


def test_step_sizes_learn_unless_they_are_fixed(prior: Prior):
    fixed = Prior(dataclasses.replace(prior.config, learned_step_sizes=False))

    assert all(size.requires_grad for size in prior.step_sizes().values())
    assert not any(size.requires_grad for size in fixed.step_sizes().values())


def test_first_order_steps_are_the_same_but_no_outer_gradient_goes_through_them(prior: Prior):
    first_order = Prior(dataclasses.replace(prior.config, inner_gradient="first-order"))
    first_order.load_state_dict(prior.state_dict())
    with torch.no_grad():
        video = prior.policy.see(torch.rand(6, 3, 16, 16))

    exact, approximate = (which.condition([video]) for which in (prior, first_order))

    torch.testing.assert_close(approximate, exact)
    torch.stack([value.square().sum() for value in approximate.values()]).sum().backward()
    assert all(value.grad is None and not value.requires_grad for value in first_order.temporal_loss.parameters())
    assert all(size.grad is not None for size in first_order.step_sizes().values())
