import { expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { AS_DECLARED, adapted, refusedFields } from "./refused-fields";

const WITHOUT = { streamUsage: false, outputLimitField: null };

test("what a target refuses is remembered for an organization, for ten minutes", () => {
  let nowMs = 0;
  const fields = refusedFields(() => nowMs);
  expect(fields.adaptationFor("o", testRoute("a"))).toEqual(AS_DECLARED);
  fields.remember("o", testRoute("a"), WITHOUT);
  nowMs = 9 * 60_000;
  expect(fields.adaptationFor("o", testRoute("a"))).toEqual(WITHOUT);
  expect(fields.adaptationFor("o", testRoute("b"))).toEqual(AS_DECLARED);
  expect(fields.adaptationFor("another", testRoute("a"))).toEqual(AS_DECLARED);
  nowMs = 10 * 60_000;
  expect(fields.adaptationFor("o", testRoute("a"))).toEqual(AS_DECLARED);
});

test("only the latest thousand are remembered", () => {
  const fields = refusedFields(() => 0);
  for (let at = 0; at < 1_000; at++) fields.remember("o", testRoute(`m${at}`), WITHOUT);
  fields.remember("o", testRoute("m0"), WITHOUT);
  fields.remember("o", testRoute("new"), WITHOUT);
  expect(fields.adaptationFor("o", testRoute("m0"))).toEqual(WITHOUT);
  expect(fields.adaptationFor("o", testRoute("m1"))).toEqual(AS_DECLARED);
  expect(fields.adaptationFor("o", testRoute("m2"))).toEqual(WITHOUT);
  expect(fields.adaptationFor("o", testRoute("new"))).toEqual(WITHOUT);
});

test("a bound has two names, and no third is tried", () => {
  const refused = { kind: "output_limit", otherName: "max_completion_tokens" } as const;
  const renamed = adapted(AS_DECLARED, refused);
  expect(renamed).toEqual({ streamUsage: true, outputLimitField: "max_completion_tokens" });
  expect(adapted(renamed ?? AS_DECLARED, { ...refused, otherName: "max_tokens" })).toBeNull();
  expect(adapted(renamed ?? AS_DECLARED, { kind: "stream_usage" })).toEqual({
    streamUsage: false,
    outputLimitField: "max_completion_tokens",
  });
});
