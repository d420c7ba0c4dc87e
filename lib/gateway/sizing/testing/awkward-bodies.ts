/** Signs of which a text is awkward if it has nothing else. */
const SIGNS: Readonly<Record<string, string>> = {
  letters: "a",
  "white space": " ",
  "line breaks": "\n",
  "combining marks": "\u0301\u0316",
  backslashes: "\\",
  digits: "1",
  braces: "{",
  brackets: "[",
  "closing brackets": "]",
  quotes: '"',
  emoji: "\u{1f600}",
  "half characters": "\ud83d",
  "pictures in Markdown": "![",
  "whole pictures in Markdown": "![](data:",
  tags: "<img src =",
  "tags of pictures": "[img-1",
  escapes: "\\u0021",
  "signs of equality": "=",
  slashes: "/",
  dots: ".",
  references: '{"$ref":"a"},',
  "media types": "data:a/b;base64,",
  apostrophes: "'s ",
  "no-break spaces": "\u00a0",
  ligatures: "\ufdfa",
};

const user = (content: unknown) => ({ role: "user", content });
const tool = (name: string, schema: object) => ({
  type: "function",
  name,
  function: { name, parameters: schema },
  parameters: schema,
  input_schema: schema,
});
const file = (filename: string, data: string) => ({ type: "file", file: { filename, file_data: data } });
const call = (name: string, json: string) => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id: "a", type: "function", function: { name, arguments: json } }],
});
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: Math.floor(count) }, (_, at) => make(at));
const fields = (count: number, make: (at: number) => [string, unknown]) =>
  Object.fromEntries(many(count, make));
const nested = (name: string, inner: unknown, depth = 150) => {
  let value = inner;
  for (let at = 0; at < depth; at++) value = { [name]: value };
  return value;
};

/** Where a long text can be, in the fields of any dialect; those that a dialect does not have are left out. */
const PLACES: Readonly<Record<string, (text: string) => object>> = {
  "a message": (text) => ({ messages: [user(text)], prompt: text, input: text }),
  "the last of many messages": (text) => ({
    messages: [...many(text.length / 30, () => user("b")), user(`${text}a`)],
  }),
  "a result": (text) => ({ messages: [user("a"), { role: "tool", tool_call_id: "a", content: `[${text}` }] }),
  "a call": (text) => ({ messages: [user("a"), call("f", text), call(text, "{}")] }),
  "a name": (text) => ({ [text]: 1 }),
  "a name around many others": (text) => ({
    settings: { [text]: fields(text.length / 12, (at) => [`n${at}`, 1]) },
  }),
  "a name that is merged around many others": (text) => ({
    extra_body: { [text]: many(text.length / 8, () => ({ n: 1 })) },
  }),
  notes: (text) => ({ metadata: `{${text}` }),
  "the name of a note": (text) => ({ metadata: { [text]: "a" } }),
  "a tool": (text) => ({ tools: [{ ...tool(text, {}), description: text }] }),
  "the schema of a tool": (text) => ({
    tools: [tool("f", { type: "object", properties: { [text]: { description: text, enum: [text] } } })],
  }),
  "a schema as text": (text) => ({ guided_json: `{${text}` }),
  "a URL": (text) => ({ messages: [user([{ type: "image_url", image_url: { url: `http://${text}` } }])] }),
  "the data of a picture": (text) => ({
    messages: [user([{ type: "image_url", image_url: { url: text } }])],
  }),
  "the data of a text file": (text) => ({
    messages: [user([file("a.txt", `data:text/plain;base64,${text}`)])],
  }),
  "the name of a file": (text) => ({ messages: [user([file(text, "data:text/plain;base64,YQ==")])] }),
  "a document": (text) => ({
    messages: [user([file("a.pdf", Buffer.from(`%PDF-1.7 /ObjStm stream ${text}`).toString("base64"))])],
  }),
  "a recording": (text) => ({
    messages: [user([{ type: "input_audio", input_audio: { data: text, format: "mp3" } }])],
  }),
  "a system prompt": (text) => ({
    system: text,
    instructions: text,
    messages: [{ role: "system", content: text }],
  }),
  "a prediction": (text) => ({ prediction: { type: "content", content: text } }),
};

