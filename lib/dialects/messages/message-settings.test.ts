import { describe, expect, test } from "vitest";
import { parse, rejectionOf, user } from "./testing/parse";

/** As Claude Code sends them, in a message of the system. */
const withSettings = (output_config: unknown) => ({
  messages: [user, { role: "system", content: "Be brief.", output_config }],
});
const AT = "messages[1].output_config";

describe("settings of a message", () => {
  test("may change the effort of the turns that follow, at no cost", () => {
    const call = parse(withSettings({ effort: "medium" }));
    expect(call.media.unboundedParam).toBeNull();
    expect(parse(withSettings(null)).media.unboundedParam).toBeNull();
  });

  test.each<[string, unknown, string, string]>([
    ["no settings", "high", "invalid_request", AT],
    ["an effort that is no word", { effort: 3 }, "invalid_request", `${AT}.effort`],
    ["a form without a type", { format: {} }, "invalid_request", `${AT}.format.type`],
    ["an output bound", { max_tokens: 9 }, "unsupported_parameter", `${AT}.max_tokens`],
    ["one that is no number", { max_tokens: "9" }, "invalid_request", `${AT}.max_tokens`],
    ["a budget of reasoning", { thinking: { budget_tokens: 9 } }, "unsupported_parameter", AT],
    ["a prediction", { prediction: { content: "x" } }, "unsupported_parameter", AT],
    ["a paid tier", { service_tier: "priority" }, "unsupported_parameter", `${AT}.service_tier`],
    ["another model", { fallbacks: ["m"] }, "unsupported_parameter", `${AT}.fallbacks`],
  ])("are rejected like those of the body: %s", (_, settings, code, param) => {
    expect(rejectionOf(withSettings(settings))).toEqual({ code, param });
  });

  test.each([{ effort: "low", new_setting: "x" }, { format: { type: "json_schema", schema: {} } }])(
    "have no bound with anything else: %j",
    (settings) => {
      expect(parse(withSettings(settings)).media.unboundedParam).toContain(AT);
    },
  );
});
