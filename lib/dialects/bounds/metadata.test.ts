import { describe, expect, test } from "vitest";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import { isNote } from "./metadata";
import { readLimits } from "./read-limits";
import { HEADER_NAMES, ROUTING_NAMES } from "./routing-names";

const noted = (body: object) => {
  const json = JSON.stringify(body);
  return readLimits(json, topLevelFields(json), (name) => name === "response_format").unknown.fields;
};

describe("metadata by which a server may choose a deployment are noted", () => {
  test.each([...ROUTING_NAMES, ...HEADER_NAMES])("%s", (name) => {
    for (const value of [["x"], "x", { a: 1 }, "x".repeat(500)]) {
      expect(noted({ metadata: { [name]: value } })).toEqual([`metadata.${name}`]);
      expect(noted({ labels: { a: [{ [name]: value }] } })).toEqual([`labels.a.${name}`]);
    }
    for (const value of [null, false, []]) expect(noted({ metadata: { [name]: value } })).toEqual([]);
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
    ["metadata._litellm_code_execution_enabled", { metadata: { _litellm_code_execution_enabled: true } }],
    ["metadata._skill_files", { metadata: { _skill_files: { s: { "a.py": "x" } } } }],
    ["metadata.max_agentic_loops", { metadata: { max_agentic_loops: "9" } }],
    ["metadata.LiteLLM_x", { metadata: { LiteLLM_x: 1 } }],
    ["labels._agentic_loop", { labels: { _agentic_loop: "1" } }],
  ])("%s in %j", (param, body) => {
    expect(noted(body)).toContain(param);
    expect(isNote(param)).toBe(true);
  });

  test.each<object>([
    { metadata: { user_id: "u", trace: { max_tokens: 3, service_tier: "flex", tag: "a" } } },
    { metadata: { _skill_files: [], _litellm_x: false, _session: "_c" } },
    { metadata: "tags" },
    { metadata: JSON.stringify({ team: "tags" }) },
    { metadata: null, labels: {} },
    { response_format: { json_schema: { schema: { properties: { metadata: { tags: ["a"] } } } } } },
  ])("but all other notes are the client's: %j", (body) => {
    expect(noted(body)).toEqual([]);
  });
});