/** What can be many or deep. */
const STRUCTURES: Readonly<Record<string, (characters: number) => object>> = {
  "deep fields": (size) => ({
    settings: nested(
      "Ä\u0301",
      many(size / 8, () => ({ n: 1 })),
    ),
  }),
  "deep switches": (size) => ({
    settings: nested(
      "Ä\u0301",
      many(size / 24, () => ({ enable_thinking: true })),
    ),
  }),
  "deep bounds": (size) => ({
    settings: nested(
      "Ä\u0301",
      many(size / 18, () => ({ max_tokens: 5 })),
    ),
  }),
  "deep unknown fields": (size) => ({
    settings: nested(
      "a",
      fields(size / 10, (at) => [`n${at}`, 1]),
    ),
  }),
  predictions: (size) => ({ prediction: nested("prediction", "a".repeat(size)) }),
  names: (size) => fields(size / 12, (at) => [`name${at}`, 1]),
  "strange names": (size) => fields(size / 300, (at) => [`${"\u0301\u0316".repeat(40)}${at}`, 1]),
  "names that are numbers": (size) => ({ settings: fields(size / 12, (at) => [String(at * 4_096), 1]) }),
  messages: (size) => ({ messages: many(size / 30, () => user("")), input: many(size / 30, () => user("")) }),
  parts: (size) => ({ messages: [user(many(size / 30, () => ({ type: "text", text: "a" })))] }),
  "unknown parts": (size) => ({ messages: [user(many(size / 30, () => ({ type: "zzz", zzz: "a" })))] }),
  pictures: (size) => ({
    messages: [
      user(many(size / 70, () => ({ type: "image_url", image_url: { url: "https://a.example/b" } }))),
    ],
  }),
  documents: (size) => {
    const data = Buffer.from("%PDF-1.7 /ObjStm stream\n").toString("base64");
    return { messages: [user(many(size / 90, () => file("a.pdf", data)))] };
  },
  tools: (size) => ({ tools: many(size / 100, (at) => tool(`f${at}`, { type: "object" })) }),
  "tools that are none": (size) => ({ tools: many(size / 2, () => 1), functions: many(size / 2, () => 1) }),
  calls: (size) => ({
    messages: [
      user("a"),
      ...many(size / 120, (at) => call(`f${at}`, "{}")),
      call("a".repeat(size / 4), "{}"),
    ],
  }),
  results: (size) => ({
    messages: [
      call("f".repeat(99), "{}"),
      ...many(size / 40, () => ({ role: "tool", tool_call_id: "a", content: "" })),
    ],
  }),
  "results with references": (size) => ({
    messages: many(size / 90, () => ({
      role: "tool",
      tool_call_id: "a",
      content: '{"$ref":"a","$defs":{"a":1}}',
    })),
  }),
  "results within results": (size) => {
    let content: unknown = many(size / 20, () => ({ type: "zzz", a: {} }));
    for (let at = 0; at < 60; at++) content = [{ type: "tool_result", tool_use_id: "a", content }];
    return { messages: [user(content)] };
  },
  "a chain of references": (size) => ({
    tools: [tool("f", { $ref: "d0", $defs: fields(size / 30, (at) => [`d${at}`, { $ref: `d${at + 1}` }]) })],
  }),
  "references to one definition": (size) => ({
    tools: [tool("f", { $defs: { a: {} }, anyOf: many(size / 14, () => ({ $ref: "a" })) })],
  }),
  "definitions of one name": (size) => ({
    tools: [
      tool("f", {
        $ref: "a",
        properties: fields(size / 100, (at) => [`p${at}`, { $defs: { a: { at, $ref: "a" } } }]),
        last: { $defs: { a: many(size / 30, () => ({ $ref: "a" })) } },
      }),
    ],
  }),
  unions: (size) => ({
    tools: [tool("f", { anyOf: many(size / 30, () => ({ type: ["string", "null"] })) })],
  }),
  numbers: (size) => ({ tools: [tool("f", { enum: many(size / 8, () => 1e300) })] }),
  "stop sequences": (size) => ({
    stop: many(size / 4, () => "a"),
    stop_sequences: many(size / 4, () => "a"),
  }),
  prompts: (size) => ({
    prompt: many(Math.min(4_000, size / 4), () => "a"),
    input: many(size / 4, () => "a"),
  }),
  tokens: (size) => ({ prompt: many(size / 3, () => 1), input: many(size / 3, () => 1) }),
};

/** Fields of requests of about so many characters that are long in one way each, by what that is. */
export const awkwardFields: readonly (readonly [name: string, fields: (characters: number) => object])[] = [
  ...Object.entries(PLACES).flatMap(([place, put]) =>
    Object.entries(SIGNS).map(
      ([signs, sign]) =>
        [
          `${signs} in ${place}`,
          (characters: number) => put(sign.repeat(characters / sign.length).slice(0, characters)),
        ] as const,
    ),
  ),
  ...Object.entries(STRUCTURES).map(([name, make]) => [`many ${name}`, make] as const),
];
