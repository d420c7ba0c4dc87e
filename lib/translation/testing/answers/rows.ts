/** What an answer may say. Rows of the matrix of answers. */
export type AnswerRow = {
  name: string;
  /** What the client's answer must match, by its dialect; absent: the dialect has no place for it. */
  heard: Readonly<Partial<Record<string, RegExp>>>;
  /** How the meaning changes, by the client's dialect; where there is no place, what is left of it. */
  lossy?: Readonly<Partial<Record<string, string>>>;
};

/** A maker's token as the client carries it. */
const SEALED = String.raw`tg1\.\w+\.[\w-]{8}\.[^"]+`;
const calls = (first: string, second: string) => new RegExp(`${first}.*${second}`);

export const ANSWER_ROWS: readonly AnswerRow[] = [
  {
    name: "text",
    heard: {
      chat: /"content":"Rain\."/,
      messages: /"type":"text","text":"Rain\."/,
      responses: /"type":"output_text","text":"Rain\."/,
    },
  },
  {
    name: "reasoning, its text",
    heard: {
      chat: /"reasoning_content":"Hm\."/,
      messages: /"type":"thinking","thinking":"Hm\."/,
      responses: /"type":"reasoning","summary":\[{"type":"summary_text","text":"Hm\."}\]/,
    },
  },
  {
    name: "reasoning, its proof",
    heard: {
      chat: new RegExp(`"id":"call_1~${SEALED}"`),
      messages: new RegExp(`"type":"thinking",[^}]*"signature":"${SEALED}"`),
      responses: new RegExp(`"type":"reasoning",.*"encrypted_content":"${SEALED}"`),
    },
    lossy: { chat: "in a call's id, and in `reasoning_details`, which few clients return" },
  },
  {
    name: "a call of a tool",
    heard: {
      chat: /"id":"call_1[^"]*","type":"function","function":{"name":"look","arguments":"{\\"city\\":\\"Paris\\"}"}/,
      messages: /"type":"tool_use","id":"call_1","name":"look","input":{"city":"Paris"}/,
      responses: /"call_id":"call_1","name":"look","arguments":"{\\"city\\":\\"Paris\\"}"/,
    },
  },
  {
    name: "parallel calls",
    heard: {
      chat: calls('"id":"call_1.*Paris', '"id":"call_2.*Rome'),
      messages: calls('"id":"call_1.*Paris', '"id":"call_2.*Rome'),
      responses: calls('"call_id":"call_1.*Paris', '"call_id":"call_2.*Rome'),
    },
  },
  {
    name: "ended: stop",
    heard: {
      chat: /"finish_reason":"stop"/,
      messages: /"stop_reason":"end_turn"/,
      responses: /"status":"completed","incomplete_details":null/,
    },
  },
  {
    name: "ended: output bound",
    heard: {
      chat: /"finish_reason":"length"/,
      messages: /"stop_reason":"max_tokens"/,
      responses: /"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}/,
    },
  },
  {
    name: "ended: calls",
    heard: {
      chat: /"finish_reason":"tool_calls"/,
      messages: /"stop_reason":"tool_use"/,
      responses: /"status":"completed","incomplete_details":null/,
    },
  },
  {
    name: "ended: refused or filtered",
    heard: {
      chat: /"finish_reason":"content_filter"/,
      messages: /"stop_reason":"refusal"/,
      responses: /"status":"incomplete","incomplete_details":{"reason":"content_filter"}/,
    },
  },
  {
    name: "words of a refusal",
    heard: {
      chat: /^(?=.*"finish_reason":"content_filter").*"content":"I cannot\."/,
      messages: /^(?=.*"stop_reason":"refusal").*"text":"I cannot\."/,
      responses: /^(?=.*"reason":"content_filter").*"text":"I cannot\."/,
    },
    lossy: { chat: "as filtered text", messages: "as refused text", responses: "as filtered text" },
  },
  {
    name: "ended: stop sequence, which",
    heard: { messages: /"stop_reason":"stop_sequence","stop_sequence":"END"/ },
    lossy: { chat: "that it stopped", responses: "that it completed" },
  },
  {
    name: "usage: input, output",
    heard: {
      chat: /"prompt_tokens":100,"completion_tokens":40/,
      messages: /"input_tokens":\d+,.*"output_tokens":40/,
      responses: /"input_tokens":100,.*"output_tokens":40/,
    },
  },
  {
    name: "usage: read from the cache",
    heard: {
      chat: /"cached_tokens":50/,
      messages: /"cache_read_input_tokens":50/,
      responses: /"cached_tokens":50/,
    },
  },
  {
    name: "usage: written to the cache",
    heard: {
      chat: /"cache_write_tokens":30/,
      messages: /"cache_creation_input_tokens":30/,
      responses: /"cache_write_tokens":30/,
    },
  },
  {
    name: "usage: written for an hour",
    heard: { messages: /"ephemeral_1h_input_tokens":20/ },
    lossy: { chat: "within what is written", responses: "within what is written" },
  },
  {
    name: "usage: reasoning",
    heard: {
      chat: /"reasoning_tokens":15/,
      messages: /"thinking_tokens":15/,
      responses: /"reasoning_tokens":15/,
    },
  },
  {
    name: "cited pages of the web",
    heard: {
      chat: /"annotations":\[{"type":"url_citation","url_citation":{.*"url":"https:\/\/example\.com\/a"/,
      messages: /"type":"web_search_result_location","url":"https:\/\/example\.com\/a"/,
      responses: /"annotations":\[{"type":"url_citation",.*"url":"https:\/\/example\.com\/a"/,
    },
    lossy: { messages: "without Anthropic's token of a search" },
  },
  {
    name: "cited documents",
    heard: { messages: /"type":"char_location","cited_text":"grass","document_index":0/ },
    lossy: { chat: "the text alone", responses: "the text alone" },
  },
];
