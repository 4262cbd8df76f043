import torch

from daml.storage.digest import digest

SETTINGS = {"n_tasks": 2}


def test_the_digest_changes_with_settings_and_weights():
    weights = [torch.zeros(3), torch.ones(2)]
    name = digest(SETTINGS, 1, tensors=weights)

    assert digest(SETTINGS, 1, tensors=[value.clone() for value in weights]) == name
    assert digest(SETTINGS, 2, tensors=weights) != name
    assert digest(SETTINGS, 1, tensors=[weights[0], weights[1] + 1e-3]) != name
