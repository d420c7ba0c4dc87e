/** How large a picture a request asks to be read; null where it leaves that to the provider. */
export type ImageDetail = "low" | "high" | "original" | null;

/** A picture's size in pixels, as its head declares it; null if it cannot be read. */
export type ImageSize = { width: number | null; height: number | null; detail: ImageDetail };

/** A picture, and how many of the body's characters are its data and no text. */
export type GivenImage = ImageSize & { dataCharacters: number };

/**
 * What a request carries besides text: plain data, from which the gateway weighs the input for the model that
 * is to read it (lib/gateway/sizing/media-tokens.ts).
 */
export type Media = {
  /** Characters of the body that are encoded pictures, recordings or documents, and no text. */
  dataCharacters: number;
  /** The lengths of the strings that have them. */
  dataLengths: ReadonlySet<number>;
  images: readonly GivenImage[];
  /** Pictures in Markdown or HTML within the texts, which some servers fetch or decode. */
  markdownPictures: number;
  /** Tags within the texts of a body with pictures, each of which some servers take for a picture again. */
  pictureTags: number;
  /** What the recordings likely last, and at most, each padded to what encoders read at a time. */
  audioSeconds: number;
  mostAudioSeconds: number;
  /** Whether there is a recording whose length is not known: `audioSeconds` has a guess, `mostAudioSeconds` nothing of it. */
  hasUnmeasuredSound: boolean;
  /** Whether there is anything else that may be a recording or a film, since nothing that can be trusted says what it is. */
  mayHaveSound: boolean;
  /** Pages of documents, by estimate. */
  documentPages: number;
  /** Tokens of the documents' texts: by estimate, and at most in those that are plain text. */
  documentTextTokens: number;
  mostPlainTextTokens: number;
  /** Those that are plain text: an estimate by samples can be far too low for a hostile one. */
  plainTexts: readonly string[];
  /** Encrypted reasoning: far longer than what a model reads for it. */
  sealedTexts: readonly string[];
  /**
   * The first field whose content the provider fetches or unpacks, or which Tollgate does not know, so that the
   * body does not bound what is read; null if there is none.
   */
  unboundedParam: string | null;
  /**
   * The first field outside the messages that Tollgate does not know and whose value a chat template could write out
   * at any length; null if there is none.
   */
  unknownParam: string | null;
  /** The first field with a document, with a file of any kind, or that may be one, since nothing says what it is. */
  fileParam: string | null;
  /** The first field with a picture by URL, for providers that read whatever the URL leads to. */
  fetchedImageParam: string | null;
  /** The first field with a picture of unknown size and detail, for models that read any of its pixels. */
  unsizedImageParam: string | null;
  /** The first field whose references unfold without a bound, in a schema or in the result of a call. */
  unfoldedParam: string | null;
  unfoldedResultParam: string | null;
};

export const NO_MEDIA: Media = {
  dataCharacters: 0,
  dataLengths: new Set(),
  images: [],
  markdownPictures: 0,
  pictureTags: 0,
  audioSeconds: 0,
  mostAudioSeconds: 0,
  hasUnmeasuredSound: false,
  mayHaveSound: false,
  documentPages: 0,
  documentTextTokens: 0,
  mostPlainTextTokens: 0,
  plainTexts: [],
  sealedTexts: [],
  unboundedParam: null,
  unknownParam: null,
  fileParam: null,
  fetchedImageParam: null,
  unsizedImageParam: null,
  unfoldedParam: null,
  unfoldedResultParam: null,
};
