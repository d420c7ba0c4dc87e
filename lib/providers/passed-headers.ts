/** Headers of a client that say how a provider is to answer, by their lower-case names (lib/dialects/headers). */
export type ClientHeaders = ReadonlyMap<string, string>;

/** What of them a request to a provider carries. */
export type PassedHeaders = {
  /** Names and values, alternating. */
  headers: readonly string[];
  /** What was left out, by name. */
  dropped: readonly string[];
  /** What it carries as fields of its body instead: values as JSON text. Absent for most. */
  fields?: Readonly<Record<string, string>>;
};

/** What decides whether a header may pass that changes the price. */
export type PriceFacts = {
  /** Whether long inputs have a price of their own. */
  hasTiers: boolean;
};

/** Chooses what of a client's headers goes on to the maker of the wire's dialect. */
export type PassHeaders = (client: ClientHeaders, price: PriceFacts) => PassedHeaders;

const NOTHING: PassedHeaders = { headers: [], dropped: [] };

/** For providers that get none of them. */
export const passNothing: PassHeaders = () => NOTHING;

/** OpenAI gets all that its clients say to it. */
export const passToOpenAi: PassHeaders = (client) =>
  client.size === 0 ? NOTHING : { headers: [...client].flat(), dropped: [] };

const VERSION = "anthropic-version";
export const BETA = "anthropic-beta";
/** What a client means that names none. */
const DEFAULT_VERSION = "2023-06-01";
const VERSION_ALONE: PassedHeaders = { headers: [VERSION, DEFAULT_VERSION], dropped: [] };

/**
 * Betas by which a provider bills otherwise, keeps something for all tenants of its credentials, or runs something
 * itself: nothing that Tollgate passes on needs one of them.
 */
const NOT_PASSED =
  /^(?:fast-mode|fallback|server-side-fallback|compact|advisor|user-profiles|spend-limit|oauth|files-api|efs|skills|message-batches|message-threads|agent-memory|dreaming|webhooks|managed-agents|code-execution|web-search|web-fetch|mcp-client|mcp-servers|mcp-tunnels)(?:-|$)/i;

/** A context of a million tokens, or more, of which those beyond 200 000 cost more where a model has the beta. */
export const LONG_CONTEXT = /^context-\d{1,3}m(?:-|$)/i;
const LONG_CONTEXTS = /\bcontext-(\d{1,3})m\b/gi;

/** Tokens up to which the betas that a request carries, wherever it does, let a model read; 0 for none of a long context. */
export function longContextTokens({ headers, fields }: Pick<PassedHeaders, "headers" | "fields">): number {
  let most = 0;
  for (const text of [...headers, ...Object.values(fields ?? {})])
    for (const [, millions] of text.matchAll(LONG_CONTEXTS)) most = Math.max(most, Number(millions) * 1e6);
  return most;
}

/** Betas about the form of an answer alone, which another server of the dialect may know. */
const FORMS =
  /^(?:interleaved-thinking|fine-grained-tool-streaming|token-efficient-tools|structured-outputs)-/;

/** Anthropic gets a version, always, and the betas that neither bill nor keep nor run anything elsewhere. */
export const passToAnthropic: PassHeaders = (client, { hasTiers }) =>
  passBetas(client, (beta) => !NOT_PASSED.test(beta) && (hasTiers || !LONG_CONTEXT.test(beta)));

/** Another server of Anthropic's dialect gets a version, and only betas that are known to be harmless anywhere. */
export const passToAnthropicLike: PassHeaders = (client) => passBetas(client, (beta) => FORMS.test(beta));

function passBetas(client: ClientHeaders, isPassed: (beta: string) => boolean): PassedHeaders {
  if (client.size === 0) return VERSION_ALONE;
  const headers = [VERSION, client.get(VERSION) ?? DEFAULT_VERSION];
  const dropped: string[] = [];
  const passed: string[] = [];
  for (const beta of betasIn(client.get(BETA))) {
    if (isPassed(beta)) passed.push(beta);
    else dropped.push(`${BETA}:${beta}`);
  }
  if (passed.length > 0) headers.push(BETA, passed.join(","));
  return { headers, dropped };
}

/** The names of a client's headers that say how to answer, each beta by its own; a version asks for nothing. */
export const namesOf = (client: ClientHeaders): readonly string[] =>
  [...client].flatMap(([name, value]) => {
    if (name === VERSION) return [];
    return name === BETA ? [...betasIn(value)].map((beta) => `${BETA}:${beta}`) : [name];
  });

/** The betas in the value of a header, each once. */
export const betasIn = (list = ""): ReadonlySet<string> =>
  new Set(
    list
      .split(",")
      .map((beta) => beta.trim())
      .filter((beta) => beta !== ""),
  );
