import { expect, test } from "vitest";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { chatClient } from "./clients/chat/client";
import { responsesClient } from "./clients/responses/client";
import type { ClientFormat } from "./format";
import { PNG } from "./testing/conversations";
import { acceptedCall } from "./testing/translate";

const MARK = { cache_control: { type: "ephemeral", ttl: "1h" } };
const file = { file_data: "data:application/pdf;base64,JVBE" };
const chatCall = { id: "a", type: "function", function: { name: "f", arguments: "{}" } };
const parts = [
  { type: "text", text: "a" },
  { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
  { type: "file", file },
];
const items = [
  { type: "input_text", text: "a" },
  { type: "input_image", image_url: `data:image/png;base64,${PNG}` },
  { type: "input_file", ...file },
];
const plainTool = { type: "function", name: "f" };

/** Requests with all that may have a mark. */
const BODIES: readonly (readonly [ClientFormat, JsonObject])[] = [
  [
    chatClient,
    {
      model: "m",
      tools: [
        { type: "function", function: { name: "f", parameters: {} } },
        { type: "custom", custom: { name: "g", format: { type: "text" } } },
      ],
      messages: [
        { role: "system", content: "a" },
        { role: "user", content: parts },
        { role: "assistant", content: "a", tool_calls: [chatCall] },
        { role: "assistant", content: [{ type: "text", text: "a" }] },
        { role: "assistant", tool_calls: [{ id: "b", type: "custom", custom: { name: "g", input: "x" } }] },
        { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "b" }] },
        { role: "tool", tool_call_id: "b", content: "b" },
      ],
    },
  ],
  [
    responsesClient,
    {
      model: "m",
      tools: [
        plainTool,
        { type: "custom", name: "g", format: { type: "text" } },
        { type: "namespace", name: "n", description: "a", tools: [{ ...plainTool, name: "h" }] },
      ],
      input: [
        { type: "message", role: "user", content: items },
        { type: "message", role: "developer", content: "a" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "a" }] },
        { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "a", output: [{ type: "input_text", text: "b" }] },
        { type: "custom_tool_call", call_id: "b", name: "g", input: "x" },
        { type: "custom_tool_call_output", call_id: "b", output: "b" },
      ],
    },
  ],
];

/** Copies of a value with the mark in one of its objects each, and where that is. */
function* marked(value: unknown, at = ""): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) {
    for (const [place, inner] of value.entries())
      for (const [where, copy] of marked(inner, `${at}[${place}]`)) yield [where, value.with(place, copy)];
  } else if (isObject(value)) {
    yield [at, { ...value, ...MARK }];
    for (const [name, inner] of Object.entries(value))
      for (const [where, copy] of marked(inner, `${at}.${name}`)) yield [where, { ...value, [name]: copy }];
  }
}

test.each(BODIES)("a mark that a translation would read is no mark of an hour: %#", (client, body) => {
  const accepts = (given: object) => acceptedCall(client.dialect.name, given) !== null;
  expect(accepts(body)).toBe(true);
  let read = 0;
  for (const [at, copy] of marked(body)) {
    if (!isObject(copy) || !JSON.stringify(client.decode(copy)).includes('"cache":"1h"')) continue;
    read += 1;
    expect([at, accepts(copy)]).toEqual([at, false]);
  }
  expect(read).toBeGreaterThan(4);
});
