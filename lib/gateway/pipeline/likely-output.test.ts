import { expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { billsOn } from "./likely-output";

const route = testRoute();
const HOSTED = { ...route, target: { ...route.target, baseUrl: "https://api.openai.com/v1" } };

test.each([
  [{ hasBudget: true, failOpen: false }, true],
  [{ hasBudget: false, failOpen: true }, true],
  [{ hasBudget: false, failOpen: false }, false],
])("what a provider goes on to bill must be covered: %j, %s", (limits, covers) => {
  expect(billsOn({ ...limits, call: { stream: false } }, HOSTED)).toBe(covers);
});
