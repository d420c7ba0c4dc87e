/** One request of the data plane, and what a good answer has. */
export type Probe = {
  /** As in the documentation: `POST /v1/chat/completions`. */
  name: string;
  method: "GET" | "POST";
  path: string;
  /** Which model it asks for. */
  asks?: "chat" | "embedding";
  body?: object;
  /** A part of the answer's text. */
  has: string;
};

const MAX_TOKENS = 16;
const messages = [{ role: "user", content: "Say hello." }];

const post = (path: string, body: object, has: string, others: Partial<Probe> = {}): Probe => ({
  name: `POST ${path}`,
  method: "POST",
  path,
  asks: "chat",
  body,
  has,
  ...others,
});

/** A request for each endpoint, small enough to cost nearly nothing. */
export const PROBES: readonly Probe[] = [
  { name: "GET /v1/me", method: "GET", path: "/v1/me", has: '"budgets"' },
  { name: "GET /v1/models/{id}", method: "GET", path: "/v1/models/{model}", asks: "chat", has: '"id"' },
  post("/v1/chat/completions", { messages, max_completion_tokens: MAX_TOKENS }, '"choices"'),
  post("/v1/chat/completions", { messages, max_completion_tokens: MAX_TOKENS, stream: true }, "[DONE]", {
    name: "POST /v1/chat/completions (stream)",
  }),
  post("/v1/responses", { input: "Say hello.", max_output_tokens: MAX_TOKENS }, '"output"'),
  post("/v1/messages", { messages, max_tokens: MAX_TOKENS }, '"content"'),
  post("/v1/messages/count_tokens", { messages }, '"input_tokens"'),
  post("/v1/completions", { prompt: "Hello", max_tokens: MAX_TOKENS }, '"choices"'),
  post("/v1/embeddings", { input: "Hello" }, '"embedding"', { asks: "embedding" }),
];
