import { expect, test } from "vitest";
import { boundWords } from "#components/keys/key-bounds-note";
import { memberKeysDraft, memberKeysFrom } from "./member-keys-fields";

test.each([
  null,
  { max: 0, allowed_ips: null, max_days: null },
  { max: 3, allowed_ips: ["10.0.0.0/8", "::1"], max_days: 30 },
  { max: 3, allowed_ips: [], max_days: null },
])("the draft of %j is saved as it was", (bounds) => {
  expect(memberKeysFrom(memberKeysDraft(bounds), bounds)).toEqual(bounds);
});

test("a bound without a number of keys, or with a word for one, is sent to be rejected", () => {
  expect(memberKeysFrom({ max: "", addresses: "", days: "7" }, null)).toMatchObject({ max: Number.NaN });
  expect(memberKeysFrom({ max: "two", addresses: "", days: "" }, null)).toMatchObject({ max: Number.NaN });
});

test("a member reads each bound of a new key", () => {
  expect(boundWords({ organizationModels: null, userModels: null, memberKeys: null })).toEqual([]);
  expect(
    boundWords({
      organizationModels: ["small", "large"],
      userModels: [],
      memberKeys: { max: 2, allowed_ips: ["10.0.0.0/8"], max_days: 30 },
    }),
  ).toEqual([
    "Models of your organization: small, large",
    "Your models: none",
    "Active keys: at most 2",
    "Addresses: 10.0.0.0/8",
    "Expires: within 30 days",
  ]);
});
