import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { isRecord, modelOf, scenarioPicker } from "./matching";
import { play } from "./play";
import { failure, type Rule } from "./scenario";

/** One request as the upstream saw it. The object lives: `ending` and what follows are filled in as it goes on. */
export type SeenRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  rawBody: string;
  /** Parsed JSON; undefined where the body was none. */
  body: unknown;
  receivedAtMs: number;
  /** `cut` is this side's own doing; `client_gone` means that the client hung up before the answer was whole. */
  ending: "open" | "answered" | "cut" | "client_gone";
  endedAtMs: number | null;
};

export type FakeUpstreamOptions = {
  /** Asked before the scenarios that go by the model's name (scenario.ts). */
  rules?: Rule[];
  /** 0, the default, takes any free port. */
  port?: number;
  /** `false` keeps no requests: for load. */
  record?: boolean;
};

export type FakeUpstream = {
  /** Ends in `/v1`, as a provider's base URL does. */
  url: string;
  requests: SeenRequest[];
  /** Ends every connection at once, stalled ones included. */
  close(): Promise<void>;
};

const notServed = failure(404, "unknown_url", "Invalid URL.");

/**
 * Starts an OpenAI-compatible upstream on 127.0.0.1 that does what its rules, or the names of the
 * models that are asked of it, say: see scenario.ts.
 */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const requests: SeenRequest[] = [];
  const pick = scenarioPicker(options.rules ?? []);

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = seenRequest(message);
    if (options.record !== false) requests.push(seen);
    try {
      seen.rawBody = await readText(message);
      seen.body = parseJson(seen.rawBody);
      const scenario = pick(seen) ?? notServed;
      const apiKey = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
      seen.ending = await play(scenario, { response, asked: askedOf(seen.body), apiKey });
    } catch {
      // Only reading the body can throw: the client went away before it had sent it all.
      seen.ending = "client_gone";
    }
    seen.endedAtMs = Date.now();
  }

  const server = createServer((message, response) => void answer(message, response));
  // The gateway's own pool decides how long a connection is kept; a race of the two is tested elsewhere.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(options.port ?? 0, "127.0.0.1", listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake upstream has no port");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function seenRequest(message: IncomingMessage): SeenRequest {
  return {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: message.headers,
    rawBody: "",
    body: undefined,
    receivedAtMs: Date.now(),
    ending: "open",
    endedAtMs: null,
  };
}

async function readText(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function askedOf(body: unknown) {
  const fields = isRecord(body) ? body : {};
  const options = isRecord(fields.stream_options) ? fields.stream_options : {};
  return {
    model: modelOf(body) ?? "unknown",
    stream: fields.stream === true,
    includeUsage: options.include_usage === true,
  };
}
