const MESSAGE = "The upstream worker failed.";

/**
 * Errors as providers write them into a 200: OpenAI and most others, OpenRouter (beside or inside a choice), vLLM,
 * FastAPI servers, and MiniMax.
 */
const SHAPES: readonly object[] = [
  { error: { message: MESSAGE, type: "server_error", param: null, code: "server_error" } },
  { error: MESSAGE },
  { choices: [], error: { code: 502, message: MESSAGE } },
  { choices: [{ index: 0, delta: {}, error: { code: 502, message: MESSAGE }, finish_reason: "error" }] },
  { object: "error", message: MESSAGE, type: "InternalServerError", code: 500 },
  { base_resp: { status_code: 1013, status_msg: MESSAGE }, choices: null },
];

const drawn = (): object => SHAPES[Math.floor(Math.random() * SHAPES.length)] ?? {};

/** An error as a whole answer; with `usage`, the provider bills what it reports. */
export const errorBody = (usage: object | null): string => JSON.stringify(withUsage(drawn(), usage));

/** An error as the last event of a stream; servers disagree on whether `[DONE]` follows. */
export function errorEvents(usage: object | null): string {
  const name = Math.random() < 0.3 ? "event: error\n" : "";
  const done = Math.random() < 0.5 ? "data: [DONE]\n\n" : "";
  return `${name}data: ${JSON.stringify(withUsage(drawn(), usage))}\n\n${done}`;
}

const withUsage = (error: object, usage: object | null) => (usage === null ? error : { ...error, usage });
