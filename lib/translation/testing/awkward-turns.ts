/** How a client's dialect says the parts of a conversation. */
type Words = {
  field: "messages" | "input";
  call: (id: string, name: string) => object;
  /** Several calls in one answer. */
  calls: (calls: readonly (readonly [id: string, name: string])[]) => readonly object[];
  result: (id: string) => object;
  user: (parts: readonly object[]) => object;
  assistant: (parts: readonly object[]) => object;
  text: (text: string) => object;
  thought: object;
  document: object;
  picture: (url: string) => object;
  tool: (name: string) => object;
};

const PNG = "iVBORw0KGgo=";
const SEAL = "tg1.google.AAAAAAAA.c2ln";

/** As chat and messages say it. */
const PLAIN: Pick<Words, "user" | "assistant" | "text"> = {
  user: (content) => ({ role: "user", content }),
  assistant: (content) => ({ role: "assistant", content }),
  text: (text) => ({ type: "text", text }),
};

const chatCall = (id: string, name: string) => ({
  id,
  type: "function",
  function: { name, arguments: "{}" },
});
const chat: Words = {
  field: "messages",
  call: (id, name) => ({ role: "assistant", content: null, tool_calls: [chatCall(id, name)] }),
  calls: (calls) => [
    { role: "assistant", content: null, tool_calls: calls.map(([id, name]) => chatCall(id, name)) },
  ],
  result: (id) => ({ role: "tool", tool_call_id: id, content: "b" }),
  ...PLAIN,
  thought: {
    role: "assistant",
    content: "a",
    reasoning_details: [{ type: "reasoning.encrypted", data: SEAL }],
  },
  document: { type: "file", file: { file_data: "data:text/plain;base64,YQ==" } },
  picture: (url) => ({ type: "image_url", image_url: { url } }),
  tool: (name) => ({ type: "function", function: { name } }),
};
const messagesCall = (id: string, name: string) => ({ type: "tool_use", id, name, input: {} });
const messages: Words = {
  field: "messages",
  call: (id, name) => ({ role: "assistant", content: [messagesCall(id, name)] }),
  calls: (calls) => [{ role: "assistant", content: calls.map(([id, name]) => messagesCall(id, name)) }],
  result: (id) => ({ role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "b" }] }),
  ...PLAIN,
  thought: { role: "assistant", content: [{ type: "thinking", thinking: "a", signature: SEAL }] },
  document: { type: "document", source: { type: "text", media_type: "text/plain", data: "a" } },
  picture: (url) => ({ type: "image", source: { type: "url", url } }),
  tool: (name) => ({ name, input_schema: { type: "object" } }),
};
const responsesCall = (id: string, name: string) => ({
  type: "function_call",
  call_id: id,
  name,
  arguments: "{}",
});
const responses: Words = {
  field: "input",
  call: responsesCall,
  calls: (calls) => calls.map(([id, name]) => responsesCall(id, name)),
  result: (id) => ({ type: "function_call_output", call_id: id, output: "b" }),
  user: (content) => ({ type: "message", role: "user", content }),
  assistant: (content) => ({ type: "message", role: "assistant", content }),
  text: (text) => ({ type: "input_text", text }),
  thought: { type: "reasoning", summary: [], encrypted_content: SEAL },
  document: { type: "input_file", file_data: "data:text/plain;base64,YQ==" },
  picture: (url) => ({ type: "input_image", image_url: url }),
  tool: (name) => ({ type: "function", name }),
};
const WORDS: Readonly<Record<string, Words>> = { chat, messages, responses };

const SIGNS = "!#$%&()*+,./:;<=>?@[]^`{|}";
/** Texts of four signs that no wire takes in a name, each another. */
const signs = (at: number): string =>
  [0, 1, 2, 3].map((place) => SIGNS[Math.floor(at / SIGNS.length ** place) % SIGNS.length]).join("");
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: Math.floor(count) }, (_, at) => make(at));

type Fields = { turns?: readonly object[]; tools?: readonly object[]; [name: string]: unknown };

