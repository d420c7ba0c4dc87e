import { readAudio } from "./audio-length";
import type { GivenMedium } from "./gather-media";

/** Gemini's images have 1 290 (ai.google.dev/gemini-api/docs/image-generation), OpenAI's 272 to 6 240. */
const TOKENS_PER_IMAGE = 1_290;
/** A picture in the dialects whose answers are counted in bytes of text, of which a token has four. */
export const BYTES_PER_IMAGE = 4 * TOKENS_PER_IMAGE;
/** OpenAI generates a token for 50 ms of sound (platform.openai.com/docs/guides/realtime-costs). */
const TOKENS_PER_AUDIO_S = 20;
/** 16-bit samples at 24 kHz, which is what streams have, without a header. */
const SAMPLES_BYTES_PER_S = 48_000;

/** Of base64 text. */
export const AUDIO_TOKENS_PER_CHARACTER = (0.75 * TOKENS_PER_AUDIO_S) / SAMPLES_BYTES_PER_S;

/** Tokens that a picture or a recording in an answer was generated in; 0 for anything else, such as a link. */
export function generatedMediaTokens({ kind, value }: Pick<GivenMedium, "kind" | "value">): number {
  if (kind === "image") return TOKENS_PER_IMAGE;
  if (kind !== "audio") return 0;
  const seconds = readAudio(value)?.seconds;
  return Math.ceil(
    seconds === undefined ? value.length * AUDIO_TOKENS_PER_CHARACTER : seconds * TOKENS_PER_AUDIO_S,
  );
}
