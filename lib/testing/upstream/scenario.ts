/** The fields of a request that decide how it is answered. */
export type Asked = { model: string; stream: boolean; includeUsage: boolean; maxTokens: number | null };

/**
 * What the fake upstream can do, as plain data, so that a table of rules can be written in a test or sent to another
 * process. A scenario has three independent parts: the content, its framing on the wire, and a fault.
 */

/** A number, or a range from which each request draws one, both ends included. */
export type Drawn = number | { least: number; most: number };

/** A chat completion: whole or streamed, as requested. */
export type ChatContent = {
  kind: "chat";
  /** The text of the answer; a stream sends it word by word. */
  text?: string;
  /** Instead of `text`: a number of generated words, and so of content chunks. */
  chunks?: Drawn;
  /** Stops at the request's `max_completion_tokens` or `max_tokens`, with the finish reason `length`. */
  respectsLimit?: boolean;
  /** Default: `stop`. */
  finish?: "stop" | "length";
  /** Replaces the default usage; `null`: the provider reports none. */
  usage?: Record<string, unknown> | null;
  /** Streams only. Default: `if_asked`, a separate last chunk if the request sets `stream_options.include_usage`. */
  usagePlacement?: "if_asked" | "always" | "last_content_chunk";
  /** Streams only: whether `data: [DONE]` ends the stream. Default: true. */
  done?: boolean;
  /** Streams only: ends with an error event after this many content chunks. */
  errorEventAfter?: number;
  /** Ignores whether the request asked for a stream. */
  answerAs?: "whole" | "stream";
  headers?: Record<string, string>;
};

/** Fixed bytes. `{{api_key}}` in the body is replaced by the request's credential. */
export type RawContent = {
  kind: "raw";
  status: number;
  headers?: Record<string, string>;
  /** One TCP write per element. */
  body: string | string[];
};

/** Content chunks until the client disconnects. */
export type EndlessContent = { kind: "endless" };

/**
 * A chat completion of a lenient provider, as the real ones are (lenient/): it takes the greatest of all output bounds
 * that any server would read, and generates until the client disconnects. It bills what it has generated.
 */
export type LenientContent = {
  kind: "lenient";
  /** The visible tokens of an answer without a bound: one word each. */
  visibleTokens: Drawn;
  /** Tokens that it generates and never sends, before the first visible word and after the last. */
  hiddenTokens?: { before: Drawn; after: Drawn };
  /** Default: everything at once. */
  tokensPerSecond?: number;
  /** An input beyond it is a 400, which is not billed. */
  contextWindow: number;
  /** Writes whatever is in the body with an open model's chat template. */
  writesTemplates?: boolean;
  /** Ends in an error inside the 200, which is billed if it reports usage. */
  error?: { reportsUsage: boolean };
};

export type Framing = {
  encoding?: "gzip" | "br" | "deflate";
  /** Cuts the bytes into TCP writes of this size, also within UTF-8 characters. */
  writeBytes?: number;
  /** The pause between writes; without one, each write still gets its own turn of the event loop. */
  paceMs?: Drawn;
  headDelayMs?: Drawn;
};

/**
 * `close` closes the connection during the answer, `reset` does so with a TCP reset, `stall` sends nothing more and
 * keeps it open, `end` ends the response correctly, but too early. A fault after the last write has no effect.
 */
export type Fault = {
  does: "close" | "reset" | "stall" | "end";
  at: "before_head" | "after_head" | { afterWrites: number };
};

export type Scenario = {
  content: ChatContent | RawContent | EndlessContent | LenientContent;
  framing?: Framing;
  fault?: Fault;
};

/** Which requests get a scenario. An absent field matches everything; `body` is compared as a subset. */
export type Rule = {
  method?: string;
  path?: string;
  model?: string;
  body?: Record<string, unknown>;
  /** A list is used one element per request; its last element is used for all further requests. */
  scenario: Scenario | Scenario[];
};

const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };

/** A chat completion with `framing` and `fault`. */
export function chat(content: Omit<ChatContent, "kind"> = {}, framing?: Framing, fault?: Fault): Scenario {
  return { content: { kind: "chat", ...content }, framing, fault };
}

