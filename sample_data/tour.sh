#!/bin/sh
# The tutorial of the README as a script: `make demo`. Every command is shown with its exit code, and the tour
# ends with 1 when a code is not the one the README promises. What the commands write goes to .demo/.

cd "$(dirname "$0")/.." || exit
surprises=0

show() {
    promised=$1
    shift
    printf '\n$ %s\n' "$*"
    "$@"
    code=$?
    printf '(exit code %s)\n' "$code"
    [ "$code" -eq "$promised" ] || surprises=1
}

mkdir -p .demo
show 0 datalife stats sample_data/training.csv
show 0 datalife infer-schema sample_data/training.csv -o .demo/schema.yaml
show 0 cat .demo/schema.yaml
show 0 datalife validate sample_data/training.csv --schema sample_data/schema.yaml --environment training
show 1 datalife validate sample_data/serving.parquet --schema sample_data/schema.yaml \
    --environment serving --training sample_data/training.csv
show 1 datalife diff sample_data/training.csv sample_data/serving.parquet
show 0 datalife label-join sample_data/requests.ndjson --feedback sample_data/feedback.ndjson \
    --key request_id --prediction-time served_at --feedback-time answered_at --feedback-id event_id \
    --label accepted --window 3d --implicit-label false -o .demo/training.parquet
exit "$surprises"
