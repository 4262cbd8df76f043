#!/usr/bin/env bash
# Installs the lowest version of everything that pyproject.toml admits into a new virtual environment, and runs a part of
# the tests there: one or more for each library that is used.
#
#   scripts/test_lowest_versions.sh [FOLDER]      # FOLDER keeps the environment; a temporary one is removed
#
# uv resolves the lowest versions (pip cannot). Its settings are obeyed: without an NVIDIA GPU,
# UV_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu with UV_INDEX_STRATEGY=unsafe-best-match saves gigabytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder="${1:-}"
if [ -z "$folder" ]; then
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
fi

python="${PYTHON:-python3}"
"$python" -m venv "$folder/uv"
"$folder/uv/bin/python" -m pip install -qq --disable-pip-version-check uv
uv="$folder/uv/bin/uv"
"$uv" venv -q --python "$python" --allow-existing "$folder/venv"
export VIRTUAL_ENV="$folder/venv"

# The tools of development are tried as they are: nobody else installs them.
"$uv" pip install -q --resolution lowest-direct --editable ".[app,examples,hands,lerobot,ray,report,tensorboard]"
"$uv" pip install -q "pytest>=8.3" "hypothesis>=6.100"
"$uv" pip list

tests=(
    tests/attacks                                   # what broken input gets out of each library
    tests/daml/test_cli.py                          # tyro
    tests/daml/test_registration.py                 # gymnasium
    tests/envs/test_tabletop.py                     # mujoco, mink, daqp, OpenCV
    tests/envs/scene_files
    tests/envs/rendering                            # Pillow, OpenCV
    tests/demos/test_parsing.py                     # msgspec
    tests/demos/video                               # av, Pillow
    tests/demos/hands                               # ai-edge-litert
    tests/demos/lerobot                             # pyarrow
    tests/demos/storage                             # numpy
    tests/policies                                  # torch
    tests/daml/maml
    tests/daml/storage                              # safetensors, filelock
    tests/daml/deployment
    tests/daml/evaluation/test_statistics.py        # scipy
    tests/daml/page                                 # gradio
    tests/daml/engines                              # ray
    tests/daml/terminal                             # rich
    tests/daml/reporting/test_plots.py              # matplotlib
)
# Old versions of one library use what newer ones of another warn about.
OMP_NUM_THREADS=1 "$folder/venv/bin/python" -m pytest -q -W default -p no:cacheprovider "${tests[@]}"
