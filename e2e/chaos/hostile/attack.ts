import type { ChaosModel } from "../models";
import type { Random } from "../random";

/** The attacks of the run, each named by the defence that it needs: what `--without` takes. */
export const ATTACKS = ["output-bounds", "hidden-output", "media", "errors-in-200"] as const;
export type AttackName = (typeof ATTACKS)[number];

/** A way to spend more than a hard budget has, on models of its own. */
export type Attack = {
  name: AttackName;
  models: readonly ChaosModel[];
  /** Of each key; small, so that overspending shows. */
  keyBudgetUsd: string;
  request: (random: Random) => HostileRequest;
};

export type HostileRequest = {
  /** JSON text, since a field may occur twice. */
  body: string;
  hangUp: HangUp | null;
};

/** When the client closes the connection: so long after the request or, in a stream, after this text. */
export type HangUp = { afterText: string | null; thenMs: number };

/** Prices at which a thousand output tokens cost a dollar, in a window that no attack but `media` fills. */
export const DEAR_OUTPUT = {
  weight: 0,
  rates: { inputPerMtok: "1", outputPerMtok: "1000" },
  contextWindow: 128_000,
};

/** The body of a chat completion. */
export function chatBody(model: string, content: unknown, fields: object): string {
  return JSON.stringify({ model, messages: [{ role: "user", content }], ...fields });
}
