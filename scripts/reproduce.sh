#!/usr/bin/env bash
# From nothing to the tables: collects demonstrations and trains a prior, judges it on all kinds of task, with every
# control and in every shifted world, and writes the report.
#
#     bash scripts/reproduce.sh [--quick] [--prior NAME] [--baselines] [--ablations] [--only NAMES] [--no-controls]
#         [--task KIND] [--train-tasks N] [--processes N] [--jobs N] [FOLDER] [-- OPTIONS]
#
# --quick      tiny sizes: shows in some minutes that all of it works; its figures mean nothing
# --prior      judge this prior instead of training one: a shipped one (tabletop), or a folder of `daml train`
# --baselines  also train what the method is compared with, on the same demonstrations and the same pretrained trunk,
#              and judge it on the same tasks
# --ablations  also train the method with one thing taken away or changed at a time, likewise
# --only       of what --baselines and --ablations add only what is named, such as "bc lstm another-seed"
# --no-controls  leave out the controls and the shifted worlds
# --task       one kind of task instead of all: place, push or pick-place
# --train-tasks  how many training tasks of each kind are collected: 680
# --processes  how many processes share the meta-training, under torchrun: 1
# --jobs       how many of the trainings that --baselines and --ablations add run at a time, a share of the cores each: 1
# FOLDER       where everything goes: runs/reproduce, with -KIND and -quick where these are given
# OPTIONS      for every `daml train`, such as --trunk tabletop --steps 1500 --correction.rounds 0
#
# What is there is kept: stopped at any time, the same command goes on. How long each part took is said at its end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

quick='' prior='' baselines='' ablations='' only='' controls=yes kind=all train_tasks='' processes=1 jobs=1 folder='' given=()
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) quick=yes ;;
        --prior)
            prior="${2:?--prior needs the name of a prior}"
            shift
            ;;
        --baselines) baselines=yes ;;
        --ablations) ablations=yes ;;
        --only)
            only="${2:?--only needs names}"
            shift
            ;;
        --no-controls) controls='' ;;
        --task)
            kind="${2:?--task needs a kind of task}"
            shift
            ;;
        --train-tasks)
            train_tasks="${2:?--train-tasks needs a number}"
            shift
            ;;
        --processes)
            processes="${2:?--processes needs a number}"
            shift
            ;;
        --jobs)
            jobs="${2:?--jobs needs a number}"
            shift
            ;;
        --)
            shift
            given=("$@")
            break
            ;;
        -*)
            die "unknown option $1; valid: --quick, --prior, --baselines, --ablations, --only, --no-controls," \
                "--task, --train-tasks, --processes, --jobs, --"
            ;;
        *) folder="$1" ;;
    esac
    shift
done
[ "$kind" = all ] && folder="${folder:-runs/reproduce${quick:+-quick}}"
folder="${folder:-runs/reproduce-$kind${quick:+-quick}}"

[ -z "$prior" ] || [ -z "$baselines$ablations" ] ||
    die "--prior: what it is compared with must be trained on the same data; leave --baselines and --ablations out"

readonly CONTROLS=(wrong-demo no-demo shuffled-demo reversed-demo robot-demo expert)
readonly SHIFTS=(backgrounds camera light distractors tempo occlusion hand compression)
readonly BASELINES=(contextual lstm transformer daml-linear daml-paper bc)
readonly -A ABLATIONS=(
    [no-first-frame]='--prior.policy.no-first-frame'
    [little-pretraining]='--trunk None --pretraining.steps 1000'  # of the 22,000
    [no-other-colours]='--augmentation.recolor-probability 0'
    [fixed-step-sizes]='--prior.no-learned-step-sizes'
    [first-order]='--prior.inner-gradient first-order'
    [no-inner-steps]='--prior.inner-steps 0'
    [three-inner-steps]='--prior.inner-steps 3 --prior.initial-step-size 0.1'  # that of one step would diverge
    [five-inner-steps]='--prior.inner-steps 5 --prior.initial-step-size 0.1'
    [another-seed]='--seed 1'
    [tasks-30]='--tasks-per-kind 30'
    [tasks-100]='--tasks-per-kind 100'
    [tasks-300]='--tasks-per-kind 300'
)

