"""TOLLGATE_URL=http://localhost:3000 TOLLGATE_API_KEY=tg_live_… python3 ask.py gpt-5-mini "Hello"

Needs nothing but Python. With the OpenAI SDK: OpenAI(base_url=f"{TOLLGATE_URL}/v1", api_key=TOLLGATE_API_KEY).
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

model = sys.argv[1] if len(sys.argv) > 1 else "gpt-5-mini"
question = sys.argv[2] if len(sys.argv) > 2 else "Hello"
request = Request(
    os.environ.get("TOLLGATE_URL", "http://localhost:3000") + "/v1/chat/completions",
    headers={
        "authorization": f"Bearer {os.environ['TOLLGATE_API_KEY']}",
        "content-type": "application/json",
        "x-tollgate-tags": "example",
    },
    data=json.dumps(
        {
            "model": model,
            "messages": [{"role": "user", "content": question}],
            "max_tokens": 500,
            "stream": True,
        }
    ).encode(),
)

try:
    with urlopen(request) as answer:
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            for choice in json.loads(line[len(b"data: ") :])["choices"]:
                print(choice["delta"].get("content") or "", end="", flush=True)
        print()
        print(f"request {answer.headers['x-request-id']}", file=sys.stderr)
except HTTPError as failure:
    # 429 with the header retry-after is worth another try; insufficient_quota has none.
    error = json.load(failure)["error"]
    print(f"{failure.code} {error['code']}: {error['message']}", file=sys.stderr)
    sys.exit(1)
