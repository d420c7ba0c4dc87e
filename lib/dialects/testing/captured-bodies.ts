import { readFileSync } from "node:fs";
import { isObject } from "#lib/dialects/text/json-fields";

/** What unmodified clients sent, where it is at hand: the project holds no copy of it. */
export const CAPTURES = "/work/shared/captures";

/** The bodies of the requests in a capture, without what it says about itself. */
export function capturedBodies(name: string): object[] {
  const capture: unknown = JSON.parse(readFileSync(`${CAPTURES}/${name}.json`, "utf8"));
  const requests: unknown[] = isObject(capture) && Array.isArray(capture.requests) ? capture.requests : [];
  return requests.flatMap((request) => {
    if (!isObject(request) || !isObject(request.body)) return [];
    const { toolsLeftOut: _, ...body } = request.body;
    return [body];
  });
}
