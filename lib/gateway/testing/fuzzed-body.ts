import fc from "fast-check";

/** A body as it goes over the wire, and what its headers claim of it. */
export type FuzzedBody = { bytes: Buffer; headers: Record<string, string> };

/** Every field that the gate reads, and some that it does not. */
const VALID = {
  model: "instant",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      name: "Ada",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } },
        { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
      ],
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "call_1", content: "42" },
  ],
  stream: true,
  stream_options: { include_usage: true },
  max_tokens: 10,
  max_completion_tokens: 10,
  n: 1,
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  seed: 7,
  stop: ["\n"],
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { "50256": -100 },
  user: "u-1",
  reasoning_effort: "low",
  parallel_tool_calls: true,
  modalities: ["text"],
  response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
  tools: [{ type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } }],
  tool_choice: { type: "function", function: { name: "f" } },
  functions: [{ name: "g", parameters: {} }],
  function_call: "auto",
  service_tier: "auto",
  store: false,
  metadata: { a: "b" },
  extra_body: { google: { thinking_config: { thinking_budget: 5 } }, max_tokens: 10 },
  options: { num_predict: 10 },
  prediction: { type: "content", content: "x" },
  some_providers_own: [{ x: 1 }],
};

const FIELDS = [
  ...Object.keys(VALID),
  "previous_response_id",
  "conversation",
  "background",
  "models",
  "plugins",
  "web_search_options",
  "n_predict",
  "thinking_budget",
  "parameters",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  "\u0000",
  "0",
];

const depth = fc.constantFrom(1, 50, 190, 201, 3_000, 50_000);

/** JSON text of a value, so that it can be what no value of JavaScript is. */
const nastyText = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "0.5",
    "1e308",
    "1e400",
    "-1e400",
    "9007199254740993",
    "-9223372036854775808",
    `1${"0".repeat(500)}`,
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\u2028"',
    '"../../../../etc/passwd"',
    '"%00%2e"',
    '"constructor"',
    '"auto"',
    "[]",
    "[[]]",
    "[null]",
    "[{}]",
    '[""]',
    "{}",
    '{"__proto__":{"role":"user"}}',
    '{"type":"text"}',
    '{"type":"image_url","image_url":null}',
    '{"type":"file","file":{"file_id":"x"}}',
    '{"role":"user"}',
    '{"role":"user","content":"x","role":"system"}',
    '{"url":[]}',
    '{"name":{"name":{}}}',
    '{"toString":1,"length":-1}',
  ),
  depth.map((levels) => "[".repeat(levels) + "]".repeat(levels)),
  depth.map((levels) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`),
  fc.integer({ min: 1, max: 20_000 }).map((length) => JSON.stringify("x".repeat(length))),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.double().map((value) => JSON.stringify(value)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);

type Path = readonly (string | number)[];

/** Where in the valid body something can be put in the place of something else. */
const PATHS: Path[] = pathsIn(VALID, []);

function pathsIn(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([name, inner]) => pathsIn(inner, [...path, name]))];
}

/** The body with other text at a path; undefined takes what is there away. */
function withText(value: unknown, path: Path, text: string | undefined): string | undefined {
  const [next, ...rest] = path;
  if (next === undefined) return text;
  if (Array.isArray(value)) {
    const items = value.map((item, at) => (at === next ? withText(item, rest, text) : JSON.stringify(item)));
    return `[${items.filter((item) => item !== undefined).join(",")}]`;
  }
  const fields = Object.entries(Object(value)).flatMap(([name, inner]) => {
    const written = name === next ? withText(inner, rest, text) : JSON.stringify(inner);
    return written === undefined ? [] : [`${JSON.stringify(name)}:${written}`];
  });
  return `{${fields.join(",")}}`;
}

const json = (fields: object) => JSON.stringify({ model: "instant", messages: VALID.messages, ...fields });
const bare = json({ stream: false });

/** A small body with one field set, added, or given again. */
const oneField = fc.tuple(fc.constantFrom(...FIELDS), nastyText, fc.boolean()).map(([name, text, first]) => {
  const field = `${JSON.stringify(name)}:${text}`;
  return first ? `{${field},${bare.slice(1)}` : `${bare.slice(0, -1)},${field}}`;
});

/** The whole body with one thing in it replaced or taken away. */
const oneChange = fc
  .tuple(fc.constantFrom(...PATHS), fc.option(nastyText, { nil: undefined, freq: 6 }))
  .map(([path, text]) => withText(VALID, path, text) ?? "");

const otherMessages = fc
  .array(fc.oneof(nastyText, fc.constantFrom(...VALID.messages.map((message) => JSON.stringify(message)))), {
    maxLength: 8,
  })
  .map((messages) => `{"model":"instant","messages":[${messages.join(",")}]}`);

const someJson = fc.oneof(
  fc.json({ maxDepth: 5 }),
  fc
    .dictionary(fc.constantFrom(...FIELDS), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 })
    .map((body) => JSON.stringify({ model: "instant", ...body })),
  otherMessages,
);

/** A body that is none, or nearly. */
const brokenText = fc
  .tuple(fc.constantFrom(bare, JSON.stringify(VALID)), fc.nat(), fc.string({ unit: "binary", maxLength: 3 }))
  .map(([text, at, put]) => {
    const cut = at % text.length;
    return [text.slice(0, cut), text.slice(0, cut) + put + text.slice(cut + 1), put + text][at % 3] ?? "";
  });

const brokenBytes = fc
  .tuple(
    fc.constantFrom(bare, JSON.stringify(VALID)),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, changes]) => {
    const bytes = Buffer.from(text);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });

const headers = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ "content-type": "application/json" }) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        "content-type": fc.constantFrom(
          "text/plain",
          "multipart/form-data; boundary=x",
          "application/x-www-form-urlencoded",
          "?",
        ),
        "content-encoding": fc.constantFrom("gzip", "br", "identity", "nothing"),
        "x-request-id": fc.constantFrom("x", "\u00ff", "a b", "x".repeat(1_000)),
        "accept-encoding": fc.constantFrom("gzip", "*;q=0", ""),
      },
      { requiredKeys: [] },
    ),
  },
);

const bytes = fc.oneof(
  { weight: 6, arbitrary: oneField.map((text) => Buffer.from(text)) },
  { weight: 6, arbitrary: oneChange.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: someJson.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: brokenText.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: brokenBytes },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((random) => Buffer.from(random)) },
);

/** What a client may send that is mistaken, broken or malicious; at times it is a body like any other. */
export const fuzzedBody: fc.Arbitrary<FuzzedBody> = fc
  .record({ bytes, headers })
  // In the report of a failed batch.
  .map((body) => ({ ...body, [fc.toStringMethod]: () => `${body.bytes.length} bytes` }));
