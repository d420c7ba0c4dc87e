import { hash } from "node:crypto";
import type { Caller } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import { openingOf } from "#lib/dialects/conversation/opening";
import type { Model } from "#lib/gateway/routing/routing";
import { parsedJson } from "#lib/http/parsed-json";
import type { Arrival } from "./arrival";
import { sessionId } from "./labels";

/** The conversation that a request is part of. */
export type Conversation = {
  /** The same for each of its requests, and another for each organization and model. */
  key: string;
  /** Whether it stays where it is: what has only begun goes anywhere. */
  goesOn: boolean;
};

const LONGEST_CACHE_KEY = 1_024;
/** Of a hash in hexadecimal: 32 bits. */
const DRAWN_DIGITS = 8;
const TURNS = 2 ** 32;

/**
 * Tells a conversation by the client's session, by the name that it gives to the prompt's cache, or else by how it begins.
 * Null for a request without a conversation, or whose model has one target.
 */
export function conversationOf(
  { organizationId }: Pick<Caller, "organizationId">,
  { name, routes }: Pick<Model, "name" | "routes">,
  call: Pick<Call, "json" | "fields" | "answers">,
  origin: Pick<Arrival["origin"], "header">,
): Conversation | null {
  if (routes.length < 2 || call.answers === 0) return null;
  const named = sessionId(origin) ?? cacheKeyIn(call);
  if (named !== null) return { key: keyOf([organizationId, name, named]), goesOn: true };
  const opening = openingOf(call.json, call.fields);
  if (opening === null) return null;
  return { key: keyOf([organizationId, name, ...opening.texts]), goesOn: opening.goesOn };
}

function cacheKeyIn({ json, fields }: Pick<Call, "json" | "fields">): string | null {
  const span = fields.get("prompt_cache_key");
  if (span === undefined || span.end - span.start > LONGEST_CACHE_KEY) return null;
  const key = parsedJson(json.slice(span.start, span.end));
  return typeof key === "string" && key !== "" ? key : null;
}

const keyOf = (parts: readonly string[]): string => hash("sha1", parts.join("\u0000"), "base64url");

/** A number from 0 to below 1 that is the same for a conversation and a place on every replica. */
export function drawFor({ key }: Conversation, place: string): number {
  return Number.parseInt(hash("sha1", `${key} ${place}`).slice(0, DRAWN_DIGITS), 16) / TURNS;
}
