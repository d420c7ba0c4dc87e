import { createHash } from "node:crypto";
import type { Dispatcher } from "undici";
import type { z } from "zod";
import { secretsInHeader } from "./extra-headers";
import type { Signer } from "./sign/signer";
import { withoutTrailingSlashes } from "./trailing-slashes";
import { type Exchange, type Target, targetKeyOf, targetPlaceOf, type Wire } from "./wire";

/** Whether a type has a base URL of its own, each provider names one or has one by its settings, or there is none. */
type BaseUrlRule<Settings> =
  | ({ kind: "default"; url: string } & Versioned)
  | ({ kind: "required" } & Versioned)
  | ({ kind: "derived"; url: (settings: Settings) => string } & Versioned)
  | { kind: "none" };

type Versioned = {
  /** Added to a URL that does not end in one, or as much of it as is missing: `v1`, `openai/v1`. */
  versionSegment?: string;
};

/** How a test request went: how long it took, and what is wrong (null: nothing). */
export type Probe = { latencyMs: number; error: string | null };

/** What a probe needs to reach a provider. */
export type ProbeTarget = Pick<Target, "baseUrl" | "authHeaders" | "signer" | "secrets">;

/** A model that a provider offers. */
export type ListedModel = {
  /** Its name in requests. */
  id: string;
  name?: string;
  contextWindow?: number;
  maxOutputTokens?: number;
};

/** What a type declares: a configuration, in a file of its own in types/ and with a line in registry.ts. */
type Declaration<Credentials, Settings> = {
  baseUrl: BaseUrlRule<Settings>;
  /** What the API takes as `credentials`, null for a type without any. */
  credentials: z.ZodType<Credentials> | null;
  credentialsRequired: boolean;
  /** What the API takes as `settings`. */
  settings: z.ZodType<Settings>;
  /** The headers that authenticate every request: names and values, alternating. */
  sign: (credentials: Credentials) => readonly string[];
  /** What signs each request by itself; absent or null: nothing does. */
  signer?: (credentials: Credentials, settings: Settings, baseUrl: string) => Signer | null;
  /** The origin that credentials are sent to for tokens, if the settings or the base URL choose it. */
  tokenOrigin?: (settings: Settings, baseUrl: string) => string;
  /** What of the credentials must never appear anywhere; absent: every text in them. */
  secretsIn?: (credentials: Credentials) => readonly string[];
  /** What a model of such a provider speaks, best first. */
  wires: (settings: Settings, upstreamModel: string) => readonly Wire[];
  /** How requests are sent, if not over HTTP. */
  exchange?: (settings: Settings) => Exchange;
  /** Sends a request that costs nothing. */
  probe: (agent: Dispatcher, provider: ProbeTarget, settings: Settings) => Promise<Probe>;
  /** Why there is no list of models, and what to do instead; absent if there is one. */
  whyNoList?: string;
  /**
   * Lists the models that the provider offers; absent for an API without a list.
   * @throws (from the promise) ModelsUnavailable (models-list.ts)
   */
  listModels?: (
    agent: Dispatcher,
    provider: ProbeTarget,
    settings: Settings,
  ) => Promise<readonly ListedModel[]>;
};

/** A provider's configuration as stored, its credentials decrypted. */
export type ProviderConfiguration = {
  baseUrl: string | null;
  /** One or, as a list, several. */
  credentials: unknown;
  settings: unknown;
  /** The values of `settings.headers`, decrypted. */
  headers?: Readonly<Record<string, string>>;
};

/** A provider with one of its credentials. */
type Access = Pick<Target, "credentialId" | "baseUrl" | "authHeaders" | "signer" | "secrets">;

/** A provider that is ready for requests, by the first of its credentials. */
export type OpenedProvider = ProbeTarget & {
  /** With each of its credentials, in the given order. */
  accesses: readonly Access[];
  exchange: Exchange | null;
  wires: (upstreamModel: string) => readonly Wire[];
  /** Probes it with each of its credentials; what is wrong with any is the error. */
  probe: (agent: Dispatcher) => Promise<Probe>;
  /** The same for each. */
  probeEach: (agent: Dispatcher) => Promise<readonly ({ credentialId: string } & Probe)[]>;
  /** Null for a type without a list. */
  listModels: ((agent: Dispatcher) => Promise<readonly ListedModel[]>) | null;
  whyNoList: string;
};

/** One model of a provider that is ready, with each of its credentials. */
export function targetsOf(
  { accesses, wires, exchange }: OpenedProvider,
  named: Pick<Target, "providerId" | "providerName" | "upstreamModel">,
): Target[] {
  const spoken = wires(named.upstreamModel);
  return accesses.map(({ credentialId, baseUrl, authHeaders, signer, secrets }) => ({
    providerId: named.providerId,
    providerName: named.providerName,
    credentialId,
    key: targetKeyOf({ providerId: named.providerId, credentialId, upstreamModel: named.upstreamModel }),
    place: targetPlaceOf(named),
    baseUrl,
    authHeaders,
    signer,
    secrets,
    wires: spoken,
    exchange,
    upstreamModel: named.upstreamModel,
  }));
}

