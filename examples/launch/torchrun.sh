#!/bin/bash
# Trains with one process a GPU on this machine, started by PyTorch's launcher, which starts all anew when one of them fails; each start
# goes on from the newest checkpoint. Not run on GPUs yet.
#   examples/launch/torchrun.sh examples/math.yaml
# On several machines, on each of them: NODES=4 HOST=first-host:29400 examples/launch/torchrun.sh examples/math.yaml
exec torchrun --no-python --nnodes "${NODES:-1}" --nproc-per-node "${GPUS:-8}" --max-restarts 3 \
  ${HOST:+--rdzv-backend c10d --rdzv-endpoint "$HOST"} tempo-train "$@" model.device=cuda
