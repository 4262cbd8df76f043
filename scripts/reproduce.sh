#!/usr/bin/env bash
# From nothing to the tables: trains a prior, judges it with every control and in every shifted world on all kinds of
# task, and writes the report.
#
#     bash scripts/reproduce.sh [--quick] [--prior NAME] [FOLDER]
#
# --quick   tiny sizes: shows in about two minutes on two cores that all of it works; its figures mean nothing
# --prior   judge this prior (a shipped one, or a folder of `daml train`) instead of training one
# FOLDER    where everything goes: runs/reproduce, or runs/reproduce-quick
#
# What is there is kept: stopped at any time, the same command goes on. How long each part took is said at its end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

quick='' prior='' folder=''
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) quick=yes ;;
        --prior)
            prior="${2:?--prior needs the name of a prior}"
            shift
            ;;
        -*) die "unknown option $1; valid: --quick, --prior NAME" ;;
        *) folder="$1" ;;
    esac
    shift
done
folder="${folder:-runs/reproduce${quick:+-quick}}"

# The world of training comes first: the others are held against it.
readonly CONTROLS=(none wrong-demo no-demo shuffled-demo reversed-demo robot-demo)
readonly SHIFTS=(backgrounds camera light distractors tempo occlusion hand compression)

train_options=() n_tasks=100
if [ -n "$quick" ]; then
    n_tasks=1
    train_options=(
        --steps 2 --log-every 1 --save-every 1 --validate-every 2 --validation-tasks 1 --device cpu
        --collection.train-tasks 2 --collection.validation-tasks 0 --collection.robots 1 --collection.image-size 32
        --pretraining.steps 2 --pretraining.tasks 4
        --prior.image-size 32 32 --prior.human-frames 6 --batch.human-frames 6 --batch.n-tasks 2 --batch.robot-clips 1
        --prior.policy.channels 8 8 8 8 --prior.policy.hidden-size 16
        --prior.temporal-loss.n-outputs 4 --prior.temporal-loss.kernel-size 3 --prior.temporal-loss.gate-size 6
    )
fi

# Runs a part and says how long it took.
timed() {
    local name="$1" began="$SECONDS" took
    shift
    printf '\n== %s\n' "$name"
    "$@"
    took=$((SECONDS - began))
    printf '== %s took %d:%02d:%02d\n' "$name" $((took / 3600)) $((took / 60 % 60)) $((took % 60))
}

train_prior() {
    # A run that has reached its last step is left alone: with other software it would not be the same run.
    [ -e "$folder/trained" ] && return
    .venv/bin/daml train --output "$folder/prior" "${train_options[@]}"
    touch "$folder/trained"
}

# Judges one control in one world on all kinds of task, unless that result is there; results appear whole or not at all.
judge() {
    local control="$1" world="$2" output="$FOLDER/results/$1-$2.json" clips=0
    [ -e "$output" ] && return
    if [ -z "$QUICK" ] && [ "$control-$world" = none-none ]; then clips=2; fi
    .venv/bin/daml evaluate --task all --n-tasks "$N_TASKS" --seed 7 --control "$control" --shift "$world" \
        --prior "$PRIOR" --videos "$clips" --output "$output" >"$output.log" 2>&1 || {
        cat "$output.log" >&2
        return 1
    }
    rm -f "$output.log"
    echo "control $control, world $world: done"
}

judge_all() {
    export -f judge
    export FOLDER="$folder" QUICK="$quick" N_TASKS="$n_tasks" PRIOR="$prior" OMP_NUM_THREADS=1
    mkdir -p "$folder/results"
    {
        printf '%s none\n' "${CONTROLS[@]}"
        printf 'none %s\n' "${SHIFTS[@]}"
    } | xargs -P "$(nproc)" -L 1 bash -c 'judge "$@"' judge
}

setup report
mkdir -p "$folder"
if [ -z "$prior" ]; then
    timed training train_prior
    prior="$folder/prior/best"
fi
timed judging judge_all
timed reporting .venv/bin/daml report "$folder"
printf '\n== everything took %d s; read %s\n' "$SECONDS" "$folder/report/report.md"
