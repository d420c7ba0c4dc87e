import { z } from "zod";
import { countPiecesIn } from "./count-messages";
import { countPieces, type Reply, replyFor } from "./reply";
import type { Pace } from "./stream";

const ResponsesRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.unknown()).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
});

/** An answer: the whole response, and the text of its message in pieces. */
type SimulatedResponse = {
  isStream: boolean;
  response: ReturnType<typeof responseOf>;
  reply: Reply;
};

/**
 * Answers a response. The text depends only on the model and the input, and the usage is exact, counted in pieces
 * (reply.ts).
 * @returns the answer, or what is wrong with the request
 */
export function simulatedResponse(
  body: unknown,
  replyTokens: number,
  requestId: string,
): SimulatedResponse | { fault: string } {
  const parsed = ResponsesRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, input, instructions, stream, max_output_tokens: maxPieces } = parsed.data;
  const reply = replyFor(`${model}${instructions ?? ""}${JSON.stringify(input)}`, replyTokens, {
    maxPieces: maxPieces ?? null,
    stop: [],
  });
  const inputPieces = typeof input === "string" ? countPieces(input) : countPiecesIn(input);
  const inputTokens = Math.max(1, inputPieces + countPieces(instructions ?? ""));
  const response = responseOf(model, requestId.replaceAll("-", ""), reply, inputTokens);
  return { isStream: stream ?? false, response, reply };
}

function responseOf(model: string, id: string, { pieces, finishReason }: Reply, inputTokens: number) {
  const isCut = finishReason === "length";
  const status = isCut ? "incomplete" : "completed";
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status,
    error: null,
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    model,
    output: [messageOf(id, pieces.join(""), status)],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    tool_choice: "auto",
    tools: [],
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: pieces.length,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + pieces.length,
    },
  };
}

const partOf = (text: string) => ({ type: "output_text", text, annotations: [] });

const messageOf = (id: string, text: string, status: string) => ({
  type: "message",
  id: `msg_${id}`,
  status,
  role: "assistant",
  content: [partOf(text)],
});

/** The same as events. */
export async function* responseEvents(
  { response, reply }: SimulatedResponse,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  let sequence = 0;
  const event = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
  yield event("response.created", { response: begun });
  yield event("response.in_progress", { response: begun });
  const [item] = response.output;
  const place = { item_id: item?.id, output_index: 0, content_index: 0 };
  const text = reply.pieces.join("");
  yield event("response.output_item.added", {
    output_index: 0,
    item: { ...item, status: "in_progress", content: [] },
  });
  yield event("response.content_part.added", { ...place, part: partOf("") });
  for (const delta of reply.pieces) {
    await pace();
    yield event("response.output_text.delta", { ...place, delta });
  }
  yield event("response.output_text.done", { ...place, text });
  yield event("response.content_part.done", { ...place, part: partOf(text) });
  yield event("response.output_item.done", { output_index: 0, item });
  yield event(`response.${response.status}`, { response });
}
