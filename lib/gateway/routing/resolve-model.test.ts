import { expect, test } from "vitest";
import { resolveModel } from "./resolve-model";
import type { Routing, ServedModel } from "./routing";
import { unlistedModels } from "./unlisted-models";

const routing: Routing = {
  version: 1,
  models: [],
  byName: new Map(),
  disabledNames: new Set(),
  providers: [],
  unlisted: unlistedModels<ServedModel>(async () => null),
};
const caller = { allowedModels: null, providerId: null };

test.each(["a\u0000b", "a\ud800b", "\udc00"])("rejects a name that no model can have: %j", (name) => {
  expect(() => resolveModel(routing, caller, name, "chat")).toThrow(
    expect.objectContaining({ code: "invalid_request", param: "model" }),
  );
});

test.each(["unknown", "a\u{1f600}b"])("does not find a name that no model has: %j", (name) => {
  expect(() => resolveModel(routing, caller, name, "chat")).toThrow(
    expect.objectContaining({ code: "model_not_found", param: "model" }),
  );
});
