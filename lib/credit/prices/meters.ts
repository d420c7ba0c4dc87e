/** The usage that a provider reports. Whole numbers, not negative. */
export type Usage = {
  /** All input: cached, cache-written and media tokens included. */
  inputTokens: number;
  cachedTokens: number;
  /** All cache writes: those for an hour included. */
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  /** All output: reasoning and media tokens included. */
  outputTokens: number;
  reasoningTokens: number;
  inputAudioTokens: number;
  inputImageTokens: number;
  inputVideoTokens: number;
  outputAudioTokens: number;
  outputImageTokens: number;
  /** Searches of the web that the provider has made. */
  webSearches: number;
};

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  inputImageTokens: 0,
  inputVideoTokens: 0,
  outputAudioTokens: 0,
  outputImageTokens: 0,
  webSearches: 0,
};

/** The counts without a column of their own in the ledger, by their names in its `meters`. */
export const OTHER_METERS = {
  cache_write_1h_tokens: "cacheWrite1hTokens",
  input_audio_tokens: "inputAudioTokens",
  input_image_tokens: "inputImageTokens",
  input_video_tokens: "inputVideoTokens",
  output_audio_tokens: "outputAudioTokens",
  output_image_tokens: "outputImageTokens",
  web_searches: "webSearches",
} as const satisfies Record<string, keyof Usage>;
type MeterName = keyof typeof OTHER_METERS;
type Meters = Partial<Record<MeterName, number>>;

const isMeter = (name: string): name is MeterName => Object.hasOwn(OTHER_METERS, name);
const METER_NAMES: readonly MeterName[] = Object.keys(OTHER_METERS).filter(isMeter);

/** What of a usage the ledger keeps in `meters`; undefined for nothing. */
export function metersOf(usage: Usage): Meters | undefined {
  let meters: Meters | undefined;
  for (const name of METER_NAMES) {
    const count = usage[OTHER_METERS[name]];
    if (count === 0) continue;
    meters ??= {};
    meters[name] = count;
  }
  return meters;
}

/** The counts of a row's `meters`, as a usage has them. */
export function countsOf(meters: Readonly<Record<string, number>>): Partial<Usage> {
  const counts: Partial<Usage> = {};
  for (const name of METER_NAMES) counts[OTHER_METERS[name]] = meters[name] ?? 0;
  return counts;
}

/**
 * What a request can make a provider count at a rate of its own. Its hold covers the most expensive of what it asks
 * for, and no other (spending-bound.ts).
 */
export type Asks = {
  /** Sound, in its input or its answer. */
  audio: boolean;
  /** Sound in its answer. */
  audioAnswer: boolean;
  /** Pictures in its input; a model that paints may do so unasked. */
  images: boolean;
  video: boolean;
  /** Cache writes of any kind. A hold covers them in every request, an estimate where they may be (cache-writes.ts). */
  cacheWrites: boolean;
  /** Cache writes that last an hour. */
  longCacheWrites: boolean;
  /** Searches of the web that the provider may make for it, at most. */
  webSearches: number;
};

/** What a request asks for or not, apart from how often. */
type AskedKind = { [Name in keyof Asks]: Asks[Name] extends boolean ? Name : never }[keyof Asks];

/** Calls are asked for by their number. */
const allAsks = (asked: boolean): Asks => ({
  audio: asked,
  audioAnswer: asked,
  images: asked,
  video: asked,
  cacheWrites: asked,
  longCacheWrites: asked,
  webSearches: 0,
});
export const ASKS_NOTHING = allAsks(false);
/** Every kind of token. */
export const ASKS_EVERYTHING = allAsks(true);

type Part = {
  /** Its name in the Admin API. */
  field: string;
  of: "input" | "output";
  count: (usage: Usage) => number;
  /** Which requests can make the provider count it; null: any. */
  asked: AskedKind | null;
  /** The rate that it has without one of its own: of the rest, or of a part above. */
  like: "inputPerMtok" | "outputPerMtok" | "cacheWritePerMtok";
  label: string;
  /** What the Admin API says of the rate; a default is added to it. */
  description: string;
};

/**
 * The kinds of token that a provider may bill apart from the rest of the input or output, by their rate. A price is a
 * rate for some of them, per million tokens; what has none is billed like another.
 */
