/** What is streamed in parts, by the part of the event's name before `.delta` and `.done`. */
const IN_PARTS = [
  "output_text",
  "refusal",
  "reasoning_text",
  "reasoning_summary",
  "reasoning_summary_text",
  "function_call_arguments",
  "custom_tool_call_input",
  "mcp_call_arguments",
  "code_interpreter_call_code",
  "audio",
  "audio.transcript",
] as const;

const TERMINAL = ["response.completed", "response.incomplete"] as const;

const OTHERS = [
  "response.created",
  "response.queued",
  "response.in_progress",
  "response.failed",
  "response.output_item.added",
  "response.output_item.done",
  "response.content_part.added",
  "response.content_part.done",
  "response.reasoning_summary_part.added",
  "response.reasoning_summary_part.done",
  "response.output_text.annotation.added",
  "response.web_search_call.in_progress",
  "response.web_search_call.searching",
  "response.web_search_call.completed",
  "keepalive",
  "error",
] as const;

/** The events of a stream that OpenAI's clients know (developers.openai.com/api/reference/resources/responses). */
export const EVENT_NAMES: ReadonlySet<string> = new Set([
  ...TERMINAL,
  ...OTHERS,
  ...IN_PARTS.flatMap((part) => [`response.${part}.delta`, `response.${part}.done`]),
]);

/** Events with a part of what the model generates in `delta`. */
export const isDelta = (type: unknown): boolean => typeof type === "string" && type.endsWith(".delta");

/** Events that end a whole stream. */
export const isTerminal = (type: unknown): boolean => TERMINAL.some((name) => name === type);
