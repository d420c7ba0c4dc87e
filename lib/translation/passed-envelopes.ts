import type { Call } from "#lib/dialects/call";
import type { PastReasoning } from "#lib/dialects/dialect";
import { hasThinkingBudget, lacksThinking, OWN_KINDS } from "#lib/dialects/messages/begun-turn";
import { thinkingFields } from "#lib/dialects/messages/past-thinking";
import { isObject, type JsonObject, topLevelFields } from "#lib/dialects/text/json-fields";
import { restoredNumbers, withKeptNumbers } from "#lib/dialects/text/kept-numbers";
import { fieldBelow } from "#lib/dialects/text/named-path";
import { openEnvelope, redactedIn, type Seal, splitId } from "./envelope";

/** A body without our envelopes, and the paths of what had to be left out with them. */
export type Opened = { body: string; dropped: readonly string[] };

/** Whose tokens the servers of a dialect read; those of others read none. */
const MAKERS: ReadonlyMap<string, string> = new Map([
  ["messages", "anthropic"],
  ["responses", "openai"],
]);

const SIGN = "tg1.";
const ENVELOPE = /tg1\.[a-z]+\.[A-Za-z0-9_-]{8}\./;
/** Where a client returns a token. */
const TOKENS: ReadonlySet<string> = new Set(["signature", "data", "encrypted_content"]);
const IDS: ReadonlySet<string> = new Set(["id", "call_id", "tool_call_id", "tool_use_id"]);
const REASONING: ReadonlySet<unknown> = new Set([
  "thinking",
  "redacted_thinking",
  "reasoning",
  "reasoning.encrypted",
]);

/** Whether a conversation has been at a translated target, whose tokens it carries. */
export const hasEnvelopes = ({ json }: Pick<Call, "json">): boolean =>
  json.includes(SIGN) && ENVELOPE.test(json);

/**
 * What passes through to a provider of the client's dialect: an envelope of its own is opened, and the reasoning in
 * another's is left out, and with it the thinking that a turn must have begun with. Ids that carry one are as the model
 * made them.
 * @param body one in which `hasEnvelopes`
 * @param scope whose credentials the provider has
 */
export function withoutEnvelopes(body: string, dialect: string, scope: string): Opened {
  const maker = MAKERS.get(dialect);
  const dropped: string[] = [];
  const isOwn = (seal: Seal) => seal.maker === maker && seal.scope === scope;

  /** Undefined for what is left out. */
  function opened(value: unknown, at: string): unknown {
    if (Array.isArray(value)) {
      return value.flatMap((item: unknown, index) => {
        const inner = opened(item, `${at}[${index}]`);
        return inner === undefined ? [] : [inner];
      });
    }
    return isObject(value) ? openedObject(value, at) : value;
  }

  function openedObject(value: JsonObject, at: string): JsonObject | undefined {
    const copy: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(value)) {
      const path = fieldBelow(at, name);
      if (typeof field !== "string") copy[name] = opened(field, path);
      else if (name === "encrypted_index" && field.startsWith(SIGN)) {
        // The citation of an answer that is another's.
        dropped.push(at);
        return undefined;
      } else if (IDS.has(name)) copy[name] = splitId(field).id;
      else if (TOKENS.has(name) && field.startsWith(SIGN) && REASONING.has(value.type)) {
        const seal = openEnvelope(field, "");
        if (seal.scope !== null && !isOwn(seal)) {
          dropped.push(at);
          return undefined;
        }
        copy[name] = redactedIn(seal) ?? seal.data;
      } else copy[name] = field;
    }
    return copy;
  }

  const kept: unknown = opened(JSON.parse(withKeptNumbers(body)), "");
  const needless = dropped.length > 0 && dialect === "messages" ? thinkingLostIn(kept, body) : [];
  const left = {
    ...(isObject(kept) ? kept : {}),
    ...Object.fromEntries(needless.map((name) => [name, undefined])),
  };
  return { body: restoredNumbers(JSON.stringify(left)), dropped: [...dropped, ...needless] };
}

/** The fields that ask for thinking and need it, if the turn that the model goes on with has lost what it began with. */
function thinkingLostIn(kept: unknown, body: string): readonly string[] {
  if (!isObject(kept) || !hasThinkingBudget(kept) || !Array.isArray(kept.messages)) return [];
  if (!lacksThinking(kept.messages, OWN_KINDS)) return [];
  return thinkingFields({ json: body, fields: topLevelFields(body) }).map(([name]) => name);
}

const droppedOf = new WeakMap<Call, { scope: string; dropped: readonly string[] }>();

/** What is left out of a call that passes through. */
export function droppedWithEnvelopes(call: Call, dialect: string, scope: string): readonly string[] {
  const known = droppedOf.get(call);
  if (known?.scope === scope) return known.dropped;
  const { dropped } = withoutEnvelopes(call.json, dialect, scope);
  droppedOf.set(call, { scope, dropped });
  return dropped;
}

/** How the wires' providers refuse a token: one of Google's is corrupted or missing, Anthropic's and OpenAI's are invalid. */
const REFUSALS: readonly RegExp[] = [
  /\bthought[ _]?signature\b/i,
  /\binvalid [`'"]?(?:signature|data)[`'"]? in [`'"]?(?:redacted_)?thinking/i,
  /\bencrypted[ _]content\b.{0,60}\b(?:invalid|could not be (?:decrypted|verified))/i,
];
const NO_ONE = "";

/** The tokens that a conversation has from earlier answers: without them, a translated request goes on. */
export const pastSeals: PastReasoning = {
  isRefused: ({ message }) => REFUSALS.some((words) => words.test(message)),
  leaveOut(call) {
    if (!hasEnvelopes(call)) return null;
    const { body, dropped } = withoutEnvelopes(call.json, NO_ONE, NO_ONE);
    return { json: body, dropped };
  },
};
