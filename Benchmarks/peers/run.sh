#!/usr/bin/env bash
# Times the peers on this machine and prints a table. The virtual environment lies outside the
# project; delete it when you are done. For another measuring time: run.sh --seconds 10
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
environment="${TMPDIR:-/tmp}/metatop-peers/venv"
python="$environment/bin/python"

# A machine without a graphics card needs the small build of PyTorch only, which not every index
# has; set PIP_EXTRA_INDEX_URL or PIP_INDEX_URL to one that has it.
if [ ! -x "$python" ]; then python3 -m venv "$environment"; fi
"$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"

export PYTHONDONTWRITEBYTECODE=1
# The first step is what a person waits for the first time, compilation included.
export TORCHINDUCTOR_FORCE_DISABLE_CACHES=1
echo "| peer | workload | outer steps/s | first step | last query loss |"
echo "| --- | --- | ---: | ---: | ---: |"
"$python" "$here/sinusoid_torch.py" --threads 1 "$@"
"$python" "$here/sinusoid_torch.py" --threads 2 --variants vmap,compiled "$@"
"$python" "$here/sinusoid_jax.py" --threads 1 "$@"
"$python" "$here/sinusoid_jax.py" --threads 2 "$@"

# Methods whose adaptation is a closed form.
"$python" "$here/closed_forms_torch.py" "$@"

# Few-shot nodes, where the graphs are there.
graphs=()
for name in cora citeseer; do
  for folder in "${METATOP_DATA:-}" "$here/../../Datasets"; do
    if [ -n "$folder" ] && [ -f "$folder/$name/$name.npz" ]; then
      graphs+=("$name=$folder/$name/$name.npz")
      break
    fi
  done
done
if [ ${#graphs[@]} -gt 0 ]; then
  "$python" "$here/nodes_numpy.py" "${graphs[@]}" "$@"
  "$python" "$here/nodes_jax.py" "${graphs[@]}" "$@"
fi

# Few-shot images. Two processes, each with half of the meta-batch, do best with another allocator.
echo
echo "| peer | workload | outer steps/s | first step |"
echo "| --- | --- | ---: | ---: |"
"$python" "$here/images_torch.py" --variants "published loop" --workloads W2,W2b,W3
"$python" "$here/images_torch.py" --variants compiled --workloads W2,W2b,W2c,W3
allocator="$(ldconfig -p | sed -n 's/.*libjemalloc\.so\.2.* => //p' | head -n 1)"
LD_PRELOAD="$allocator" "$python" "$here/images_torch.py" --variants compiled --processes 2 \
  --threads 1 --workloads W2,W2b,W2c,W3
"$python" "$here/images_jax.py" --workloads W2,W2b,W3

# MetaPerturb's joint training: one process, then a process a task.
echo
echo "| peer | task-steps/s | core-s a task-step | first step | peak memory |"
echo "| --- | ---: | ---: | ---: | ---: |"
"$python" "$here/joint_torch.py"
LD_PRELOAD="$allocator" "$python" "$here/joint_torch.py" --processes 2 --threads 1
