import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { Server } from "node:net";
import { text } from "node:stream/consumers";
import type { Dispatcher } from "undici";
import { afterEach, expect } from "vitest";
import { newCancellation } from "#lib/providers/cancellation";
import { exchangeOver } from "#lib/providers/exchange";
import { type Connections, upstreamConnections } from "#lib/providers/upstream-agent";
import { type Target, type UpstreamAnswer, type UpstreamCall, wireFor } from "#lib/providers/wire";
import { testTarget } from "./target";

const clean: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of clean.splice(0)) await step();
});

/** Runs `step` after the test. */
export function cleanUp(step: () => unknown): void {
  clean.push(step);
}

/** Creates connections for the test; private addresses are allowed by default. */
export function connections(options: Partial<Parameters<typeof upstreamConnections>[0]> = {}): Connections {
  const created = upstreamConnections({ blockPrivate: false, ...options });
  clean.push(() => created.agent.destroy());
  return created;
}

/** An answer's status and its whole text. */
export const wholeOf = async ({
  status,
  body,
}: UpstreamAnswer): Promise<{ status: number; said: string }> => ({
  status,
  said: await text(body.chunks()),
});

/** The agent of such connections. */
export const agent = (options: Parameters<typeof connections>[0] = {}): Dispatcher =>
  connections(options).agent;

/** Starts a provider that answers with the listener. @returns its base URL */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  clean.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}/v1`;
}

/** Starts a provider that answers `{}`. */
export async function serveEmptyAnswers() {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests++;
    response.end("{}");
  });
  return { url, requests: () => requests };
}

/** Starts a provider that sends a first chunk and no more. `closed` resolves when a connection to it closes. */
export async function serveFirstChunk() {
  const closed = signalled();
  const url = await serve((request, response) => {
    response.write("one");
    request.socket.on("close", () => closed.resolve());
  });
  return { url, closed: closed.promise };
}

export function callTo(baseUrl: string, change: Partial<UpstreamCall> = {}): UpstreamCall {
  return chatCall(
    testTarget({ type: "openai", baseUrl, apiKey: "sk-secret", upstreamModel: "gpt-test" }),
    change,
  );
}

/** A chat completion for a target. */
export function chatCall(target: Target, change: Partial<UpstreamCall> = {}): UpstreamCall {
  return {
    target,
    wire: change.wire ?? wireFor(target, "chat"),
    stream: false,
    body: '{"model":"gpt-test","messages":[]}',
    headers: [],
    requestId: "request-1",
    connectTimeoutMs: null,
    timeoutMs: 5000,
    idleTimeoutMs: null,
    wholeTimeoutMs: change.timeoutMs ?? 5000,
    late: null,
    cancellation: newCancellation(),
    ...change,
  };
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A promise and the function that resolves it. */
export function signalled() {
  let resolve = () => {};
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

export const send = (call: UpstreamCall, over = connections()) => exchangeOver(over)(call);
export const failure = (answer: Promise<unknown>) =>
  answer.then(
    () => expect.unreachable("it should fail"),
    (error: unknown) => error,
  );
