import type { Call } from "#lib/dialects/call";
import type { Media } from "#lib/dialects/media/media";
import { sealedTokens } from "#lib/dialects/text/sealed-texts";
import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";
import type { Target } from "#lib/providers/wire";
import { unfoldedParam } from "./growth";
import {
  chargedImageTokens,
  estimateImageTokens,
  mayExceedEstimate,
  mostImageTokens,
  readsAllPixels,
} from "./image-tokens";
import { mayReadMarkdown } from "./markdown-servers";
import { mostSealedTokens } from "./sealed-tokens";

/** Audio tokens per second: OpenAI 10, Gemini 32 (their documentation); open models up to 50. */
const MOST_AUDIO_TOKENS_PER_S = 50;
const AUDIO_RATES: readonly (readonly [RegExp, number])[] = [
  [/gpt/, 10],
  [/gemini/, 32],
];
const AUDIO_TOKENS_PER_S = 20;

/**
 * Pages of documents are read as pictures besides their texts: Claude as one of the largest
 * (platform.claude.com/docs/en/build-with-claude/pdf-support), OpenAI in tiles, Gemini as 258 tokens with the text
 * (ai.google.dev/gemini-api/docs/document-processing).
 */
const PAGE_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/claude/, 1_568],
  [/gemini-3|gemini-[4-9]/, 560],
  [/gemini/, 258],
];
const TOKENS_PER_PAGE = 800;
const TOKENS_OF_TEXTLESS_PAGES = /gemini/;

/** Tokens that the recordings likely are in a model. */
export const estimateAudioTokens = ({ audioSeconds }: Media, upstreamModel: string): number =>
  Math.ceil(audioSeconds * (rateOf(AUDIO_RATES, upstreamModel.toLowerCase()) ?? AUDIO_TOKENS_PER_S));

/** Tokens that media and encrypted reasoning likely are in a model. */
export function estimateMediaTokens(media: Media, upstreamModel: string): number {
  if (isEmpty(media)) return 0;
  const name = upstreamModel.toLowerCase();
  let tokens = estimateAudioTokens(media, name);
  for (const image of media.images) tokens += estimateImageTokens(image, name);
  tokens += media.documentPages * (rateOf(PAGE_TOKENS, name) ?? TOKENS_PER_PAGE);
  for (const sealed of media.sealedTexts) tokens += sealedTokens(sealed.length);
  const isTextFree = media.documentPages > 0 && TOKENS_OF_TEXTLESS_PAGES.test(name);
  return Math.ceil(tokens + (isTextFree ? 0 : media.documentTextTokens));
}

/**
 * Tokens that media cannot exceed in a model.
 * @returns null if the provider fetches or unpacks some of it: then only the context window bounds it
 */
export function mostMediaTokens(media: Media, upstreamModel: string): number | null {
  if (unboundedParam(media, upstreamModel) !== null) return null;
  const imageTokens = media.images.reduce((sum, image) => sum + mostImageTokens(upstreamModel, image), 0);
  const audioTokens = Math.ceil(media.mostAudioSeconds * MOST_AUDIO_TOKENS_PER_S);
  return imageTokens + audioTokens + media.mostPlainTextTokens;
}

/** Tokens that the recordings are charged at there. */
export const chargedAudioTokens = ({ mostAudioSeconds }: Media, upstreamModel: string): number =>
  Math.ceil(mostAudioSeconds * (rateOf(AUDIO_RATES, upstreamModel.toLowerCase()) ?? MOST_AUDIO_TOKENS_PER_S));

/**
 * Tokens that media are charged at, besides the texts in them, where a client caused that the bill is not known and
 * nothing of them is unbounded.
 */
export function chargedMediaTokens(media: Media, upstreamModel: string): number {
  const name = upstreamModel.toLowerCase();
  let tokens = chargedAudioTokens(media, name);
  for (const image of media.images) tokens += chargedImageTokens(image, name);
  return Math.ceil(tokens) + mostSealedTokens(media);
}

/**
 * Tokens that pictures may have besides, at most, at a server that writes them into the prompt as Markdown or as tags: it
 * takes those that a text has for pictures, too, and leaves the data of all in the prompt if its model reads no
 * pictures.
 */
export function mostMarkdownTokens(media: Media, target: Pick<Target, "baseUrl" | "upstreamModel">): number {
  const { images, markdownPictures, pictureTags } = media;
  if ((images.length === 0 && markdownPictures === 0) || !mayReadMarkdown(target)) return 0;
  const most = mostImageTokens(target.upstreamModel);
  let tokens = (markdownPictures + pictureTags) * most;
  for (const { dataCharacters } of images) tokens += Math.max(0, dataCharacters - most);
  return tokens;
}

/**
 * Gemini reads whatever a picture's URL leads to, LiteLLM sends Bedrock a document if it leads to one, and has Fireworks
 * read all as documents.
 */
export const readsAnyUrl = byName((upstreamModel) =>
  /gemini|bedrock|anthropic\.claude|fireworks_ai/i.test(upstreamModel),
);

/** The field that makes a model's input unbounded; null if none does. */
export const unboundedParam = (media: Media, upstreamModel: string): string | null =>
  media.unboundedParam ??
  (readsAnyUrl(upstreamModel) ? media.fetchedImageParam : null) ??
  (media.unsizedImageParam !== null && readsAllPixels(upstreamModel) ? media.unsizedImageParam : null) ??
  unfoldedParam(media, upstreamModel) ??
  media.unknownParam;

/** The same as for a caller whose spending nothing limits: what Tollgate does not know is the provider's to judge. */
export const withoutUnknown = (media: Media): Media =>
  media.unknownParam === null && media.unsizedImageParam === null
    ? media
    : { ...media, unknownParam: null, unsizedImageParam: null };

/** Whether only the context window bounds what one of the routes reads. */
export const isUnbounded = ({ media }: Call, routes: readonly Route[]): boolean =>
  routes.some(({ target }) => unboundedParam(media, target.upstreamModel) !== null);

/** MP3 is bounded by its bytes, and likely far shorter. */
const MOST_TIMES_AUDIO = 2;
const LEAST_AUDIO_S = 60;

/** Whether recordings may last far longer than they likely do. */
export const hasUncertainAudio = ({
  media: { audioSeconds, mostAudioSeconds },
}: Pick<Call, "media">): boolean => mostAudioSeconds > MOST_TIMES_AUDIO * audioSeconds + LEAST_AUDIO_S;

/** Whether one of the routes may read far more of a picture than its estimate says. */
export const hasUncertainPictures = ({ media }: Pick<Call, "media">, routes: readonly Route[]): boolean =>
  media.images.some((image) => routes.some(({ target }) => mayExceedEstimate(target.upstreamModel, image)));

const isEmpty = ({ images, audioSeconds, documentPages, documentTextTokens, sealedTexts }: Media): boolean =>
  images.length === 0 &&
  audioSeconds === 0 &&
  documentPages === 0 &&
  documentTextTokens === 0 &&
  sealedTexts.length === 0;

const rateOf = (rates: readonly (readonly [RegExp, number])[], name: string): number | undefined =>
  rates.find(([model]) => model.test(name))?.[1];