/** What is long or many in one way, in about so many characters of a dialect. */
const STRUCTURES: Readonly<Record<string, (words: Words, size: number) => Fields>> = {
  "ids that become the same": ({ calls }, size) => ({
    turns: calls(many(size / 80, (at) => [signs(at), "f"])),
  }),
  "ids that are the same for 64 characters": ({ calls }, size) => ({
    turns: calls(many(size / 140, (at) => ["a".repeat(64) + at, "f"])),
  }),
  "ids with the numbers of others": ({ calls }, size) => ({
    turns: calls(many(size / 80, (at) => [at % 2 === 0 ? signs(at) : `_____${at}`, "f"])),
  }),
  "names of calls that become the same": ({ calls }, size) => ({
    turns: calls(many(size / 80, (at) => [`${at}`, signs(at)])),
  }),
  "names of tools that become the same": ({ tool }, size) => ({
    tools: many(size / 50, (at) => tool(signs(at))),
  }),
  "names of tools that are long": ({ tool }, size) => ({
    tools: many(size / 290, (at) => tool(`${"n".repeat(240)}${at}`)),
  }),
  "tools in a namespace of a long name": ({ tool }, size) => ({
    tools: [
      {
        type: "namespace",
        name: "n".repeat(size / 2),
        description: "",
        tools: many(size / 120, (at) => tool(`f${at}`)),
      },
    ],
  }),
  "tools in a namespace": ({ tool }, size) => ({
    tools: [
      {
        type: "namespace",
        name: "n".repeat(200),
        description: "",
        tools: many(size / 60, (at) => tool(`f${at}`)),
      },
    ],
  }),
  tools: ({ tool }, size) => ({ tools: many(size / 60, (at) => tool(`f${at}`)) }),
  "documents without a name": ({ user, document }, size) => ({
    turns: [user(many(size / 70, () => document))],
  }),
  "an address with combining marks": ({ user, picture }, size) => ({
    turns: [user([picture(`http://${"\u0301\u0316".repeat(size / 4)}/a.png`)])],
  }),
  addresses: ({ user, picture }, size) => ({
    turns: [user(many(size / 360, () => picture(`http://${"%CC%81".repeat(46)}.example/a.png`)))],
  }),
  results: ({ call, result }, size) => ({
    turns: [call("a", "f"), ...many(size / 60, () => result("a"))],
  }),
  "calls and results in turn": ({ call, result }, size) => ({
    turns: many(size / 300, (at) => [call(`a${at}`, "f"), result(`a${at}`)]).flat(),
  }),
  "answers one after the other": ({ assistant, text }, size) => ({
    turns: many(size / 70, () => assistant([text("a")])),
  }),
  "users one after the other": ({ user, text }, size) => ({
    turns: many(size / 70, () => user([text("a")])),
  }),
  "texts of one turn": ({ user, text }, size) => ({ turns: [user(many(size / 30, () => text("a")))] }),
  "reasoning of another": ({ thought }, size) => ({ turns: many(size / 120, () => thought) }),
  "cache marks": ({ user, text }, size) => ({
    turns: [user(many(size / 80, () => ({ ...text("a"), cache_control: { type: "ephemeral" } })))],
  }),
  "stop sequences": (_, size) => {
    const sequences = many(size / 5, () => "a");
    return { stop: sequences, stop_sequences: sequences };
  },
  "unknown fields": (_, size) => Object.fromEntries(many(size / 12, (at) => [`name${at}`, 1])),
  "numbers with many digits": ({ tool }, size) => ({
    tools: many(size / 120, (at) => ({ ...tool(`f${at}`), parameters: { maximum: 1e300 } })),
  }),
};

/** Pictures that the model has made, which a dialect has in a place of its own. */
const PICTURES: Readonly<Record<string, object>> = {
  chat: {
    role: "assistant",
    content: null,
    images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }],
  },
  responses: { type: "image_generation_call", status: "completed", result: PNG },
};

/** Bodies of a client's dialect that are long in one way each, by what that is. */
export function awkwardTurns(
  dialect: string,
): readonly (readonly [what: string, bodyOf: (characters: number) => object])[] {
  const words = WORDS[dialect];
  if (words === undefined) throw new Error(`no words of ${dialect}`);
  const hi = words.user([words.text("a")]);
  const withFields = ({ turns = [], ...fields }: Fields) => ({
    model: "m",
    [words.field]: [hi, ...turns],
    ...(dialect === "messages" ? { max_tokens: 16 } : {}),
    ...fields,
  });
  const picture = PICTURES[dialect];
  const structures = Object.entries(STRUCTURES).map(
    ([what, make]) => [what, (characters: number) => withFields(make(words, characters))] as const,
  );
  if (picture === undefined) return structures;
  const pictures = (characters: number) => withFields({ turns: many(characters / 140, () => picture) });
  return [...structures, ["pictures of the model", pictures]];
}
