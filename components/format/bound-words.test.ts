import { expect, test } from "vitest";
import { addressBounds, addressWords, maxWords, modelBounds, modelWords } from "./bound-words";

const NONE = { organizationModels: null, userModels: null, memberKeys: null };

test("a list that allows everything differs from one that allows nothing", () => {
  expect([modelWords(null), modelWords([]), modelWords(["a", "b"])]).toEqual(["All", "None", "a, b"]);
  expect([addressWords(null), addressWords([]), addressWords(["::1"])]).toEqual([
    "Anywhere",
    "Nowhere",
    "::1",
  ]);
});

test("each bound names who sets it, from the widest owner to the key", () => {
  expect(modelBounds(NONE, null)).toEqual([]);
  const bounds = {
    organizationModels: ["small", "large"],
    userModels: [],
    memberKeys: { max: 2, allowed_ips: ["10.0.0.0/8"] },
  };
  const own = { from: "key", models: ["small"], addresses: ["10.1.2.3"] } as const;
  expect(modelBounds(bounds, own)).toEqual([
    { from: "organization", words: "small, large" },
    { from: "user", words: "None" },
    { from: "key", words: "small" },
  ]);
  expect(addressBounds(bounds, own)).toEqual([
    { from: "organization", words: "10.0.0.0/8" },
    { from: "key", words: "10.1.2.3" },
  ]);
  expect(modelBounds(NONE, { from: "app", models: ["small"] })).toEqual([{ from: "app", words: "small" }]);
});

test("a maximum of zero is none", () => {
  expect([maxWords(0), maxWords(2)]).toEqual(["None", "At most 2"]);
});
