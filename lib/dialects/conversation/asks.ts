import type { Asks } from "#lib/credit/prices/meters";
import type { Media } from "#lib/dialects/media/media";

/**
 * What a body may be billed at other rates for than text. What the provider fetches or unpacks can be anything.
 * @param modalities what the answer is to contain
 */
export function asksOf(media: Media, modalities: readonly string[]): Asks {
  const isUnbounded = media.unboundedParam !== null;
  // Gemini reads whatever a picture's URL leads to.
  const mayBeAnything = isUnbounded || media.fetchedImageParam !== null;
  return {
    audio: media.mostAudioSeconds > 0 || mayBeAnything || modalities.includes("audio"),
    audioAnswer: modalities.includes("audio"),
    images: media.images.length > 0 || media.documentPages > 0 || media.markdownPictures > 0 || mayBeAnything,
    // Videos are no medium that Tollgate can bound.
    video: mayBeAnything,
    // GPT-5.6 and later write to a cache unasked (developers.openai.com/api/docs/guides/prompt-caching).
    cacheWrites: true,
    // A cache of an hour is rejected (messages.ts).
    longCacheWrites: false,
    // The dialects that bound them count them (searches.ts).
    webSearches: 0,
  };
}
