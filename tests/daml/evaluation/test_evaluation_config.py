"""Laws of what is evaluated on."""

from daml import envs
from daml.collection.filming import Filming
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig, episode_seeds


def test_tasks_are_numbered_from_the_first():
    tasks = EvaluationConfig("push", "validation", n_tasks=2, first_task=3).tasks()
    assert [str(task) for task in tasks] == ["push/validation/3", "push/validation/4"]


def test_a_scene_is_one_task_of_its_kind():
    scene = envs.describe(envs.Task("push", "test", 0))
    config = SceneConfig(scene)
    assert (config.kind, config.tasks()) == ("push", (scene,))


def test_seeds_differ_by_task_and_seed():
    tasks = [envs.Task(kind, split, 0) for kind in envs.KINDS for split in envs.SPLITS]
    firsts = {episode_seeds(task, seed=seed, n=1)[0] for task in tasks for seed in (0, 1)}
    assert len(firsts) == 2 * len(tasks)


def test_a_shift_changes_the_world_of_the_filming_besides():
    assert EvaluationConfig("tabletop").world() is envs.UNSHIFTED
    assert EvaluationConfig("tabletop", shift="light").world() is envs.SHIFTS["light"]
    assert EvaluationConfig("tabletop", filming=Filming("people")).world().as_people
    both = EvaluationConfig("tabletop", shift="light", filming=Filming("people")).world()
    assert both.as_people
    assert both.appearance is envs.SHIFTS["light"].appearance
