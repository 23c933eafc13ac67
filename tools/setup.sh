#!/bin/sh
# Make .venv in the checkout from the lock file. Needs Python 3.11 or newer and nothing else;
# uv comes into .tools/ if the machine has none.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.8
stamp=.venv/.ready

if [ -f "$stamp" ] && [ ! pyproject.toml -nt "$stamp" ] && [ ! uv.lock -nt "$stamp" ]; then
    exit 0
fi

python=""
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "error: QuantDesk needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2
    exit 78
fi

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    uv=.tools/uv/bin/uv
    if [ ! -x "$uv" ]; then
        echo "getting uv $UV_VERSION into .tools/"
        if "$python" -m venv .tools/uv 2>/dev/null; then
            .tools/uv/bin/python -m pip install --quiet "uv==$UV_VERSION"
        else
            # Debian's python3 without python3-venv
            "$python" -m pip install --quiet --target .tools/uv "uv==$UV_VERSION"
        fi
    fi
fi

# A venv of the interpreter found above; never a download of another one.
UV_PYTHON_DOWNLOADS=never "$uv" sync --locked --quiet --python "$python"
touch "$stamp"
