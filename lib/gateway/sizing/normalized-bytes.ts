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
  "gu",
);
/** Those that are longer than their escapes in JSON. */
const LONGER_THAN_ESCAPE =
  /\\u((?:20(?:3[47]|57)|22(?:2d|30)|32(?:1[de])|33(?:0[0123456789abcdef]|1[12356789abcdef]|2[012349abcdef]|3[2345689abcde]|4[012345678acdef]|5[013467]|7f|a[ef])|0f(?:7[79])|2a(?:0c)|fd(?:f[2345678abc])))/gi;
/** No plain search for `\u`, which takes ten milliseconds for a megabyte of other escapes. */
const ESCAPE = /\\u[023f]/i;
const ESCAPE_BYTES = 6;

/** Beyond so many, which takes some 30 ms, all that follows is taken for the longest. */
const MOST_COUNTED = 200_000;
/** An Arabic sign of three bytes has 33 in NFKC. */
const MOST_ADDED_PER_CHARACTER = 30;

/** What each has been found to add. */
const known = new Map<string, number>();

/** Bytes that normalization may add to a text. */
export function bytesByNormalization(text: string): number {
  let bytes = 0;
  let counted = 0;
  for (const { 0: character, index } of text.matchAll(LONGER)) {
    bytes += addedTo(character, Buffer.byteLength(character));
    counted += 1;
    if (counted === MOST_COUNTED) return bytes + (text.length - index) * MOST_ADDED_PER_CHARACTER;
  }
  return bytes;
}

/** Bytes that normalization may add to the strings in a body, of which some characters may be escaped. */
export function bytesByNormalizationIn(json: string): number {
  const bytes = Buffer.byteLength(json) === json.length ? 0 : bytesByNormalization(json);
  return ESCAPE.test(json) ? bytes + bytesInEscapes(json) : bytes;
}

function bytesInEscapes(json: string): number {
  let bytes = 0;
  let counted = 0;
  for (const { 0: written, 1: code = "", index } of json.matchAll(LONGER_THAN_ESCAPE)) {
    bytes += addedTo(String.fromCharCode(Number.parseInt(code, 16)), written.length);
    counted += 1;
    if (counted === MOST_COUNTED)
      return bytes + Math.ceil((json.length - index) / ESCAPE_BYTES) * MOST_ADDED_PER_CHARACTER;
  }
  return bytes;
}

/** @param writtenBytes as it is in the text */
function addedTo(character: string, writtenBytes: number): number {
  const key = `${character}${writtenBytes}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const longest = Math.max(...["NFC", "NFKC"].map((form) => Buffer.byteLength(character.normalize(form))));
  known.set(key, longest - writtenBytes);
  return longest - writtenBytes;
}
