"""Laws of candidates."""

import pickle

from daml import envs
from daml.evaluation.candidates import fixed, one_shot
from daml.learners.prior import Prior


def test_a_fixed_policy_is_itself_for_every_task():
    policy = envs.find_expert("push")
    method = fixed(policy, shown_slot=1, adapt_ms=2.0)
    for index in range(2):
        assert method(envs.Task("push", "test", index), index) == (policy, 1, 2.0)


def test_a_method_that_was_sent_makes_the_same_policy(prior: Prior):
    task = envs.Task("place", "test", 0)
    here, there = (method(task, 3) for method in (one_shot(prior), pickle.loads(pickle.dumps(one_shot(prior)))))
    assert here.shown_slot == there.shown_slot
    first, second = (candidate.policy.parameters() for candidate in (here, there))
    assert all(first[name].equal(second[name]) for name in first)
