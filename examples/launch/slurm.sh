#!/bin/bash
# Trains with one process a GPU on two nodes of eight, and goes on by itself after a preemption or the time limit.
#   sbatch examples/launch/slurm.sh examples/math.yaml output.folder=/shared/runs/math
# The output folder must be on a file system that all nodes share. Slurm's own variables tell each process its rank; no launcher is
# needed. Not run on GPUs yet.
#SBATCH --job-name=tempo
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=8
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@300
#SBATCH --open-mode=append

# SIGTERM, five minutes before the limit or when the job is preempted, reaches the processes: they write a checkpoint and exit with 75.
status=0
srun --kill-on-bad-exit=0 tempo-train "$@" model.device=cuda || status=$?
if [ "$status" = 75 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
