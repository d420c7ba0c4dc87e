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

/** Who asks where. */
export type DataPlane = { url: string; key: string };

export type Completion = {
  text: string;
  /** In USD, as the gateway says it; null on streams, where it is not known when the headers are sent. */
  costUsd: string | null;
  requestId: string | null;
  /** The provider cut the answer: "length", "content_filter". */
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

/** Asks for a whole answer; `json` is what the gateway said. */
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
 * Asks for a stream, and hands on its text as it comes; `onChunk` gets each event's JSON.
 * @throws CliError when the stream says that something went wrong, or ends too early
 */
export async function completeStreamed(
  plane: DataPlane,
  request: ChatRequest,
  on: { text?: (text: string) => void; chunk?: (json: string) => void },
  signal?: AbortSignal,
): Promise<Completion> {
  const answer = await post(plane, { ...request, stream: true }, signal);
  if (answer.body === null) throw new CliError("The answer is empty.", EXIT.failed);
  const events = eventData(answer.body);
  let text = "";
  let finish: string | null | undefined;
  for (;;) {
    const event = await events.next();
    if (event.done) {
      if (!event.value.complete) throw new CliError("The stream ended too early.", EXIT.failed);
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
