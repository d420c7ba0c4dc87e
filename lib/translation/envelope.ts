import { createHash } from "node:crypto";

/** A maker's opaque token: a signature of reasoning, or the reasoning itself in encrypted form. */
export type Seal = {
  /** Who can read it: `google`, `anthropic`, `openai`. */
  maker: string;
  /** Whose credentials it is good for; null for one that came bare, which names none. */
  scope: string | null;
  data: string;
};

const PREFIX = "tg1";
const ENVELOPE = /^tg1\.([a-z]+)\.([A-Za-z0-9_-]{8})\.(.+)$/s;

/** For reasoning without a proof, which a client's dialect would else look up by its id. */
export const UNPROVED: Seal = { maker: "none", scope: "--------", data: "-" };

const REDACTED = "r.";

/** A seal for reasoning that Anthropic has encrypted whole (`redacted_thinking`), where others are signatures. */
export const redactedSeal = (data: string): Seal => {
  const { maker, scope, data: inner } = openEnvelope(data, "anthropic");
  return { maker, scope, data: inner.startsWith(REDACTED) ? inner : `${REDACTED}${inner}` };
};

/** The data of such a seal; null for any other. */
export const redactedIn = ({ data }: Seal): string | null =>
  data.startsWith(REDACTED) ? data.slice(REDACTED.length) : null;

/** The scope of a provider's credentials, in a form that says nothing else. */
export const scopeOf = (providerId: string, credentialId = ""): string =>
  createHash("sha256").update(`${providerId}${credentialId}`).digest("base64url").slice(0, 8);

/** A seal as the client carries it, so that Tollgate keeps no state: `tg1.<maker>.<scope>.<data>`. */
export const sealedEnvelope = ({ maker, scope, data }: Seal): string =>
  scope === null ? data : `${PREFIX}.${maker}.${scope}.${data}`;

/**
 * The seal in what a client has sent back.
 * @param bareMaker whose a token without an envelope is
 */
export function openEnvelope(text: string, bareMaker: string): Seal {
  const [, maker, scope, data] = ENVELOPE.exec(text) ?? [];
  if (maker === undefined || scope === undefined || data === undefined)
    return { maker: bareMaker, scope: null, data: text };
  return { maker, scope, data };
}

/** Between a call's id and an envelope, for clients that return nothing but ids. */
const IN_ID = `~${PREFIX}.`;

/** A call's id that carries a seal. */
export const idWithSeal = (id: string, seal: Seal): string => `${id}~${sealedEnvelope(seal)}`;

/** A call's own id, and the seal that it carries; null without one. */
export function splitId(id: string): { id: string; seal: Seal | null } {
  const at = id.indexOf(IN_ID);
  if (at === -1) return { id, seal: null };
  const seal = openEnvelope(id.slice(at + 1), "");
  return { id: id.slice(0, at), seal: seal.scope === null ? null : seal };
}
