import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isObject } from "#lib/dialects/text/json-fields";
import { closeServer, listen } from "../listening";
import { usageOf } from "./chat-answer";
import { drawnScenario } from "./draw";
import type { BilledTokens } from "./lenient/generation";
import { playLenient } from "./lenient/play-lenient";
import { modelOf, scenarioPicker } from "./matching";
import { play } from "./play";
import { failure, type Rule, type Scenario } from "./scenario";

/** One request as the upstream saw it. `ending` and `endedAtMs` are updated while it is served. */
export type SeenRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  rawBody: string;
  /** Parsed JSON; undefined if the body is not JSON. */
  body: unknown;
  receivedAtMs: number;
  /** `cut`: a fault of the scenario. `client_gone`: the client disconnected before the end of the answer. */
  ending: "open" | "answered" | "cut" | "client_gone";
  endedAtMs: number | null;
};

export type FakeUpstreamOptions = {
  /** They take precedence over the scenarios by model name (scenario.ts). */
  rules?: Rule[];
  /** Default: any free port. */
  port?: number;
  /** `false` keeps no requests, for load tests. */
  record?: boolean;
  /** Keeps what a provider would bill for each request. */
  bill?: boolean;
};

/** What a provider would bill for one `x-request-id`. */
export type Bill = {
  calls: number;
  /** Of the last call that had any. */
  outputTokens: number | null;
  /** Of all calls that a lenient provider answered (lenient/). */
  billed: BilledTokens;
};

export type FakeUpstream = {
  /** Ends in `/v1`, like a provider's base URL. */
  url: string;
  requests: SeenRequest[];
  /** By request id; empty without `bill`. */
  bills: ReadonlyMap<string, Bill>;
  /** Closes every connection, including stalled ones. */
  close(): Promise<void>;
};

const notServed = failure(404, "unknown_url", "Invalid URL.");

/** Starts an OpenAI-compatible upstream on 127.0.0.1 whose rules, or model names, select scenarios: see scenario.ts. */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const requests: SeenRequest[] = [];
  const bills = new Map<string, Bill>();
  const pick = scenarioPicker(options.rules ?? []);

  function billOf({ headers }: SeenRequest): Bill {
    const id = headers["x-request-id"];
    const bill = (typeof id === "string" && bills.get(id)) || {
      calls: 0,
      outputTokens: null,
      billed: { inputTokens: 0, outputTokens: 0 },
    };
    if (options.bill && typeof id === "string") bills.set(id, bill);
    return bill;
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = seenRequest(message);
    if (options.record !== false) requests.push(seen);
    const bill = billOf(seen);
    bill.calls += 1;
    try {
      seen.rawBody = await text(message);
      seen.body = jsonOrUndefined(seen.rawBody);
      const asked = askedOf(seen.body);
      const scenario = drawnScenario(pick(seen) ?? notServed, asked);
      if (scenario.content.kind === "lenient") {
        const request = { rawBody: seen.rawBody, body: seen.body, asked };
        const { ending, billed } = await playLenient(scenario.content, request, response);
        seen.ending = ending;
        seen.endedAtMs = Date.now();
        addTo(bill, billed);
        return;
      }
      bill.outputTokens = outputTokensOf(scenario) ?? bill.outputTokens;
      const apiKey = /^Bearer (.+)$/.exec(seen.headers.authorization ?? "")?.[1] ?? "";
      seen.ending = await play(scenario, { response, asked, apiKey });
    } catch {
      // Only reading the body can throw: the client disconnected before its end.
      seen.ending = "client_gone";
    }
    seen.endedAtMs = Date.now();
  }

  const server = createServer((message, response) => void answer(message, response));
  // Long enough that the gateway's pool decides how long a connection is kept.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    bills,
    close: () => closeServer(server),
  };
}

function addTo(bill: Bill, { inputTokens, outputTokens }: BilledTokens): void {
  bill.outputTokens = outputTokens;
  bill.billed.inputTokens += inputTokens;
  bill.billed.outputTokens += outputTokens;
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

function jsonOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function askedOf(body: unknown) {
  const fields = isObject(body) ? body : {};
  const options = isObject(fields.stream_options) ? fields.stream_options : {};
  return {
    model: modelOf(body) ?? "unknown",
    stream: fields.stream === true,
    includeUsage: options.include_usage === true,
    maxTokens:
      [fields.max_completion_tokens, fields.max_tokens].find((limit) => typeof limit === "number") ?? null,
  };
}
