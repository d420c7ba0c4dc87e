import type { UpstreamAnswer } from "#lib/providers/wire";
import { eventNamed, failureIn, framedAnswer } from "./bedrock-answer";
import type { Frame } from "./event-stream";

/** An answer of Converse, whose stream becomes events that are named as Bedrock names them, failures included. */
export const converseAnswer = (answer: UpstreamAnswer): UpstreamAnswer => framedAnswer(answer, eventOf);

/** A name that may stand in a line of its own. */
const NAME = /^\w{1,64}$/;

function eventOf(frame: Frame): Buffer {
  const failed = failureIn(frame);
  if (failed !== null) {
    const name = /^\w{0,60}(?:exception|error)$/i.test(failed.name) ? failed.name : "error";
    return eventNamed(name, Buffer.from(JSON.stringify({ message: failed.message })));
  }
  const name = frame.headers.get(":event-type") ?? "";
  if (!NAME.test(name)) return Buffer.alloc(0);
  return eventNamed(name, frame.payload);
}
