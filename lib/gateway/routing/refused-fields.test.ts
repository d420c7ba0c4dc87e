import { expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { AS_DECLARED, adapted, learntFrom, refusedFields } from "./refused-fields";

const WITHOUT = { streamUsage: false, encryptedReasoning: true, outputLimitField: null };

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
  expect(renamed).toEqual({
    streamUsage: true,
    encryptedReasoning: true,
    outputLimitField: "max_completion_tokens",
  });
  expect(adapted(renamed ?? AS_DECLARED, { ...refused, otherName: "max_tokens" })).toBeNull();
  expect(adapted(renamed ?? AS_DECLARED, { kind: "stream_usage", by: "words" })).toEqual({
    streamUsage: false,
    encryptedReasoning: true,
    outputLimitField: "max_completion_tokens",
  });
});

test("only the fields of an error teach that there is no usage; the bound's name is learnt either way", () => {
  const without = { streamUsage: false, encryptedReasoning: true, outputLimitField: "max_tokens" };
  const bound = { kind: "output_limit", otherName: "max_tokens" } as const;
  expect(learntFrom([{ kind: "stream_usage", by: "field" }], without)).toEqual(WITHOUT);
  expect(learntFrom([{ kind: "stream_usage", by: "words" }], without)).toEqual(AS_DECLARED);
  expect(learntFrom([bound, { kind: "stream_usage", by: "words" }], without)).toEqual({
    streamUsage: true,
    encryptedReasoning: true,
    outputLimitField: "max_tokens",
  });
});

test("what is learnt is added to what is known", () => {
  const fields = refusedFields(() => 0);
  fields.remember("o", testRoute(), WITHOUT);
  fields.remember("o", testRoute(), {
    streamUsage: true,
    encryptedReasoning: true,
    outputLimitField: "max_tokens",
  });
  expect(fields.adaptationFor("o", testRoute())).toEqual({
    streamUsage: false,
    encryptedReasoning: true,
    outputLimitField: "max_tokens",
  });
});
