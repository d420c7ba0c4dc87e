import { createHash } from "node:crypto";
import type { Dispatcher } from "undici";
import { oncePerProcess } from "#lib/config/once-per-process";
import type { Signer } from "./signer";
import { fetchToken, type IssuedToken, type TokenRequest } from "./token-request";

type Known = IssuedToken & { value: string; receivedAtMs: number };

/** Tokens that the same credentials have received. */
type Tokens = {
  current: Known | null;
  fetching: Promise<Known> | null;
  /** The current token and the one before it, which requests in flight may still have. */
  secrets: readonly string[];
};

/** A token is renewed this long before it expires, while requests still use it. */
const RENEWED_BEFORE_MS = 5 * 60_000;
/** A token is not used for its last seconds: a request takes a moment to arrive. */
const UNUSED_BEFORE_MS = 30_000;
/** A token that is rejected when it is this young would not be better the next time. */
const YOUNG_MS = 10_000;
const MOST_KNOWN = 1_000;

const known = oncePerProcess("provider-tokens", () => new Map<string, Tokens>());

/**
 * Signs requests with a token that a server issues for the credentials. Providers are opened again every few seconds:
 * the same credentials share a token, whichever provider has them. One request fetches it, and the others wait.
 * @param identity all that the token depends on
 */
export function tokenSigner(identity: readonly string[], request: () => TokenRequest): Signer {
  const tokens = tokensOf(createHash("sha256").update(JSON.stringify(identity)).digest("base64"));
  return {
    sign: async (_request, agent) => ["authorization", `Bearer ${await tokenOf(tokens, request, agent)}`],
    renew: ([, rejected]) => {
      const { current } = tokens;
      if (current === null || rejected !== `Bearer ${current.value}`) return true;
      if (performance.now() - current.receivedAtMs < YOUNG_MS) return false;
      tokens.current = null;
      return true;
    },
    secrets: () => tokens.secrets,
  };
}

function tokensOf(key: string): Tokens {
  const before = known.get(key);
  if (before !== undefined) return before;
  const created: Tokens = { current: null, fetching: null, secrets: [] };
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, created);
  return created;
}

async function tokenOf(tokens: Tokens, request: () => TokenRequest, agent: Dispatcher): Promise<string> {
  const { current } = tokens;
  const leftMs = current === null ? 0 : current.receivedAtMs + current.lifetimeMs - performance.now();
  if (current !== null && leftMs > RENEWED_BEFORE_MS) return current.value;
  const renewing = renewed(tokens, request, agent);
  if (current === null || leftMs <= UNUSED_BEFORE_MS) return (await renewing).value;
  // The next request tries again.
  renewing.catch(() => {});
  return current.value;
}

function renewed(tokens: Tokens, request: () => TokenRequest, agent: Dispatcher): Promise<Known> {
  tokens.fetching ??= fetched(tokens, request, agent).finally(() => {
    tokens.fetching = null;
  });
  return tokens.fetching;
}

async function fetched(tokens: Tokens, request: () => TokenRequest, agent: Dispatcher): Promise<Known> {
  const receivedAtMs = performance.now();
  const issued = await fetchToken(request(), agent);
  const [before] = tokens.secrets;
  tokens.secrets = before === undefined ? [issued.value] : [issued.value, before];
  tokens.current = { ...issued, receivedAtMs };
  return tokens.current;
}
