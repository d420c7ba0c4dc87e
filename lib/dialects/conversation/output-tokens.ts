import type { GivenMedium } from "#lib/dialects/media/gather-media";
import { AUDIO_TOKENS_PER_CHARACTER, generatedMediaTokens } from "#lib/dialects/media/generated-media";
import { NO_MEDIA } from "#lib/dialects/media/media";
import type { MediaKind } from "#lib/dialects/media/stated-kinds";
import { tokenEstimate } from "#lib/dialects/text/estimate-tokens";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { RareCharacters } from "#lib/dialects/text/rare-characters";
import { sealedTokens } from "#lib/dialects/text/sealed-texts";
import { shownBytes } from "#lib/dialects/text/shown-bytes";
import { walkMessages } from "./walk-messages";

/** Of texts, and of the probabilities of one token and its alternatives, as JSON. */
const BYTES_PER_TEXT_TOKEN = 4;
const BYTES_PER_PROBABILITY = 200;

const NOTHING = () => {};

/**
 * Tokens that the choices of a whole answer were generated in: their texts, pictures and recordings.
 * @param omittedBytes what was left out of a large answer: more of the longest thing in it
 */
export function outputTokensOf(choices: readonly unknown[], omittedBytes: number): number {
  const texts = tokenEstimate();
  const media = mediaIn(choices, texts.add);
  const tokens = texts.tokens() + media.tokens + sealedTokens(media.sealedCharacters);
  return tokens + Math.ceil(omittedBytes * tokensPerOmittedByte(choices, media.kinds));
}

/**
 * What a chunk says: the bytes of its texts, the characters of its encrypted ones, and the tokens of its pictures and
 * recordings.
 * @param rare gets what the rare characters of the texts are beyond that
 */
export function saidInChunk(
  choices: readonly unknown[],
  rare: RareCharacters | null,
): { textBytes: number; sealedCharacters: number; mediaTokens: number } {
  let textBytes = 0;
  const media = mediaIn(choices, (text) => {
    textBytes += shownBytes(text, rare);
  });
  return { textBytes, sealedCharacters: media.sealedCharacters, mediaTokens: media.tokens };
}

function mediaIn(choices: readonly unknown[], text: (text: string) => void) {
  const kinds = new Set<MediaKind>();
  let tokens = 0;
  let sealedCharacters = 0;
  const add = (given: GivenMedium): boolean => {
    kinds.add(given.kind ?? "document");
    tokens += generatedMediaTokens(given);
    return true;
  };
  const addSealed = (text: string) => {
    sealedCharacters += text.length;
  };
  const media = { add, addSealed, addUnbounded: NOTHING, media: () => NO_MEDIA };
  walkMessages(
    { field: "choices", messages: choices.flatMap(messagesOf) },
    {
      media,
      text,
      label: NOTHING,
      reference: NOTHING,
      arguments: NOTHING,
      data: NOTHING,
      end: NOTHING,
    },
  );
  return { tokens, sealedCharacters, kinds };
}

function tokensPerOmittedByte(choices: readonly unknown[], kinds: ReadonlySet<MediaKind>): number {
  // A picture counts the same whatever its bytes.
  if (kinds.has("image")) return 0;
  if (kinds.has("audio")) return AUDIO_TOKENS_PER_CHARACTER;
  const hasProbabilities = choices.some((choice) => isObject(choice) && isObject(choice.logprobs));
  return 1 / (hasProbabilities ? BYTES_PER_PROBABILITY : BYTES_PER_TEXT_TOKEN);
}

/** What a choice says; the rest of it (probabilities, filter results) was not generated. */
function messagesOf(choice: unknown): JsonObject[] {
  if (!isObject(choice)) return [];
  const { message, delta, text } = choice;
  const said = [message, delta, text].map((value) => (typeof value === "string" ? { text: value } : value));
  return said.filter(isObject).map(saidOnce);
}

/** What OpenRouter, vLLM and LiteLLM say again in another form. */
export const REPEATED_THOUGHTS = ["reasoning_details", "thinking_blocks", "provider_specific_fields"];

function saidOnce(message: JsonObject): JsonObject {
  const { reasoning, reasoning_content: content } = message;
  const isSaid = [reasoning, content].some((text) => typeof text === "string" && text !== "");
  if (!isSaid) return message;
  const left = Object.entries(message).filter(
    ([name]) => !REPEATED_THOUGHTS.includes(name) && !(name === "reasoning" && reasoning === content),
  );
  return Object.fromEntries(left);
}
