import { z } from "zod";
import { send } from "#lib/cli/api/send";
import { CliError, EXIT } from "#lib/cli/failure";
import { eventData } from "./events";

export type Message = { role: "system" | "user" | "assistant"; content: string };

export type ChatRequest = {
  model: string;
  messages: readonly Message[];
  max_completion_tokens?: number;
};

/** The gateway and the key to call it with. */
export type DataPlane = { url: string; key: string };

export type Completion = {
  text: string;
  /** In USD, from the response header; null for streams, whose headers go out before the cost is known. */
  costUsd: string | null;
  requestId: string | null;
  /** Why the answer is incomplete, like "length" or "content_filter". */
  cutBy: string | null;
};

const Whole = z.looseObject({
  choices: z.array(
    z.looseObject({
      message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ),
});
const Chunk = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  error: z.looseObject({ message: z.string() }).nullish(),
});
const ModelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/** Requests a whole answer; `json` is the response body. */
export async function completeWhole(
  plane: DataPlane,
  request: ChatRequest,
  signal?: AbortSignal,
): Promise<Completion & { json: unknown }> {
  const answer = await post(plane, request, signal);
  const json: unknown = await answer.json();
  const [choice] = Whole.parse(json).choices;
  const text = choice?.message.content ?? choice?.message.refusal ?? "";
  return { ...factsOf(answer, choice?.finish_reason), text, json };
}

/**
 * Requests a stream.
 * @param on called with each piece of text, and with each event's JSON, as it arrives
 * @throws CliError when the stream has an error event or ends early
 */
export async function completeStreamed(
  plane: DataPlane,
  request: ChatRequest,
  on: { text?: (text: string) => void; chunk?: (json: string) => void },
  signal?: AbortSignal,
): Promise<Completion> {
  const answer = await post(plane, { ...request, stream: true }, signal);
  if (answer.body === null) throw new CliError("The response has no body.", EXIT.failed);
  const events = eventData(answer.body);
  let text = "";
  let finish: string | null | undefined;
  for (;;) {
    const event = await events.next();
    if (event.done) {
      if (!event.value.complete) throw new CliError("The stream ended early. Try again.", EXIT.failed);
      return { ...factsOf(answer, finish), costUsd: null, text };
    }
    on.chunk?.(event.value);
    const { choices, error } = Chunk.parse(JSON.parse(event.value));
    if (error) throw new CliError(error.message, EXIT.failed, { body: { error } });
    const [choice] = choices;
    finish = choice?.finish_reason ?? finish;
    const piece = choice?.delta?.content ?? choice?.delta?.refusal ?? "";
    text += piece;
    if (piece !== "") on.text?.(piece);
  }
}

/** The names of the models that the key may use, in the gateway's order. */
export async function modelNames({ url, key }: DataPlane): Promise<string[]> {
  const answer = await send(new URL(`${url}/v1/models`), { headers: { authorization: `Bearer ${key}` } });
  return ModelList.parse(await answer.json()).data.map((model) => model.id);
}

function post({ url, key }: DataPlane, body: object, signal?: AbortSignal): Promise<Response> {
  return send(new URL(`${url}/v1/chat/completions`), {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

function factsOf({ headers }: Response, finish: string | null | undefined) {
  return {
    costUsd: headers.get("x-tollgate-cost-usd"),
    requestId: headers.get("x-request-id"),
    cutBy: finish == null || finish === "stop" ? null : finish,
  };
}
