import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";

/** Of 4K, the largest that Gemini makes (ai.google.dev/gemini-api/docs/pricing). */
const MOST_OF_PICTURE_TOKENS = 2_520;
/** Gemini's models that answer in pictures, at any host. */
const MAKES_PICTURES = /gemini.*image|nano-?banana/;

/**
 * Output tokens beyond the bound of a model that makes pictures: Google does not say that it breaks off one that it has
 * begun.
 */
export const begunPictureTokens = (routes: readonly Route[]): number =>
  routes.some(({ target }) => makesPictures(target.upstreamModel)) ? MOST_OF_PICTURE_TOKENS : 0;

const makesPictures = byName((upstreamModel) => MAKES_PICTURES.test(upstreamModel.toLowerCase()));
