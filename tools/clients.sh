#!/usr/bin/env bash
# Generate the TypeScript client's types from the contract and check them (needs Node 20+).
# With --check nothing is written, and a file that is not up to date is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
for program in node npm; do
  if ! command -v "$program" >/dev/null; then
    echo "make clients needs $program, which is not here: install Node.js 20 or newer" >&2
    exit 69
  fi
done
if [ "$(node -p 'parseInt(process.versions.node)')" -lt 20 ]; then
  echo "make clients needs Node.js 20 or newer, this is $(node --version)" >&2
  exit 69
fi
contract="$(mktemp)"
trap 'rm -f "$contract"' EXIT
"${PYTHON:-.venv/bin/python}" -m quantdesk openapi >"$contract"
cd clients/typescript
npm ci --silent --no-audit --no-fund
node scripts/generate.mjs "$contract" "$@"
npm run --silent check