collect_options=() train_options=() n_tasks=100 n_rollouts=3 n_clips=2
if [ -n "$quick" ]; then
    n_tasks=1 n_rollouts=1 n_clips=0
    collect_options=(--train-tasks 2 --validation-tasks 0 --robots 1 --image-size 32)
    train_options=(
        --steps 2 --log-every 1 --save-every 1 --validate-every 2 --validation-tasks 1 --device cpu
        --pretraining.steps 2 --pretraining.tasks 4 --motor.steps 2
        --correction.rounds 1 --correction.tasks 1 --correction.steps 2
        --tracks.rounds 1 --tracks.tasks 1 --tracker.steps 2
        --prior.image-size 32 32 --prior.human-frames 6 --batch.human-frames 6 --batch.n-tasks 2 --batch.robot-clips 1
        --prior.policy.channels 8 8 8 8 --prior.policy.hidden-size 16
        --prior.temporal-loss.n-outputs 4 --prior.temporal-loss.kernel-size 3 --prior.temporal-loss.gate-size 6
    )
fi

[ "$kind" = all ] || collect_options+=(--kinds "$kind")
[ -z "$train_tasks" ] || collect_options+=(--train-tasks "$train_tasks")

# Runs a part and says how long it took.
timed() {
    local name="$1" began="$SECONDS" took
    shift
    printf '\n== %s\n' "$name"
    "$@" || return
    took=$((SECONDS - began))
    printf '== %s took %d:%02d:%02d\n' "$name" $((took / 3600)) $((took / 60 % 60)) $((took % 60))
}

# Runs a part that tells a file what it does, which is shown if it fails.
quietly() {
    local log="$1"
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
}

# Trains by one method, with options of `daml train`, into a folder, which holds its best prior at last.
train() {
    local method="$1" output="$2"
    shift 2
    # A run that has its best prior is left alone: with other software it would not be the same run.
    [ -e "$output/best" ] && return
    # shellcheck disable=SC2086 - a word for each option
    flock "$folder/.collecting" .venv/bin/daml collect --output "$folder/dataset" $collecting || return
    local launcher=()
    if [ "$processes" -gt 1 ]; then
        launcher=(.venv/bin/torchrun --nproc-per-node "$processes" --no-python)
    fi
    # What the shared trunk sees in the demonstrations is the same for all that are compared.
    local shared=()
    [ -z "$baselines$ablations" ] || shared=(--cached-clips-folder "$folder/cached-clips")
    "${launcher[@]}" .venv/bin/daml train --method "$method" --dataset "$folder/dataset" "${shared[@]}" \
        --output "$output" "$@"
}

# Trains what the prior is compared with: with the prior's pretrained trunk (prior) or one of its own (own). The clips of
# the corrections, which take gigabytes, are removed when it is done.
train_variant() {
    local name="$1" method="$2" whose="$3" trunk="$folder/prior/pretrained" output="$folder/$1"
    shift 3
    mkdir -p "$output"
    if [ "$whose" = prior ] && [ -d "$trunk" ] && [ ! -e "$output/pretrained" ]; then
        rm -rf "$output/pretrained.new" && cp -r "$trunk" "$output/pretrained.new" &&
            mv "$output/pretrained.new" "$output/pretrained" || return
    fi
    if [ "$jobs" -eq 1 ]; then
        timed "training $name" train "$method" "$output" "$@" || return
    else # progress bars would be drawn over each other
        quietly "$output.log" timed "training $name" train "$method" "$output" "$@" || return
        tail -n 1 "$output.log"
    fi
    rm -rf "$output"/corrections-*
}

