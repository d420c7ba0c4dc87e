import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { ToolCall } from "../agents";

/** What a model says: it thinks and calls a tool, or it answers. */
export type Said = { thought: string; call: ToolCall } | { text: string };

/** What a provider has been told in a request. */
export type Told = {
  /** The names of the tools. */
  tools: string[];
  /** What tools have returned, in the provider's words. */
  results: string[];
  /** The opaque tokens of its own reasoning, or the reasoning itself where it has none. */
  reasoning: string[];
  /** In base64. */
  pictures: string[];
};

/** A provider's wire, as a script plays over it. */
export type ScriptedWire = {
  told: (body: JsonObject) => Told;
  /** What comes back as `Told.reasoning` for the `turn`th call. */
  reasoningOf: (turn: number) => string;
  /** What the provider reports for the `request`th request, as the ledger counts it. */
  usageOf: (request: number) => Usage;
};

/** A fake provider whose model works through a script. */
export type ScriptedUpstream = ScriptedWire & {
  name: string;
  /** As `POST /providers` takes it. */
  provider: object;
  upstreamModel: string;
  script: Script;
};

/** A model that makes calls, one after the other, and then answers. */
export type Script = {
  calls: readonly ToolCall[];
  /** What it has been told in each request since the script began. */
  requests: Told[];
};

/** Begins a conversation. */
export function begin(script: Script, calls: readonly ToolCall[]): void {
  script.calls = calls;
  script.requests = [];
}

/**
 * What the model says next.
 * @returns also the numbers of the request and of the call
 */
export function next(script: Script, told: Told): { said: Said; request: number; turn: number } {
  const request = script.requests.push(told) - 1;
  const turn = told.results.length;
  const call = script.calls[turn];
  // Titles are asked for without tools, by a JSON schema or in words.
  if (!isOfAgent(script, told)) return { said: { text: '{"title":"Counting"}' }, request, turn };
  const said = call === undefined ? { text: "That is 94011." } : { thought: thoughtOf(turn), call };
  return { said, request, turn };
}

/** Whether a request is a turn of the agent's, rather than for a title. */
export const isOfAgent = ({ calls }: Script, { tools }: Told): boolean =>
  calls.every(({ name }) => tools.includes(name));

export const thoughtOf = (turn: number): string => `This is thought ${turn + 1}.`;

/** A usage that no other request has, with input from a cache and reasoning. */
export const usageWithReasoning = (request: number): Usage => ({
  ...NO_USAGE,
  inputTokens: 1_000 + request,
  cachedTokens: 200,
  outputTokens: 45,
  reasoningTokens: 30,
});

/** The values of all fields of this name, however deep, in their order. */
export function fieldsNamed(name: string, within: unknown): unknown[] {
  if (Array.isArray(within)) return within.flatMap((item) => fieldsNamed(name, item));
  if (!isObject(within)) return [];
  return Object.entries(within).flatMap(([field, value]) =>
    field === name ? [value] : fieldsNamed(name, value),
  );
}

/** The texts of all fields of this name in such values. */
export const textsNamed = (name: string, within: unknown): string[] =>
  fieldsNamed(name, within).filter((value) => typeof value === "string");
