import { isUtf8 } from "node:buffer";
import { estimateTextTokens } from "#lib/dialects/text/estimate-tokens";
import { readsAlike } from "./decode-head";
import { newUnpacking, pagesIn, type Unpacking } from "./pdf-pages";

/** A longer document is judged by its beginning. */
const READ_CHARACTERS = 4 * 1024 * 1024;
/** The head of a PDF file may follow other bytes. */
const PDF_HEAD_BYTES = 2_048;
/** Of dense pages; a sparse page has fewer bytes. */
const MOST_TEXT_TOKENS_PER_PAGE = 700;
const PDF_BYTES_PER_TEXT_TOKEN = 12;
/** Compressed office files and the like. */
const BYTES_PER_TEXT_TOKEN = 7;
/** Gemini's rate (ai.google.dev/gemini-api/docs/tokens), and a common bit rate. */
const TOKENS_PER_VIDEO_S = 263;
const BYTES_PER_VIDEO_S = 200_000;
/** What can be said of a document that only has a URL. */
const FETCHED_DOCUMENT: ReadDocument = { pages: 3, textTokens: 2_100, mostTextTokens: null, plainText: null };

/** OpenAI adds a summary, written by a model, to spreadsheets, also as CSV (developers.openai.com/api/docs/guides/file-inputs). */
const TEXT_TYPES = new Set(["text/plain", "text/markdown", "application/json"]);
/**
 * Names of files of which a model reads the text as it is. By others, providers unpack them, whatever type they are
 * declared as: tables, mails, books and what office software writes.
 */
const PLAIN_NAME =
  /(?:^[^.]+|\.(?:txt|text|md|markdown|rst|log|json|jsonl|ya?ml|toml|ini|cfg|conf|env|sql|sh|bash|py|js|mjs|cjs|jsx|ts|tsx|css|scss|c|h|cc|cpp|hpp|cs|go|java|kt|lua|php|pl|r|rb|rs|scala|swift|diff|patch|proto|tex|srt|vtt))$/i;

/**
 * What a model reads in a document, by estimate. `mostTextTokens`: at most, for one that is plain text; null if
 * the provider unpacks it, so that nothing bounds it.
 */
export type ReadDocument = {
  pages: number;
  textTokens: number;
  mostTextTokens: number | null;
  /** Null if it is not plain text. */
  plainText: string | null;
};

/**
 * Reads a document from its base64 text.
 * @param fileNames all that it is called
 * @param unpacking shared by the documents of a body
 */
export function readDocument(
  base64: string,
  mediaType: string | null,
  fileNames: readonly string[] = [],
  unpacking: Unpacking = newUnpacking(),
): ReadDocument {
  const isWhole = base64.length <= READ_CHARACTERS;
  const bytes = Buffer.from(isWhole ? base64 : base64.slice(0, READ_CHARACTERS), "base64");
  const wholeBytes = (base64.length * 3) / 4;
  if (bytes.subarray(0, PDF_HEAD_BYTES).indexOf("%PDF-") !== -1) {
    const pages = Math.max(
      1,
      Math.round(pagesIn(bytes, unpacking) * (isWhole ? 1 : wholeBytes / bytes.length)),
    );
    const perPage = Math.min(MOST_TEXT_TOKENS_PER_PAGE, wholeBytes / pages / PDF_BYTES_PER_TEXT_TOKEN);
    return { pages, textTokens: Math.ceil(pages * perPage), mostTextTokens: null, plainText: null };
  }
  if (mediaType?.startsWith("video/")) {
    const seconds = wholeBytes / BYTES_PER_VIDEO_S;
    return {
      pages: 0,
      textTokens: Math.ceil(seconds * TOKENS_PER_VIDEO_S),
      mostTextTokens: null,
      plainText: null,
    };
  }
  const isNamedText = fileNames.every((name) => PLAIN_NAME.test(name));
  const isText = isNamedText && mediaType !== null && TEXT_TYPES.has(mediaType);
  if (isWhole && isText && readsAlike(base64) && isPlainText(bytes)) {
    const plainText = bytes.toString("utf8");
    return {
      pages: 0,
      textTokens: estimateTextTokens(plainText),
      mostTextTokens: bytes.length,
      plainText,
    };
  }
  return {
    pages: 0,
    textTokens: Math.ceil(wholeBytes / BYTES_PER_TEXT_TOKEN),
    mostTextTokens: null,
    plainText: null,
  };
}

/** What is assumed of a document that the provider fetches. */
export const fetchedDocument = (): ReadDocument => FETCHED_DOCUMENT;

const isPlainText = (bytes: Buffer): boolean => !bytes.includes(0) && isUtf8(bytes);
