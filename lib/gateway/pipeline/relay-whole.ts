import type { Usage } from "#lib/credit/prices/meters";

import { completedUsage } from "#lib/dialects/partial-usage";
import type { WholeAnswer } from "#lib/dialects/said";
import { isPartial } from "#lib/dialects/usage";
import type { GatewayAnswer } from "#lib/gateway/ports/exchange";
import type { Route } from "#lib/gateway/routing/routing";
import { NOTHING_SEEN } from "#lib/gateway/sizing/estimate-output";
import { hideSecrets } from "#lib/providers/hide-secrets";
import { answerHeaders } from "./answer-headers";
import type { Answered } from "./attempt";
import { type Flight, settleFlight } from "./flight";
import { likelyUsage } from "./likely-input";
import { generatedTokens, likelyOutputTokens } from "./likely-output";
import { noteAttempts } from "./tried";

type Whole = Extract<Answered, { kind: "whole" }>;

/** Settles a whole answer and passes it on byte for byte, but for our credentials. */
export async function relayWhole(flight: Flight, answered: Whole): Promise<GatewayAnswer> {
  const { answer, disconnect } = flight;
  try {
    const settled = await settledWhole(flight, answered);
    if (!answer.isCounted()) return settled;
    // Its client may never read it.
    disconnect.gone.onCancel(answer.release);
    return { ...settled, body: inPieces(settled.body, answer.release) };
  } catch (error) {
    answer.release();
    throw error;
  }
}

const PIECE_BYTES = 64 * 1024;

/** A large body at its client's pace, which is released when it has gone. */
async function* inPieces(body: Buffer, release: () => void): AsyncGenerator<Buffer, void> {
  try {
    for (let at = 0; at < body.length; at += PIECE_BYTES) yield body.subarray(at, at + PIECE_BYTES);
  } finally {
    release();
  }
}

async function settledWhole(flight: Flight, { whole, route }: Whole) {
  const { admission, disconnect } = flight;
  const { usage, usageSource } = await usageOf(flight, route, whole.read);
  const isGone = disconnect.isGone();
  const { costPicoUsd, rateHeaders } = await settleFlight(flight, {
    route,
    usage,
    usageSource,
    httpStatus: isGone ? 499 : 200,
    errorCode: isGone ? "client_closed_request" : null,
    ttftMs: null,
    statedCostPicoUsd: whole.read.statedCostPicoUsd,
  });
  const own = answerHeaders(admission, route, "application/json", rateHeaders, costPicoUsd);
  const headers = noteAttempts(own, flight.tried);
  return { status: 200, headers, body: hideSecrets(whole.bytes, route.target) };
}

/** The usage of a whole answer: the provider's, and an estimate over what it sent for what that leaves out. */
async function usageOf(
  flight: Flight,
  route: Route,
  { usage, outputTokens }: WholeAnswer,
): Promise<{ usage: Usage; usageSource: "provider" | "estimated" }> {
  if (usage !== null && !isPartial(usage)) return { usage, usageSource: "provider" };
  const tokens = generatedTokens(flight.admission, outputTokens);
  const seen = { ...NOTHING_SEEN, tokens, isWhole: true };
  const output = likelyOutputTokens(flight.gateway, flight.admission, route, seen);
  const estimate = await likelyUsage(flight, route, "whole", output);
  return { usage: usage === null ? estimate : completedUsage(usage, estimate), usageSource: "estimated" };
}
