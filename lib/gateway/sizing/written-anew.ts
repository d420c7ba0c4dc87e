import type { Call } from "#lib/dialects/call";
import type { Route } from "#lib/gateway/routing/routing";
import { isOpenModel } from "./markdown-servers";
import { repeatedTokens } from "./repeated-tokens";

/** What may be written anew is much from this share of the estimate on. */
const MOST_SHARE = 0.5;
/** Less is a template's own words. */
const LEAST_TOKENS = 512;
/** Indentation: tokenizers have tokens of several spaces. */
const BYTES_PER_TOKEN = 8;

/**
 * Whether the chat template of one of the routes' models may write so much of a body again, or indent so much of its schemas,
 * that the input is far more than what its texts are estimated at. Only the provider's report can tell.
 */
export const isWrittenAnew = (
  call: Pick<Call, "answers" | "growth" | "messageCount" | "textTokens">,
  routes: readonly Route[],
): boolean =>
  routes.some(({ target: { upstreamModel } }) => {
    if (!isOpenModel(upstreamModel)) return false;
    const more = repeatedTokens(call, upstreamModel) + call.growth.schemaBytes / BYTES_PER_TOKEN;
    return more > LEAST_TOKENS && more > MOST_SHARE * call.textTokens;
  });
