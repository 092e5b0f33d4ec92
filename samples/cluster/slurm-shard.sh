#!/bin/sh
#SBATCH --job-name=tlscensus
# One shard of a scan, as a task of the array job that tlscensus-slurm submits, in its folder. A task that a node's end or
# an administrator takes away is queued again by Slurm; one that was stopped, or fell, asks for that itself, a few times.
# Either way the next attempt goes on with the database that is there.
set -u
status=0
# shellcheck disable=SC2086
tlscensus scan -i list --shard "$SLURM_ARRAY_TASK_ID/$SHARDS" --scan-uuid "$(cat uuid)" \
  --db "shard-$SLURM_ARRAY_TASK_ID.db" --max-duration "$STOP_AFTER" ${TLSCENSUS_OPTIONS:-} || status=$?
case $status in
  0 | 1) exit 0 ;;        # 1: done, with findings of --fail-on
  2) exit "$status" ;;    # a list or an option that is wrong stays wrong
esac
if [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; then
  echo "shard $SLURM_ARRAY_TASK_ID ended with $status and is queued again"
  scontrol requeue "$SLURM_JOB_ID" && sleep 300 # which Slurm ends
fi
exit "$status"
