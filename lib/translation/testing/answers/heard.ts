import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, pushEnd, type StreamMeter, streamMeter } from "#lib/dialects/events/stream-meter";
import { answering, clientNamed, MAX_BYTES } from "#lib/translation/testing/translate";

/** From a wire's model to a client's dialect. */
export type AnswerPlan = { dialect: string; wire: string; model: string };

const GREETING = [{ role: "user", content: "Hello!" }];
const REQUESTS: Readonly<Record<string, object>> = {
  chat: { messages: GREETING, stop: ["END", "STOP"] },
  messages: { messages: GREETING, max_tokens: 4_000, stop_sequences: ["END", "STOP"] },
  responses: { input: GREETING },
};
/** A request for such an answer. */
export const requestOf = (dialect: string, stream: boolean) => ({ model: "m", stream, ...REQUESTS[dialect] });

/** What a client gets of a whole answer. */
export async function heardWhole({ dialect, wire, model }: AnswerPlan, whole: object): Promise<string> {
  const { body } = answering(dialect, wire, model, requestOf(dialect, false), [JSON.stringify(whole)]);
  return (await body.whole(MAX_BYTES)).toString("utf8");
}

/** What a client gets of a stream, what that adds up to, and what the pipeline reads of it. */
export async function heardStream(
  { dialect, wire, model }: AnswerPlan,
  events: string,
): Promise<{ text: string; assembled: string; meter: StreamMeter }> {
  const { body, reading } = answering(dialect, wire, model, requestOf(dialect, true), [events]);
  const meter = streamMeter(reading.events, { passUsage: true, answers: 1 });
  const assembler = clientNamed(dialect).dialect.assembler();
  let text = "";
  for await (const chunk of body.chunks()) {
    text += chunk.toString("utf8");
    pushBytes(meter, chunk);
  }
  pushEnd(meter);
  for (const payload of eventPayloads(text)) assembler.add(payload);
  return { text, assembled: String(assembler.whole() ?? ""), meter };
}
