#!/bin/sh
# TOLLGATE_URL=http://localhost:3000 TOLLGATE_API_KEY=tg_live_… sh ask.sh gpt-5-mini "Hello"
# The question must be free of quotes and backslashes: the shell writes it into JSON as it is.
set -eu
model=${1:-gpt-5-mini}
question=${2:-Hello}

# --fail-with-body: an error's body is printed, and curl exits with 22.
curl --silent --show-error --no-buffer --fail-with-body \
  --write-out "%{stderr}request %header{x-request-id}\n" \
  "${TOLLGATE_URL:-http://localhost:3000}/v1/chat/completions" \
  --header "authorization: Bearer $TOLLGATE_API_KEY" \
  --header "content-type: application/json" \
  --header "x-tollgate-tags: example" \
  --data "{\"model\": \"$model\", \"messages\": [{\"role\": \"user\", \"content\": \"$question\"}],
    \"max_tokens\": 500, \"stream\": true}"
