import { expect, test } from "vitest";
import { movedTarget, newTarget, targetsFrom } from "./targets-field";

test("a target for which another model is typed loses the context window of the one before, and keeps the rest", () => {
  const before = {
    ...newTarget([], "p1", "small"),
    other: { context_window: 8_000, timeout_ms: 500 },
  };
  const after = { ...before, ...movedTarget(before, { upstreamModel: "gpt-4.1" }) };
  expect(targetsFrom([before, after])).toMatchObject([
    { upstream_model: "small", context_window: 8_000, timeout_ms: 500 },
    { upstream_model: "gpt-4.1", context_window: null, timeout_ms: 500 },
  ]);
});