export const PARTS = {
  cacheReadPerMtok: {
    field: "cache_read_per_mtok",
    of: "input",
    count: ({ cachedTokens }) => cachedTokens,
    asked: null,
    like: "inputPerMtok",
    label: "Cached input",
    description: "Cached input. Default: the input rate.",
  },
  cacheWritePerMtok: {
    field: "cache_write_per_mtok",
    of: "input",
    count: ({ cacheWriteTokens, cacheWrite1hTokens }) => cacheWriteTokens - cacheWrite1hTokens,
    asked: null,
    like: "inputPerMtok",
    label: "Cache write",
    description: "Input written to a cache. Default: the input rate.",
  },
  cacheWrite1hPerMtok: {
    field: "cache_write_1h_per_mtok",
    of: "input",
    count: ({ cacheWrite1hTokens }) => cacheWrite1hTokens,
    asked: "longCacheWrites",
    like: "cacheWritePerMtok",
    label: "Cache write, 1 hour",
    description: "Input written to a cache for an hour. Default: the rate of other cache writes.",
  },
  inputAudioPerMtok: {
    field: "input_audio_per_mtok",
    of: "input",
    count: ({ inputAudioTokens }) => inputAudioTokens,
    asked: "audio",
    like: "inputPerMtok",
    label: "Audio input",
    description: "Default: the input rate.",
  },
  inputImagePerMtok: {
    field: "input_image_per_mtok",
    of: "input",
    count: ({ inputImageTokens }) => inputImageTokens,
    asked: "images",
    like: "inputPerMtok",
    label: "Image input",
    description: "Default: the input rate.",
  },
  inputVideoPerMtok: {
    field: "input_video_per_mtok",
    of: "input",
    count: ({ inputVideoTokens }) => inputVideoTokens,
    asked: "video",
    like: "inputPerMtok",
    label: "Video input",
    description: "Default: the input rate.",
  },
  outputAudioPerMtok: {
    field: "output_audio_per_mtok",
    of: "output",
    count: ({ outputAudioTokens }) => outputAudioTokens,
    asked: "audio",
    like: "outputPerMtok",
    label: "Audio output",
    description: "Default: the output rate.",
  },
  outputImagePerMtok: {
    field: "output_image_per_mtok",
    of: "output",
    count: ({ outputImageTokens }) => outputImageTokens,
    asked: null,
    like: "outputPerMtok",
    label: "Image output",
    description: "Default: the output rate.",
  },
  reasoningPerMtok: {
    field: "reasoning_per_mtok",
    of: "output",
    count: ({ reasoningTokens }) => reasoningTokens,
    asked: null,
    like: "outputPerMtok",
    label: "Reasoning",
    description: "Reasoning, if it is billed apart from other output. Default: the output rate.",
  },
} as const satisfies Record<string, Part>;

export type PartRate = keyof typeof PARTS;
export type PartField = (typeof PARTS)[PartRate]["field"];

/** An object with a value for each part. */
export const perPart = <T>(make: (rate: PartRate) => T): Record<PartRate, T> => ({
  cacheReadPerMtok: make("cacheReadPerMtok"),
  cacheWritePerMtok: make("cacheWritePerMtok"),
  cacheWrite1hPerMtok: make("cacheWrite1hPerMtok"),
  inputAudioPerMtok: make("inputAudioPerMtok"),
  inputImagePerMtok: make("inputImagePerMtok"),
  inputVideoPerMtok: make("inputVideoPerMtok"),
  outputAudioPerMtok: make("outputAudioPerMtok"),
  outputImagePerMtok: make("outputImagePerMtok"),
  reasoningPerMtok: make("reasoningPerMtok"),
});

/** The parts in the order of the table. */
export const PART_RATES: readonly PartRate[] = Object.values(perPart((rate) => rate));

type CallMeter = {
  /** Its name in the Admin API. */
  field: string;
  count: (usage: Usage) => number;
  /** How many of them a request can make the provider bill. */
  most: (asks: Asks) => number;
  label: string;
  /** What the Admin API says of the rate. */
  description: string;
};

/** What a provider bills by the call, besides tokens. A price is a rate for some of them, in US dollars each. */
export const CALL_METERS = {
  webSearchPerCall: {
    field: "web_search_per_call",
    count: ({ webSearches }) => webSearches,
    most: ({ webSearches }) => webSearches,
    label: "Web searches",
    description:
      "US dollars for each search of the web by the provider. Default: none, and its search tool is not passed on.",
  },
} as const satisfies Record<string, CallMeter>;

export type CallRate = keyof typeof CALL_METERS;
export type CallField = (typeof CALL_METERS)[CallRate]["field"];

/** An object with a value for each of them. */
export const perCall = <T>(make: (rate: CallRate) => T): Record<CallRate, T> => ({
  webSearchPerCall: make("webSearchPerCall"),
});

/** What is billed by the call, in the order of the table. */
export const CALL_RATES: readonly CallRate[] = Object.values(perCall((rate) => rate));
