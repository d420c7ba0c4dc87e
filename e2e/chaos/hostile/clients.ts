import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Fleet } from "../fleet";
import type { Random } from "../random";
import { codeOf } from "../read-outcome";
import type { Attack, AttackName, HangUp } from "./attack";
import { attacks } from "./attacks";

export type HostileTraffic = {
  sent: number;
  hungUp: number;
  /** Counts by status and code. */
  answers: Map<string, number>;
};

export type HostileClients = {
  traffic: Readonly<Record<AttackName, HostileTraffic>>;
  /** How many requests there were so far. */
  sent(): number;
  stop(): Promise<void>;
};

/** Clients give up on a frozen gateway after this long. */
const TIMEOUT_MS = 25_000;
const AT_ONCE = 4;
/** After so many rounds with a rejection and without an answer, the next key is spent. */
const REJECTIONS_OF_SPENT_KEY = 3;

/** Starts `perAttack` clients for each attack; each sends several requests at once, with one key until it is spent. */
export function startHostileClients(
  perAttack: number,
  fleet: Fleet,
  keys: Readonly<Record<AttackName, readonly string[]>>,
  random: Random,
): HostileClients {
  const none = (): HostileTraffic => ({ sent: 0, hungUp: 0, answers: new Map() });
  const traffic = {
    "output-bounds": none(),
    "hidden-output": none(),
    media: none(),
    "errors-in-200": none(),
  };
  const agent = new Agent({ connections: 256, bodyTimeout: 0, headersTimeout: 0 });
  let stopping = false;

  async function client(attack: Attack, first: number, own: Random): Promise<void> {
    let at = first;
    let rejections = 0;
    while (!stopping) {
      const url = fleet.anyUrl(own);
      const key = keys[attack.name][at % keys[attack.name].length];
      if (url === null || key === undefined) {
        await sleep(50);
        continue;
      }
      const outcomes = await Promise.all(
        Array.from({ length: own.whole(1, AT_ONCE) }, () => send(attack, url, key, own)),
      );
      const has = (outcome: string) => outcomes.includes(outcome);
      rejections = has("429 insufficient_quota") && !has("200") ? rejections + 1 : 0;
      if (rejections >= REJECTIONS_OF_SPENT_KEY) {
        rejections = 0;
        at += perAttack;
      }
      await sleep(own.whole(0, 60));
    }
  }

  async function send(attack: Attack, url: string, key: string, own: Random): Promise<string> {
    const { body, hangUp } = attack.request(own);
    const seen = traffic[attack.name];
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    seen.sent += 1;
    let outcome = "lost";
    try {
      if (hangUp !== null && hangUp.afterText === null) setTimeout(() => abort.abort(), hangUp.thenMs);
      const response = await request(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body,
        dispatcher: agent,
        signal: abort.signal,
      });
      const text = await read(response.body, hangUp, () => abort.abort());
      outcome = `${response.statusCode}${response.statusCode === 200 ? "" : ` ${codeOf(text)}`}`;
    } catch {
      if (abort.signal.aborted) outcome = "hung up";
    } finally {
      clearTimeout(timeout);
    }
    if (outcome === "hung up") seen.hungUp += 1;
    seen.answers.set(outcome, (seen.answers.get(outcome) ?? 0) + 1);
    return outcome;
  }

  const all = attacks.flatMap((attack) =>
    Array.from({ length: perAttack }, (_, first) => client(attack, first, random.fork())),
  );
  return {
    traffic,
    sent: () => Object.values(traffic).reduce((sum, { sent }) => sum + sent, 0),
    stop: async () => {
      stopping = true;
      await Promise.all(all);
      await agent.destroy();
    },
  };
}

/** Reads an answer, or as much of it as the client wants. */
async function read(body: AsyncIterable<Buffer>, hangUp: HangUp | null, abort: () => void): Promise<string> {
  let text = "";
  for await (const bytes of body) {
    text += String(bytes);
    if (hangUp?.afterText && text.includes(hangUp.afterText)) {
      await sleep(hangUp.thenMs);
      abort();
    }
  }
  return text;
}
