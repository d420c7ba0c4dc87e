import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";

/**
 * How a model cuts texts into tokens: as OpenAI's models since gpt-4o do, as its older ones do, or in a way that
 * can only be bounded.
 */
export type Tokenizer = "o200k" | "cl100k" | "unknown";

const O200K = /(?:^|\/)(?:gpt-(?:4o|4\.[15]|[5-9]|oss)|chatgpt-|o[1-9]|codex-)/;
const CL100K = /(?:^|\/)(?:gpt-(?:4(?![o.\d])|3\.?5)|text-embedding-(?:3-|ada-002))/;

/** The tokenizer of an upstream model, by its name. */
export const tokenizerOf = byName((upstreamModel): Tokenizer => {
  if (O200K.test(upstreamModel)) return "o200k";
  return CL100K.test(upstreamModel) ? "cl100k" : "unknown";
});

/** The one that all routes share, else unknown. */
export function tokenizerOver(routes: readonly Route[]): Tokenizer {
  const [first = "unknown", ...others] = routes.map(({ target }) => tokenizerOf(target.upstreamModel));
  return others.every((other) => other === first) ? first : "unknown";
}