/** A lenient provider's chat completion. */
export function lenient(content: Omit<LenientContent, "kind">): Scenario {
  return { content: { kind: "lenient", ...content } };
}

/** A thousand words, one a second. */
export const wordsBySecond = lenient({ visibleTokens: 1_000, tokensPerSecond: 1, contextWindow: 100_000 });

/** A fixed answer. */
export function raw(status: number, headers: Record<string, string>, body: string | string[]): Scenario {
  return { content: { kind: "raw", status, headers, body } };
}

/** A whole answer of JSON. */
export const wholeAnswer = (body: string): Scenario => raw(200, json, body);

/** A stream of these events, each part written by itself. */
export const streamOf = (...parts: string[]): Scenario => raw(200, sse, parts);

/** An error answer in OpenAI's shape. */
export function failure(status: number, code: string, message: string, headers = {}): Scenario {
  const error = { message, type: "invalid_request_error", param: null, code };
  return raw(status, { ...json, ...headers }, JSON.stringify({ error }));
}

/** Two vectors in Base64, as OpenAI's SDK asks for. */
export const embeddings: Scenario = raw(
  200,
  json,
  JSON.stringify({
    object: "list",
    data: ["AAAAPwAAAL8=", "AACAPgAAgL4="].map((embedding, index) => ({
      object: "embedding",
      index,
      embedding,
    })),
    model: "embeddings",
    usage: { prompt_tokens: 3, total_tokens: 3 },
  }),
);

const tenWords: Omit<ChatContent, "kind"> = { chunks: 10 };
const chunk = (delta: object) =>
  `data: ${JSON.stringify({ id: "chatcmpl-raw", object: "chat.completion.chunk", created: 1, model: "raw", choices: [{ index: 0, delta, finish_reason: null }] })}`;

