import { text } from "node:stream/consumers";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { bedrockKeys, exceptionFrame, failAs } from "#lib/providers/testing/fake-bedrock";
import { serverOfFile } from "#lib/testing/server-of-file";
import { type ConverseAnswer, eventsOf, frameOf, wholeOf } from "./answers";
import { converseFault } from "./strict";

/** What the fake answers, or an error: at once with a status, or within a stream. */
export type BedrockAnswer = ConverseAnswer & {
  error?: { status: number; name: string; message: string };
  /** Whether the error comes within the stream, after the content. */
  isLate?: boolean;
  /** Whether the stream breaks off after the content. */
  isCut?: boolean;
};

export type FakeConverse = ReturnType<typeof bedrockKeys> & {
  url: string;
  requests: { path: string; body: JsonObject }[];
  /** Set by a test: what is answered next. */
  answer: (body: JsonObject) => BedrockAnswer;
};

const PATH = /^\/model\/([^/]+)\/(converse|converse-stream)$/;

/** Starts a Bedrock that checks signatures and is as strict as the documentation says, for the tests of a file. */
export async function fakeConverse(answer: FakeConverse["answer"]): Promise<FakeConverse> {
  const fake: FakeConverse = { ...bedrockKeys(), url: "", requests: [], answer };
  fake.url = await serverOfFile(async (incoming, outgoing) => {
    const { url: path = "", headers } = incoming;
    const sent = await text(incoming);
    const rejected = await fake.keyFault(incoming, `http://${headers.host}${path}`, sent);
    if (rejected !== null) return failAs(outgoing, 403, ...rejected);
    const [, model, operation] = PATH.exec(path) ?? [];
    if (model === undefined || incoming.method !== "POST")
      return failAs(outgoing, 404, "UnknownOperationException", "Unknown operation.");
    const parsed: unknown = JSON.parse(sent);
    const body = isObject(parsed) ? parsed : {};
    fake.requests.push({ path, body });
    const fault = converseFault(decodeURIComponent(model), body);
    if (fault !== null) return failAs(outgoing, 400, "ValidationException", fault);
    const answered = fake.answer(body);
    const { error, isLate = false, isCut = false } = answered;
    if (error !== undefined && !isLate) return failAs(outgoing, error.status, error.name, error.message);
    if (operation === "converse") {
      outgoing.writeHead(200, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(wholeOf(answered)));
      return;
    }
    outgoing.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
    for (const event of eventsOf(answered, !isCut && !isLate)) outgoing.write(frameOf(event));
    if (error !== undefined) outgoing.write(exceptionFrame(error.name, error.message));
    if (isCut) outgoing.destroy();
    else outgoing.end();
  });
  return fake;
}
