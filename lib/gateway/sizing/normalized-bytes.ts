// Some tokenizers normalize a text first: Qwen's and Cohere's to NFC, Anthropic's published one to NFKC. That makes a
// few characters longer, up to eleven times, so a text can be more tokens than it has bytes.

/** The characters that are longer in NFC or NFKC than they are (Unicode 16). */
const LONGER = new RegExp(
  [
    "[",
    "\\u00a8\\u00af\\u00b4\\u00b8\\u00bc-\\u00be\\u013f-\\u0140\\u0149\\u01c4-\\u01c6\\u02d8-\\u02dd\\u0344\\u037a",
    "\\u0384-\\u0385\\u0587\\u0675-\\u0678\\u0958-\\u095f\\u09dc-\\u09dd\\u09df\\u0a33\\u0a36\\u0a59-\\u0a5b\\u0a5e",
    "\\u0b5c-\\u0b5d\\u0e33\\u0eb3\\u0edc-\\u0edd\\u0f43\\u0f4d\\u0f52\\u0f57\\u0f5c\\u0f69\\u0f73\\u0f75-\\u0f79",
    "\\u0f81\\u0f93\\u0f9d\\u0fa2\\u0fa7\\u0fac\\u0fb9\\u1fc1\\u1fcd-\\u1fcf\\u1fdd-\\u1fdf\\u1fed-\\u1fee",
    "\\u2033-\\u2034\\u2036-\\u2037\\u2057\\u2150-\\u215f\\u2167\\u2177\\u2189\\u222c-\\u222d\\u222f-\\u2230",
    "\\u247d-\\u2487\\u2a0c\\u2adc\\u309b-\\u309c\\u309f\\u30ff\\u3200-\\u321e\\u3220-\\u3243\\u327c-\\u327d",
    "\\u32c0-\\u32cb\\u32ff-\\u3370\\u337b-\\u337f\\u3389\\u33a7-\\u33a8\\u33ae-\\u33af\\u33c2\\u33c6\\u33d8",
    "\\u33de-\\u33fe\\ufa6c\\ufacf-\\ufad1\\ufad5-\\ufad7\\ufb13-\\ufb17\\ufb1d\\ufb1f\\ufb2a-\\ufb36\\ufb38-\\ufb3c",
    "\\ufb3e\\ufb40-\\ufb41\\ufb43-\\ufb44\\ufb46-\\ufb4f\\ufbdd\\ufbea-\\ufbfb\\ufc00-\\ufd3d\\ufd50-\\ufd8f",
    "\\ufd92-\\ufdc7\\ufdf0-\\ufdfc\\ufe71\\ufe77\\ufe79\\ufe7b\\ufe7d\\ufe7f\\ufef5-\\ufefc\\u{1d15e}-\\u{1d164}",
    "\\u{1d1bb}-\\u{1d1c0}\\u{1f12a}\\u{1f200}-\\u{1f201}\\u{1f240}-\\u{1f248}",
    "]",
  ].join(""),
  "u",
);
/** No plain search for `\\u`, which takes ten milliseconds for a megabyte of other escapes. */
const ESCAPE = /\\u[023f]/i;
const ESCAPE_BYTES = 6;
const BACKSLASH = 0x5c;
const SMALL_U = 0x75;
const FIRST_SURROGATE = 0xd800;
const LAST_HIGH_SURROGATE = 0xdbff;
const CODES = 0x10000;
const AFTER_SURROGATES = 0xe000;
/** Those that are longer are below. */
const MOST_CODE = 0x1f300;
const BYTES_OF_PAIR = 4;

/**
 * The bytes of each character's longest form, by its code; 0 for those that are not longer. Looked up, since a search for
 * each of 200 000 takes a tenth of a second. Made when it is first needed.
 */
let longest: { ofCode: Uint8Array; ofPair: ReadonlyMap<number, number> } | null = null;

function longestForms() {
  if (longest !== null) return longest;
  const ofCode = new Uint8Array(CODES);
  const ofPair = new Map<number, number>();
  for (let code = 0; code < MOST_CODE; code++) {
    if (code === FIRST_SURROGATE) code = AFTER_SURROGATES;
    const character = String.fromCodePoint(code);
    if (!LONGER.test(character)) continue;
    const bytes = Math.max(...["NFC", "NFKC"].map((form) => Buffer.byteLength(character.normalize(form))));
    if (code < CODES) ofCode[code] = bytes;
    else ofPair.set(code, bytes);
  }
  longest = { ofCode, ofPair };
  return longest;
}

/** Bytes that normalization may add to a text. */
export function bytesByNormalization(text: string): number {
  if (!LONGER.test(text)) return 0;
  const { ofCode, ofPair } = longestForms();
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= FIRST_SURROGATE && code <= LAST_HIGH_SURROGATE) {
      const long = ofPair.get(text.codePointAt(at) ?? 0);
      if (long !== undefined) bytes += long - BYTES_OF_PAIR;
      continue;
    }
    const long = ofCode[code] ?? 0;
    if (long > 0) bytes += long - (code < 0x800 ? 2 : 3);
  }
  return bytes;
}

/** Bytes that normalization may add to the strings in a body, of which some characters may be escaped. */
export function bytesByNormalizationIn(json: string): number {
  const bytes = Buffer.byteLength(json) === json.length ? 0 : bytesByNormalization(json);
  return ESCAPE.test(json) ? bytes + bytesInEscapes(json) : bytes;
}

/** Only of characters that are longer than their escapes. */
function bytesInEscapes(json: string): number {
  const { ofCode } = longestForms();
  let bytes = 0;
  for (let at = json.indexOf("\\u"); at !== -1; at = nextEscape(json, at + 2)) {
    const long = ofCode[codeAt(json, at + 2)] ?? 0;
    if (long > ESCAPE_BYTES) bytes += long - ESCAPE_BYTES;
  }
  return bytes;
}

/** A loop: the next escape is near, mostly, and a search costs more to begin. */
function nextEscape(json: string, from: number): number {
  for (let at = from; at < json.length - 1; at++)
    if (json.charCodeAt(at) === BACKSLASH && json.charCodeAt(at + 1) === SMALL_U) return at;
  return -1;
}

/** The code that four digits give; 0 for others. */
function codeAt(json: string, at: number): number {
  let code = 0;
  for (let place = at; place < at + 4; place++) {
    const digit = json.charCodeAt(place) | 0x20;
    const isNumber = digit >= 0x30 && digit <= 0x39;
    if (!isNumber && !(digit >= 0x61 && digit <= 0x66)) return 0;
    code = code * 16 + (isNumber ? digit - 0x30 : digit - 0x57);
  }
  return code;
}
