import type { Call } from "#lib/dialects/call";
import type { Route } from "#lib/gateway/routing/routing";

/** Claude, under the names of all clouds and proxies (platform.claude.com/docs/en/build-with-claude/prompt-caching). */
const WRITES_IF_ASKED = /claude/i;

/**
 * Whether a route's model may write the input to a cache: if the request asks for it, and unasked, as GPT-5.6 and later
 * do in whatever dialect it is written (developers.openai.com/api/docs/guides/prompt-caching), unless the model is
 * known to write only what is marked.
 */
export const mayWriteToCache = (
  { asks }: Pick<Call, "asks">,
  { target }: { target: Pick<Route["target"], "upstreamModel"> },
): boolean => asks.cacheWrites || !WRITES_IF_ASKED.test(target.upstreamModel);
