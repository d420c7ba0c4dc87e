import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Fleet } from "./fleet";
import { weightedModels } from "./models";
import type { Random } from "./random";
import { codeOf } from "./read-outcome";

/** A complete answer. When the client has its last byte, it must be in the ledger. */
export type WholeAnswer = { id: string; costUsd: string | null };

/** How the requests of the clients ended. */
export type Traffic = {
  sent: number;
  streamed: number;
  /** The client disconnected. */
  disconnected: number;
  /** The gateway was killed. */
  lost: number;
  /** Counts by status and code. */
  answers: Map<string, number>;
  whole: WholeAnswer[];
};

export type Clients = { traffic: Traffic; stop(): Promise<void> };

const LIMITS = [null, null, 16, 64, 400, 4_000, 64_000];
/** Clients give up on a frozen gateway after this long. */
const TIMEOUT_MS = 25_000;

/** Starts clients that each send one request after the other to any running gateway. */
export function startClients(
  count: number,
  fleet: Fleet,
  callers: readonly Record<string, string>[],
  random: Random,
): Clients {
  const traffic: Traffic = { sent: 0, streamed: 0, disconnected: 0, lost: 0, answers: new Map(), whole: [] };
  const agent = new Agent({ connections: 256, bodyTimeout: 0, headersTimeout: 0 });
  let stopping = false;

  async function client(own: Random): Promise<void> {
    while (!stopping) {
      const url = fleet.anyUrl(own);
      if (url === null) await sleep(50);
      else await send(url, own);
      if (own.chance(0.3)) await sleep(own.whole(0, 40));
    }
  }

  async function send(url: string, own: Random): Promise<void> {
    const stream = own.chance(0.5);
    const limit = own.pick(LIMITS);
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    const disconnects = own.chance(0.12);
    const disconnecting = disconnects ? setTimeout(() => abort.abort(), own.whole(0, 250)) : undefined;
    traffic.sent += 1;
    if (stream) traffic.streamed += 1;
    try {
      const response = await request(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...own.pick(callers) },
        body: JSON.stringify({
          model: own.pick(weightedModels),
          messages: [{ role: "user", content: "word ".repeat(own.whole(1, 200)) }],
          stream,
          ...(limit === null ? {} : { [own.pick(["max_tokens", "max_completion_tokens"])]: limit }),
        }),
        dispatcher: agent,
        signal: abort.signal,
      });
      const text = await response.body.text();
      note(response.statusCode, text, stream);
      if (response.statusCode === 429 || response.statusCode === 503) await sleep(own.whole(5, 80));
      const id = String(response.headers["x-request-id"]);
      const cost = response.headers["x-tollgate-cost-usd"];
      const isWhole = response.statusCode === 200 && (!stream || text.endsWith("data: [DONE]\n\n"));
      if (isWhole) traffic.whole.push({ id, costUsd: typeof cost === "string" ? cost : null });
    } catch {
      if (abort.signal.aborted) traffic.disconnected += 1;
      else {
        traffic.lost += 1;
        await sleep(own.whole(5, 80));
      }
    } finally {
      clearTimeout(timeout);
      clearTimeout(disconnecting);
    }
  }

  function note(status: number, text: string, stream: boolean): void {
    const outcome = status === 200 ? outcomeOf(text, stream) : `${status} ${codeOf(text)}`;
    traffic.answers.set(outcome, (traffic.answers.get(outcome) ?? 0) + 1);
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
  return !stream || text.endsWith("data: [DONE]\n\n") ? "200 whole" : "200 cut off";
}
