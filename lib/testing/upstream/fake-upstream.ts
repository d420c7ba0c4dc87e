import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../listening";
import { usageOf } from "./chat-answer";
import { drawnScenario } from "./draw";
import { isRecord, modelOf, scenarioPicker } from "./matching";
import { play } from "./play";
import { failure, type Rule, type Scenario } from "./scenario";

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
  /** Keeps of each request what a provider bills by. */
  bill?: boolean;
};

/** What a request, known by its `x-request-id`, was to a provider: so many calls, and what the last one that used tokens says of them. */
export type Bill = { calls: number; outputTokens: number | null };

export type FakeUpstream = {
  /** Ends in `/v1`, as a provider's base URL does. */
  url: string;
  requests: SeenRequest[];
  /** By request id; empty unless asked for. */
  bills: ReadonlyMap<string, Bill>;
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
  const bills = new Map<string, Bill>();
  const pick = scenarioPicker(options.rules ?? []);

  function billOf({ headers }: SeenRequest): Bill {
    const id = headers["x-request-id"];
    const bill = (typeof id === "string" && bills.get(id)) || { calls: 0, outputTokens: null };
    if (options.bill && typeof id === "string") bills.set(id, bill);
    return bill;
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = seenRequest(message);
    if (options.record !== false) requests.push(seen);
    const bill = billOf(seen);
    bill.calls += 1;
    try {
      seen.rawBody = await readText(message);
      seen.body = parseJson(seen.rawBody);
      const asked = askedOf(seen.body);
      const scenario = drawnScenario(pick(seen) ?? notServed, asked);
      bill.outputTokens = outputTokensOf(scenario) ?? bill.outputTokens;
      const apiKey = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
      seen.ending = await play(scenario, { response, asked, apiKey });
    } catch {
      // Only reading the body can throw: the client went away before it had sent it all.
      seen.ending = "client_gone";
    }
    seen.endedAtMs = Date.now();
  }

  const server = createServer((message, response) => void answer(message, response));
  // The gateway's own pool decides how long a connection is kept; a race of the two is tested elsewhere.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    bills,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function outputTokensOf({ content }: Scenario): number | null {
  const usage = content.kind === "chat" ? usageOf(content) : null;
  return typeof usage?.completion_tokens === "number" ? usage.completion_tokens : null;
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
    maxTokens:
      [fields.max_completion_tokens, fields.max_tokens].find((limit) => typeof limit === "number") ?? null,
  };
}
