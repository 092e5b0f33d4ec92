#!/bin/sh
#SBATCH --job-name=tlscensus-merge
# Puts the shards of a scan together when the array job of tlscensus-slurm has ended. Where one is not there this job fails
# and says which, and so does the merge where one is not whole: tlscensus-slurm once more does the rest.
set -eu
missing=
for n in $(seq "$SHARDS"); do
  [ -f "shard-$n.db" ] || missing="$missing $n"
done
if [ -n "$missing" ]; then
  echo "shards that were never begun:$missing"
  exit 3
fi
# shellcheck disable=SC2086
tlscensus merge ${MERGE_OPTIONS:-} all.db shard-*.db
tlscensus scans --db all.db
