import { saidInChunk } from "#lib/dialects/conversation/output-tokens";
import { generatedMediaTokens } from "#lib/dialects/media/generated-media";
import { BYTES_PER_TOKEN } from "#lib/dialects/text/estimate-tokens";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { addCounted, noRareCharacters, type RareCharacters } from "#lib/dialects/text/rare-characters";
import { addSealed, sealedBytes } from "#lib/dialects/text/sealed-texts";
import { shownBytes } from "#lib/dialects/text/shown-bytes";

/** What an answer was generated in and no client's dialect says: it is billed all the same. */
export type Unshown = {
  /** As texts count (lib/dialects/text/shown-bytes.ts), and what their rare characters are beyond that. */
  bytes: number;
  rare: RareCharacters;
  /** Those of pictures and recordings. */
  mediaTokens: number;
};

/** Gathers that. */
export type UnshownOutput = {
  /** Adds every string in a value. */
  add: (value: unknown) => void;
  /** Adds bytes that were counted, with what they are beyond that. */
  addBytes: (count: (rare: RareCharacters) => number) => void;
  /** Adds what choices of chat completions say. */
  addChoices: (choices: readonly unknown[]) => void;
  addPicture: () => void;
  addSound: (base64: string) => void;
  /** What was added since this was last called; null for nothing. */
  take: () => Unshown | null;
};

/** A longer string of only such characters is a medium's data. */
const DATA = /^[\w+/=-]{4096}/;

export function unshownOutput(): UnshownOutput {
  let all: Unshown | null = null;
  const gathered = (): Unshown => {
    all ??= { bytes: 0, rare: noRareCharacters(), mediaTokens: 0 };
    return all;
  };
  const addMedium = (kind: "image" | "audio", value: string) => {
    gathered().mediaTokens += generatedMediaTokens({ kind, value });
  };
  const addText = (text: string) => {
    if (DATA.test(text)) addMedium("image", "");
    else if (text !== "") gathered().bytes += shownBytes(text, gathered().rare);
  };

  return {
    add(value) {
      // No recursion, since it may be nested deep.
      const rest = [value];
      while (rest.length > 0) {
        const next = rest.pop();
        if (typeof next === "string") addText(next);
        else if (isObject(next)) for (const field of Object.values(next)) rest.push(field);
        else if (Array.isArray(next)) for (const element of next) rest.push(element);
      }
    },
    addBytes(count) {
      const rare = noRareCharacters();
      const bytes = count(rare);
      if (bytes === 0) return;
      gathered().bytes += bytes;
      addCounted(gathered().rare, rare);
    },
    addChoices(choices) {
      const rare = noRareCharacters();
      const { textBytes, sealedCharacters, mediaTokens } = saidInChunk(choices, rare);
      if (textBytes + sealedCharacters + mediaTokens === 0) return;
      const to = gathered();
      to.bytes += textBytes + sealedBytes(sealedCharacters, 0);
      to.mediaTokens += mediaTokens;
      addCounted(to.rare, rare);
      addSealed(to.rare, sealedCharacters);
    },
    addPicture: () => addMedium("image", ""),
    addSound: (base64) => addMedium("audio", base64),
    take() {
      const taken = all;
      all = null;
      return taken;
    },
  };
}

export const unshownTokens = ({ bytes, mediaTokens }: Unshown): number =>
  Math.ceil(bytes / BYTES_PER_TOKEN) + mediaTokens;

/** An object without some of its fields. Most parts of an answer have no others, and nothing is made of those. */
export function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  const left = Object.keys(value).filter((name) => !names.has(name));
  return left.length === 0 ? NOTHING : Object.fromEntries(left.map((name) => [name, value[name]]));
}

const NOTHING: JsonObject = {};