/** Scenarios that a request selects by its model's name; every other name gets an instant answer. */
export const scenariosByModel: Readonly<Record<string, Scenario>> = {
  instant: chat(),
  "stream-100": chat({ chunks: 100 }),
  // As agents see it: answers far shorter than the limit that they ask for.
  metered: chat(
    { chunks: { least: 50, most: 400 }, respectsLimit: true },
    { headDelayMs: { least: 1, most: 20 } },
  ),
  "usage-always": chat({ usagePlacement: "always" }),
  "usage-in-last-chunk": chat({ usagePlacement: "last_content_chunk" }),
  "usage-missing": chat({ usage: null }),
  "usage-cached-reasoning": chat({
    usage: {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 256, audio_tokens: 0 },
    },
  }),
  "no-done": chat({ done: false }),
  "leaky-headers": chat({
    headers: {
      "set-cookie": "__cf_bm=upstream; path=/; HttpOnly",
      "openai-organization": "org-of-the-operator",
      "openai-processing-ms": "7",
      "x-ratelimit-remaining-requests": "499",
      "x-request-id": "req_upstream",
      server: "cloudflare",
    },
  }),

  gzip: chat(tenWords, { encoding: "gzip" }),
  brotli: chat(tenWords, { encoding: "br" }),
  deflate: chat(tenWords, { encoding: "deflate" }),
  "gzip-split": chat(tenWords, { encoding: "gzip", writeBytes: 7, paceMs: 1 }),
  "multibyte-split": chat({ text: "Grüße 🌍 日本語 naïve café 👩‍👩‍👧 ende" }, { writeBytes: 3, paceMs: 1 }),
  "slow-drip": chat({ text: "one two three" }, { writeBytes: 16, paceMs: 5 }),
  "slow-stream": chat({ chunks: 50 }, { paceMs: 20 }),
  "slow-head": chat({}, { headDelayMs: 300 }),
  endless: { content: { kind: "endless" }, framing: { paceMs: 2 } },
  "endless-flood": { content: { kind: "endless" } },

  "whole-for-stream": chat({ answerAs: "whole" }),
  "stream-for-whole": chat({ answerAs: "stream" }),
  "broken-sse": raw(200, sse, [
    `${chunk({ content: "Good" })}\n\n`,
    'data: {"id": "chatcmpl-raw", "choices": [{"del\n\n',
    "data: [DONE]\n\n",
  ]),
  // Legal but rare: a byte-order mark, comments, event names, ids, CR LF and lone CR.
  "odd-sse": raw(200, sse, [
    `\uFEFF: hello\r\n\r\nevent: chunk\r\nid: 1\r\n${chunk({ content: "Odd" })}\r\n\r\n`,
    `retry: 5\r${chunk({ content: " but" })}\r\r: keep-alive\r\r`,
    `${chunk({ content: " legal" }).replace("data: ", "data:")}\n\ndata: [DONE]\n\n`,
  ]),
  "error-event": chat({ chunks: 10, errorEventAfter: 3 }),
  "error-event-first": chat({ chunks: 10, errorEventAfter: 0 }),

  "close-before-head": chat({}, {}, { does: "close", at: "before_head" }),
  "reset-before-head": chat({}, {}, { does: "reset", at: "before_head" }),
  "close-after-head": chat(tenWords, {}, { does: "close", at: "after_head" }),
  "close-mid-stream": chat(tenWords, {}, { does: "close", at: { afterWrites: 4 } }),
  "reset-mid-stream": chat(tenWords, {}, { does: "reset", at: { afterWrites: 4 } }),
  "end-mid-stream": chat(tenWords, {}, { does: "end", at: { afterWrites: 4 } }),
  "close-mid-body": chat({}, { writeBytes: 100, paceMs: 1 }, { does: "close", at: { afterWrites: 2 } }),
  "close-mid-gzip": chat(
    tenWords,
    { encoding: "gzip", writeBytes: 40, paceMs: 1 },
    { does: "close", at: { afterWrites: 2 } },
  ),
  "stall-before-head": chat({}, {}, { does: "stall", at: "before_head" }),
  "stall-after-head": chat(tenWords, {}, { does: "stall", at: "after_head" }),
  "stall-mid-stream": chat(tenWords, {}, { does: "stall", at: { afterWrites: 4 } }),
  "stall-mid-body": chat({}, { writeBytes: 100, paceMs: 1 }, { does: "stall", at: { afterWrites: 2 } }),

  garbage: raw(200, json, '}{ this is not JSON "'),
  "garbage-stream": raw(200, sse, ["<html>", "<body>not an event stream", "</body></html>"]),
  html: raw(200, { "content-type": "text/html" }, "<html><body>A captive portal</body></html>"),
  empty: raw(200, json, ""),
  "empty-stream": raw(200, sse, ""),
  redirect: raw(307, { location: "/v1/elsewhere" }, ""),

  "status-400": failure(400, "invalid_value", "'temperature' must be at most 2."),
  "status-400-filtered": failure(400, "content_filter", "The prompt triggered the content policy."),
  // OpenAI quotes the credential in the message.
  "status-400-leaky": failure(400, "invalid_value", "The key {{api_key}} may not use 'logprobs'."),
  "status-401": failure(401, "invalid_api_key", "Incorrect API key provided: {{api_key}}."),
  "status-403": failure(403, "unsupported_country", "The project of {{api_key}} may not do this."),
  "status-404": failure(404, "model_not_found", "The model 'status-404' does not exist."),
  "status-408": failure(408, "timeout", "litellm.Timeout: the request timed out."),
  "status-504": failure(504, "timeout", "The upstream server did not answer in time."),
  "status-524": raw(524, { "content-type": "text/html" }, "<html><h1>A timeout occurred</h1></html>"),
  "status-429": failure(429, "rate_limit_exceeded", "Rate limit reached.", { "retry-after": "7" }),
  "status-429-quota": failure(429, "insufficient_quota", "You exceeded your current quota."),
  "status-500": failure(500, "server_error", "The server had an error."),
  "status-503": failure(503, "overloaded", "The engine is overloaded.", { "retry-after": "3" }),
  "status-502-html": raw(502, { "content-type": "text/html" }, "<html><h1>502 Bad Gateway</h1></html>"),
};

/** What a provider answers, with the request that it answers. */
export type ProviderAnswer = {
  /** `documented/chat-basic`, `recorded/openai/chat-basic` */
  name: string;
  request: { method: string; path: string; body: Record<string, unknown> };
  response: { status: number; headers: Record<string, string>; body: string };
};