/** A provider type as the rest of the code sees it: the types of its credentials and settings stay inside. */
export type ProviderType = {
  baseUrl: { kind: BaseUrlRule<unknown>["kind"] };
  /** The base URL that requests go to, without a trailing slash; empty if there is none, or the settings are not valid. */
  urlFor: (given: string | null, settings: unknown) => string;
  /** The same for the origin that credentials are sent to for tokens, if the type has several. */
  tokenOriginFor: (given: string | null, settings: unknown) => string;
  credentials: z.ZodType | null;
  credentialsRequired: boolean;
  settings: z.ZodType;
  /** @throws ZodError for credentials or settings that do not fit the type */
  open: (configuration: ProviderConfiguration) => OpenedProvider;
};

/** Defines a provider type. */
export function providerType<Credentials, Settings>(
  declared: Declaration<Credentials, Settings>,
): ProviderType {
  const rule = declared.baseUrl;
  const urlFor = (given: string | null, settings: unknown) =>
    withVersion(given ?? ownUrl(rule, declared.settings, settings), rule);
  return {
    baseUrl: { kind: rule.kind },
    urlFor,
    tokenOriginFor: (given, settings) => {
      const { data } = declared.settings.safeParse(settings);
      return data === undefined ? "" : (declared.tokenOrigin?.(data, urlFor(given, settings)) ?? "");
    },
    credentials: declared.credentials,
    credentialsRequired: declared.credentialsRequired,
    settings: declared.settings,
    open: ({ baseUrl, credentials, settings, headers = {} }) => {
      const { listModels } = declared;
      const opened = declared.settings.parse(settings);
      const list: readonly unknown[] = Array.isArray(credentials) ? credentials : [credentials];
      const url = urlFor(baseUrl, settings);
      const accessWith = (credential: unknown): Access => {
        const given =
          credential === null || declared.credentials === null
            ? null
            : declared.credentials.parse(credential);
        return {
          credentialId: list.length === 1 ? "" : idOf(credential),
          baseUrl: url,
          authHeaders: [...(given === null ? [] : declared.sign(given)), ...Object.entries(headers).flat()],
          signer: given === null ? null : (declared.signer?.(given, opened, url) ?? null),
          secrets: [
            ...(given === null ? [] : (declared.secretsIn ?? stringsIn)(given)),
            ...Object.values(headers).flatMap(secretsInHeader),
          ],
        };
      };
      const reachable = accessWith(list[0] ?? null);
      const accesses = [reachable, ...list.slice(1).map(accessWith)];
      const probeEach = (agent: Dispatcher) =>
        Promise.all(
          accesses.map(async (access) => ({
            credentialId: access.credentialId,
            ...(await declared.probe(agent, access, opened)),
          })),
        );
      return {
        ...reachable,
        accesses,
        exchange: declared.exchange?.(opened) ?? null,
        wires: (upstreamModel) => declared.wires(opened, upstreamModel),
        probe: async (agent) => worstOf(await probeEach(agent)),
        probeEach,
        listModels: listModels === undefined ? null : (agent) => listModels(agent, reachable, opened),
        whyNoList: declared.whyNoList ?? "A provider of this type has no list of its models.",
      };
    },
  };
}

/** Names one of several credentials, without saying anything of it. */
const idOf = (credential: unknown): string =>
  createHash("sha256").update(JSON.stringify(credential)).digest("base64url").slice(0, 8);

function worstOf(probes: readonly Probe[]): Probe {
  const latencyMs = Math.max(...probes.map((probe) => probe.latencyMs));
  const at = probes.findIndex(({ error }) => error !== null);
  const error = probes[at]?.error ?? null;
  return {
    latencyMs,
    error: error === null || probes.length === 1 ? error : `Credentials ${at + 1}: ${error}`,
  };
}

function ownUrl<Settings>(
  rule: BaseUrlRule<Settings>,
  schema: z.ZodType<Settings>,
  settings: unknown,
): string {
  if (rule.kind === "default") return rule.url;
  if (rule.kind !== "derived") return "";
  const { data } = schema.safeParse(settings);
  return data === undefined ? "" : rule.url(data);
}

function withVersion<Settings>(text: string, rule: BaseUrlRule<Settings>): string {
  const url = withoutTrailingSlashes(text);
  if (rule.kind === "none" || rule.versionSegment === undefined || url === "") return url;
  if (/\/v\d\w*$/.test(url)) return url;
  const [first = "", ...rest] = rule.versionSegment.split("/");
  const missing = rest.length > 0 && url.endsWith(`/${first}`) ? rest : [first, ...rest];
  return [url, ...missing].join("/");
}

/** Every string in a value, at any depth: each part of credentials counts as a secret. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
