import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { noUsage } from "#lib/gateway/testing/read-error-answer";
import { testTarget } from "#lib/providers/testing/target";
import { bodyOf } from "#lib/providers/upstream-body";
import { stopwatch } from "#lib/testing/promptness";
import { readProviderError, TargetFailed } from "./provider-error";

const target = testTarget();

async function waitAfter(headers: Record<string, string>, body: Readable | object): Promise<number | null> {
  const stream = body instanceof Readable ? body : Readable.from([Buffer.from(JSON.stringify(body))]);
  const answer = { status: 429, headers, body: bodyOf(stream) };
  const failure = await readProviderError(answer, target, noUsage).catch((error) => error);
  if (!(failure instanceof TargetFailed)) throw new Error("the target did not fail", { cause: failure });
  return failure.retryAfterSeconds;
}

/** As Google answers (recorded). */
const GOOGLE = {
  error: {
    code: 429,
    message: "You exceeded your current quota, please check your plan.",
    status: "RESOURCE_EXHAUSTED",
    details: [
      { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [] },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" },
    ],
  },
};

describe("the retry time of a rate limited provider", () => {
  test.each<[string, Record<string, string>, object, number | null]>([
    ["its header says", { "retry-after": "7" }, GOOGLE, 7],
    ["its header says in milliseconds", { "retry-after-ms": "1200" }, {}, 2],
    ["its body says", {}, GOOGLE, 35],
    ["its body says in a list", {}, [GOOGLE], 35],
    ["neither says", {}, { error: { message: "Slow down." } }, null],
    ["its body says in an unknown encoding", { "content-encoding": "zstd" }, GOOGLE, null],
  ])("%s", async (_, headers, body, seconds) => {
    expect(await waitAfter(headers, body)).toBe(seconds);
  });

  test("is not awaited in a body that does not end", async () => {
    const took = stopwatch();
    const endless = new Readable({ read() {} });
    endless.push('{"error": {');
    expect(await waitAfter({}, endless)).toBeNull();
    expect(took()).toBeLessThan(2_000);
    expect(endless.destroyed).toBe(true);
  });
});
