import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Fleet } from "./fleet";
import { askedFor } from "./models";
import type { Random } from "./random";

/** An answer that a client has seen whole: by then it must be in the ledger. */
export type SeenWhole = { id: string; costUsd: string | null };

/** How the requests of the clients ended. */
export type Traffic = {
  sent: number;
  streamed: number;
  hungUp: number;
  lost: number;
  /** By status and code, for all that the gateway answered. */
  answers: Map<string, number>;
  whole: SeenWhole[];
};

export type Clients = { traffic: Traffic; stop(): Promise<void> };

const LIMITS = [null, null, 16, 64, 400, 4_000, 64_000];
/** A frozen gateway answers nothing; its clients do not wait for ever. */
const PATIENCE_MS = 25_000;

/** Starts clients that ask without a pause, one request at a time each, wherever a gateway is up. */
export function startClients(
  count: number,
  fleet: Fleet,
  callers: readonly Record<string, string>[],
  random: Random,
): Clients {
  const traffic: Traffic = { sent: 0, streamed: 0, hungUp: 0, lost: 0, answers: new Map(), whole: [] };
  const agent = new Agent({ connections: 256, bodyTimeout: 0, headersTimeout: 0 });
  let stopping = false;

  async function client(own: Random): Promise<void> {
    while (!stopping) {
      const url = fleet.anyUrl(own);
      if (url === null) await sleep(50);
      else await ask(url, own);
      if (own.chance(0.3)) await sleep(own.whole(0, 40));
    }
  }

  async function ask(url: string, own: Random): Promise<void> {
    const stream = own.chance(0.5);
    const limit = own.pick(LIMITS);
    const gone = new AbortController();
    const patience = setTimeout(() => gone.abort(), PATIENCE_MS);
    const leaves = own.chance(0.12);
    const leaving = leaves ? setTimeout(() => gone.abort(), own.whole(0, 250)) : undefined;
    traffic.sent += 1;
    if (stream) traffic.streamed += 1;
    try {
      const response = await request(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...own.pick(callers) },
        body: JSON.stringify({
          model: own.pick(askedFor),
          messages: [{ role: "user", content: "word ".repeat(own.whole(1, 200)) }],
          stream,
          ...(limit === null ? {} : { [own.pick(["max_tokens", "max_completion_tokens"])]: limit }),
        }),
        dispatcher: agent,
        signal: gone.signal,
      });
      const text = await response.body.text();
      note(response.statusCode, text, stream);
      if (response.statusCode === 429 || response.statusCode === 503) await sleep(own.whole(5, 80));
      const id = String(response.headers["x-request-id"]);
      const cost = response.headers["x-tollgate-cost-usd"];
      const isWhole = response.statusCode === 200 && (!stream || text.endsWith("data: [DONE]\n\n"));
      if (isWhole) traffic.whole.push({ id, costUsd: typeof cost === "string" ? cost : null });
    } catch {
      if (gone.signal.aborted) traffic.hungUp += 1;
      else {
        // Cut off by a gateway that was killed.
        traffic.lost += 1;
        await sleep(own.whole(5, 80));
      }
    } finally {
      clearTimeout(patience);
      clearTimeout(leaving);
    }
  }

  function note(status: number, text: string, stream: boolean): void {
    const what = status === 200 ? outcomeOf(text, stream) : `${status} ${codeOf(text)}`;
    traffic.answers.set(what, (traffic.answers.get(what) ?? 0) + 1);
  }

  const all = Array.from({ length: count }, () => client(random.fork()));
  return {
    traffic,
    stop: async () => {
      stopping = true;
      await Promise.all(all);
      await agent.destroy();
    },
  };
}

function outcomeOf(text: string, stream: boolean): string {
  return !stream || text.endsWith("data: [DONE]\n\n") ? "200 whole" : "200 broken off";
}

function codeOf(text: string): string {
  try {
    return JSON.parse(text).error.code ?? "without a code";
  } catch {
    return "unreadable";
  }
}
