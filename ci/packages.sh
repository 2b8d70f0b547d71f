#!/usr/bin/env bash
# Downloads what tests of packages and the conda channel need from elsewhere: packages.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2
download() { env -u PIP_FIND_LINKS "$python" -m pip download --quiet --only-binary :all: --dest "$folder" "$@"; }
if [ -e "$folder/complete" ] && [ "$folder/complete" -nt "$0" ]; then exit 0; fi
mkdir -p "$folder"
for version in 3.10 3.12 3.13; do
  download --no-deps --python-version "$version" 'numpy>=1.24'
done
download --no-deps --python-version 3.12 'nvidia-cuda-cccl==13.0.*' 'nvidia-cuda-crt==13.0.*' \
  'nvidia-cuda-nvrtc==13.0.*' 'nvidia-cuda-runtime==13.0.*'
# What builds our source distributions.
download --python-version 3.12 hatchling==1.33.0 maturin==1.16.0 pip
touch "$folder/complete"
