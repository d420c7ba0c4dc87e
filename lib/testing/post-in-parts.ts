import { request } from "node:http";

/** Posts a chat completion whose body arrives in parts, without a length. @returns the status */
export function postInParts(
  v1: string,
  apiKey: string,
  parts: Iterable<string | Uint8Array>,
): Promise<number> {
  const headers = {
    authorization: `Bearer ${apiKey}`,
    "content-type": "application/json",
    "transfer-encoding": "chunked",
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${v1}/chat/completions`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    for (const part of parts) sent.write(part);
    sent.end();
  });
}
