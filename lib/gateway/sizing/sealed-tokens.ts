import type { Media } from "#lib/dialects/media/media";
import { mostSealedTokens as mostTokensOf } from "#lib/dialects/text/sealed-texts";

/** A text of base64 is counted at 0.67 to 0.71 tokens for each character. */
const TOKENS_BEYOND_COUNT_PER_CHARACTER = 0.09;

type Sealed = Pick<Media, "sealedTexts">;

const charactersOf = ({ sealedTexts }: Sealed): number =>
  sealedTexts.reduce((sum, { length }) => sum + length, 0);

/** Tokens that encrypted reasoning cannot exceed, whatever a client had the model think of. */
export const mostSealedTokens = (media: Sealed): number => mostTokensOf(charactersOf(media));

/** What that may be beyond its characters as they are counted for a hold. */
export const sealedBeyondCount = (media: Sealed): number =>
  Math.ceil(charactersOf(media) * TOKENS_BEYOND_COUNT_PER_CHARACTER);
