import { isIP } from "node:net";
import type { Route } from "#lib/gateway/routing/routing";
import { isAddressAllowed } from "#lib/providers/address";
import { byName } from "#lib/providers/by-name";
import { hostOf, isWithin } from "#lib/providers/host-of";
import { violationFeePicoUsd } from "./violation-fee";

/**
 * Hosts that stop generating, and billing, when the connection of a stream is closed
 * (openrouter.ai/docs/api-reference/streaming, "Stream Cancellation"). Not known to: OpenRouter itself, Bedrock,
 * Google, Groq, Mistral, Perplexity, MiniMax, Alibaba, SambaNova, Nebius and others there, nor to Novita, which
 * bills "for actual token usage regardless of disconnect timing" (novita.ai/docs/guides/llm-billing).
 */
const STOPPING_HOSTS = [
  "openai.com",
  "openai.azure.com",
  "cognitiveservices.azure.com",
  "anthropic.com",
  "deepseek.com",
  "x.ai",
  "fireworks.ai",
  "together.xyz",
  "together.ai",
  "deepinfra.com",
  "cohere.com",
  "cohere.ai",
  "hyperbolic.xyz",
  "friendli.ai",
  "chutes.ai",
  "lepton.ai",
  "avian.io",
  "infermatic.ai",
  "api.cloudflare.com",
];

/** Names of hosts that no public server has. */
const PRIVATE_NAME =
  /^[^.:]+$|\.(?:local|localhost|internal|intranet|lan|home|corp|private|svc|cluster\.local)$/;

/**
 * Whether a provider may go on, and bill the whole answer, after Tollgate has closed the connection: any with a
 * request that is not streamed, and those that are not known to stop a stream. Servers of one's own stop (vLLM, TGI,
 * Ollama, llama.cpp), and send no bill; a proxy at such an address says so in its settings. Where a violation has a fee,
 * only the answer says whether it was charged.
 */
export function mayBillAfterDisconnect(route: Route, stream: boolean): boolean {
  const { target, wire } = route;
  // An in-process provider stops, and bills nothing.
  if (target.baseUrl === "") return false;
  if (violationFeePicoUsd(route) > 0n) return true;
  const { isOwn, isKnownToStop } = serverAt(target.baseUrl);
  if (isOwn) return wire.stopsOnDisconnect === false;
  return !stream || !(wire.stopsOnDisconnect ?? isKnownToStop);
}

const serverAt = byName((baseUrl) => {
  const host = hostOf(baseUrl);
  const isKnownToStop = isWithin(host, STOPPING_HOSTS);
  return { isOwn: isPrivate(host), isKnownToStop };
});

function isPrivate(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0) return !isAddressAllowed(address, true);
  return PRIVATE_NAME.test(host);
}
