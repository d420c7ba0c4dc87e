import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type Answer, chatAnswer, event } from "./chat-answer";
import { draw } from "./draw";
import { betweenWrites, cut, encode } from "./framing";
import type { Asked, Fault, Scenario } from "./scenario";

type Stage = { response: ServerResponse; asked: Asked; apiKey: string };

/** How serving the scenario ended. */
export type Ending = "answered" | "cut" | "client_gone";

const rendered = new WeakMap<Scenario, Map<string, Promise<Answer>>>();

/** Serves a scenario. A stall resolves when the client disconnects. */
export async function play(scenario: Scenario, stage: Stage): Promise<Ending> {
  const { response } = stage;
  const { content, framing = {}, fault } = scenario;
  const headDelayMs = draw(framing.headDelayMs ?? 0);
  const paceMs = draw(framing.paceMs ?? 0);
  if (headDelayMs > 0) await pause(headDelayMs);
  if (response.destroyed) return "client_gone";
  if (fault?.at === "before_head") return fail(fault, response);
  if (content.kind === "endless") return playEndless(paceMs, stage);

  const answer = await renderedOnce(scenario, stage);
  // A whole body without a fault: one write, head included.
  if (answer.pieces.length <= 1 && fault === undefined) {
    const body = answer.pieces[0] ?? Buffer.alloc(0);
    response.writeHead(answer.status, { ...answer.headers, "content-length": body.length });
    response.end(body);
    await settled(response);
    return response.writableFinished ? "answered" : "client_gone";
  }
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  if (fault?.at === "after_head") return fail(fault, response);
  let writes = 0;
  for (const piece of answer.pieces) {
    // The pause comes first: the bytes must be sent before a fault closes the connection.
    if (writes > 0) await betweenWrites(paceMs);
    if (typeof fault?.at === "object" && writes === fault.at.afterWrites) return fail(fault, response);
    if (response.destroyed) return "client_gone";
    if (!response.write(piece)) await drained(response);
    writes++;
  }
  response.end();
  await settled(response);
  return response.writableFinished ? "answered" : "client_gone";
}

function renderedOnce(scenario: Scenario, { asked, apiKey }: Stage): Promise<Answer> {
  const variants = rendered.get(scenario) ?? new Map<string, Promise<Answer>>();
  rendered.set(scenario, variants);
  const key = `${asked.stream}/${asked.includeUsage}/${asked.model}/${apiKey}`;
  const known = variants.get(key);
  if (known) return known;
  const made = render(scenario, asked, apiKey);
  variants.set(key, made);
  return made;
}

async function render(
  { content, framing = {}, fault }: Scenario,
  asked: Asked,
  apiKey: string,
): Promise<Answer> {
  if (content.kind === "endless" || content.kind === "lenient") {
    throw new Error("an answer that depends on time cannot be rendered");
  }
  const plain =
    content.kind === "chat"
      ? chatAnswer(content, asked)
      : {
          status: content.status,
          headers: content.headers ?? {},
          pieces: [content.body].flat().map((text) => Buffer.from(text.replaceAll("{{api_key}}", apiKey))),
        };
  const whole = plain.pieces.length === 1;
  let { pieces } = plain;
  const headers = { ...plain.headers };
  if (framing.encoding) {
    pieces = await encode(pieces, framing.encoding);
    headers["content-encoding"] = framing.encoding;
    if (whole) pieces = [Buffer.concat(pieces)];
  }
  // A whole answer has a content-length, so that a client notices a cut; a stream has none.
  const lengthBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (framing.writeBytes) pieces = cut(pieces, framing.writeBytes);
  if (whole && (fault !== undefined || pieces.length > 1)) headers["content-length"] = String(lengthBytes);
  return { status: plain.status, headers, pieces };
}

async function playEndless(paceMs: number, { response, asked }: Stage): Promise<Ending> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const choices = [{ index: 0, delta: { content: "more " }, logprobs: null, finish_reason: null }];
  const chunk = Buffer.from(event(asked, { choices }));
  while (!response.destroyed) {
    if (!response.write(chunk)) await drained(response);
    await betweenWrites(paceMs);
  }
  return "client_gone";
}

async function fail(fault: Fault, response: ServerResponse): Promise<Ending> {
  if (fault.does === "stall") {
    await settled(response);
    return "client_gone";
  }
  if (response.destroyed) return "client_gone";
  if (fault.does === "end") response.end();
  else if (fault.does === "reset") response.socket?.resetAndDestroy();
  else response.socket?.destroy();
  return "cut";
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
  over.abort();
}

/** Resolves when the response has ended or its client is gone. */
export async function settled(response: ServerResponse): Promise<void> {
  if (!response.closed) await once(response, "close");
}
