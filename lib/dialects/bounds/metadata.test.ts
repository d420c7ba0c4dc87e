import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { readLimits } from "./read-limits";
import { HEADER_NAMES, ROUTING_NAMES } from "./routing-names";

const read = (body: object) => {
  const json = JSON.stringify(body);
  return readLimits(json, topLevelFields(json), () => false);
};
const rejected = (param: string) => expect.objectContaining({ code: "unsupported_parameter", param });

describe("metadata that chooses a deployment is rejected", () => {
  test("LiteLLM's tags, with the path and the reason", () => {
    expect(() => read({ metadata: { tags: ["paid"] } })).toThrow(
      "metadata.tags is not supported: Tollgate chooses the model and the provider, since each has its own price.",
    );
  });

  test.each([...ROUTING_NAMES, ...HEADER_NAMES])("%s", (name) => {
    for (const value of [["x"], "x", { a: 1 }, "x".repeat(500)]) {
      expect(() => read({ metadata: { [name]: value } })).toThrow(rejected(`metadata.${name}`));
      expect(() => read({ labels: { a: [{ [name]: value }] } })).toThrow(rejected(`labels.a.${name}`));
    }
    for (const value of [null, false, []]) expect(() => read({ metadata: { [name]: value } })).not.toThrow();
  });

  test.each<[string, object]>([
    ["metadata.Tags", { metadata: { Tags: ["paid"] } }],
    ["Metadata.t_a_g_s", { Metadata: { t_a_g_s: ["paid"] } }],
    ["metadata.specificDeployment", { metadata: { specificDeployment: true } }],
    ["metadata.metadata.tags", { metadata: { metadata: { tags: ["paid"] } } }],
    ["extra_body.metadata.tags", { extra_body: { metadata: { tags: ["paid"] } } }],
    ["litellm_params.metadata.tags", { litellm_params: { metadata: { tags: ["paid"] } } }],
    ["metadata.tags", { metadata: JSON.stringify({ tags: ["paid"] }) }],
    ["extra_body.metadata.tags", { extra_body: { metadata: ' {"t\\u0061gs": ["paid"]}' } }],
    ["metadata", { metadata: '{"tags": ["paid"], "a": NaN}' }],
  ])("%s in %j", (param, body) => {
    expect(() => read(body)).toThrow(rejected(param));
  });

  test.each<object>([
    { metadata: { user_id: "u", trace: { max_tokens: 3, service_tier: "flex", tag: "a" } } },
    { metadata: "tags" },
    { metadata: JSON.stringify({ team: "tags" }) },
    { metadata: null, labels: {} },
    { response_format: { json_schema: { schema: { properties: { metadata: { tags: ["a"] } } } } } },
  ])("but all other notes are the client's: %j", (body) => {
    expect(() => read(body)).not.toThrow();
  });
});