# Writes what is to be trained beside the prior, a line each: name, method, whose trunk, options of `daml train`.
trainings() {
    local method name whose
    for method in ${baselines:+"${BASELINES[@]}"}; do
        is_wanted "$method" || continue
        echo "baselines/$method $method prior ${train_options[*]}"
    done
    for name in ${ablations:+"${!ABLATIONS[@]}"}; do
        is_wanted "$name" || continue
        whose=prior
        [[ "${ABLATIONS[$name]}" != *--pretraining* && "${ABLATIONS[$name]}" != *--seed* ]] || whose=own
        echo "ablations/$name daml $whose ${train_options[*]} ${ABLATIONS[$name]}"
    done
}

is_wanted() { [ -z "$only" ] || [[ " $only " == *" $1 "* ]]; }

train_variants() {
    local threads=$((($(nproc) + jobs - 1) / jobs))
    export -f timed quietly train train_variant
    export folder processes jobs baselines ablations collecting
    # A line that ends with a blank would go on in the next.
    trainings | sed 's/ *$//' |
        OMP_NUM_THREADS="$threads" xargs -P "$jobs" -L 1 bash -c 'train_variant "$@"' train_variant || return
    rm -rf "$folder/cached-clips"
}

# Judges a prior under a name, unless that result is there; results appear whole or not at all.
judge() {
    local name="$1" prior="$2" output="$folder/results/$1.json"
    shift 2
    [ -e "$output" ] && return
    quietly "$output.log" .venv/bin/daml evaluate --task "$kind" --n-tasks "$n_tasks" --seed 7 --prior "$prior" "$@" \
        --output "$output" || return
    rm -f "$output.log"
    echo "$name: done"
}

# Writes what is to be judged, a line each: name, prior, options of `daml evaluate`.
judgements() {
    local control world variant
    # The world of training comes first: the others are held against it.
    echo "none-none $prior --control none --shift none --rollouts $n_rollouts --videos $n_clips"
    trainings | while read -r variant _; do
        echo "${variant#*/} $folder/$variant/best --control none --shift none"
    done
    [ -n "$controls" ] || return 0
    echo "three-videos $prior --control none --shift none --shots 3"
    for control in "${CONTROLS[@]}"; do echo "$control-none $prior --control $control --shift none"; done
    for world in "${SHIFTS[@]}"; do echo "none-$world $prior --control none --shift $world"; done
}

judge_all() {
    local at_once
    at_once="$(nproc)" # before there is one thread for each, which nproc would count
    export -f quietly judge
    export folder kind n_tasks OMP_NUM_THREADS=1
    mkdir -p "$folder/results"
    judgements | xargs -P "$at_once" -L 1 bash -c 'judge "$@"' judge
}

[ -z "$only" ] || [ -n "$baselines$ablations" ] ||
    die '--only: chooses among what --baselines and --ablations add; give one of them'
for name in $only; do
    [[ " ${BASELINES[*]} ${!ABLATIONS[*]} " == *" $name "* ]] ||
        die "--only: there is no $name; valid: ${BASELINES[*]} ${!ABLATIONS[*]}"
done

setup report
mkdir -p "$folder"
# What is there was made with the options that are kept beside it.
made_with="${quick:+tiny sizes, }prior ${prior:-trained here}, ${train_tasks:-680} training tasks of $kind, options for training: ${given[*]-}"
[ -e "$folder/options" ] || printf '%s\n' "$made_with" >"$folder/options"
[ "$(<"$folder/options")" = "$made_with" ] || die "$folder holds what was made with: $(<"$folder/options"); choose another"
train_options+=("${given[@]}")
collecting="${collect_options[*]}"
if [ -z "$prior" ]; then
    timed training train daml "$folder/prior" "${train_options[@]}"
    prior="$folder/prior/best"
fi
[ -z "$baselines$ablations" ] || timed 'training what it is compared with' train_variants
timed judging judge_all
timed reporting .venv/bin/daml report "$folder"
printf '\n== everything took %d s; read %s\n' "$SECONDS" "$folder/report/report.md"
