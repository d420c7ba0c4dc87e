import type { ImageDetail, ImageSize } from "#lib/dialects/media/media";
import { GPT_SINCE_5_6, SMALL_GPT_SINCE_5_6 } from "./newer-models";

/**
 * How models count a picture, by their provider's documentation:
 * - OpenAI (platform.openai.com/docs/guides/images-vision): tiles of 512 px after scaling to 2048 px and then to
 *   768 px on the short side, at most 8; or patches of 32 px, at most a budget, times a factor. GPT-5.6 and later
 *   have no budget but for `detail: low` and `high`, so that a picture of 20 000 px a side is 468 750 tokens;
 * - Claude (platform.claude.com/docs/en/build-with-claude/vision): patches of 28 px, at most 1 568, or 4 784 since
 *   Opus 4.7;
 * - Gemini (ai.google.dev/gemini-api/docs/tokens): 258 for each tile, or a fixed number since Gemini 3.
 */
type ImageCount = {
  model: RegExp;
  /** Never less than is billed for a picture, whatever its size and detail, unless its estimate is more. */
  most: number;
  /** Whether one of known size is never more than by these formulas and `TIMES_FORMULA`: then a small one is held at that. */
  isBoundBySize?: true;
  /** The same for a picture whose size is not known, if that is more. */
  mostOfAnySize?: number;
  estimate: (width: number, height: number, detail: ImageDetail) => number;
  /** What it may be instead, where that is more: in another way of counting, or at least. */
  orElse?: ImageCount["estimate"];
  /** Whether each pixel counts, so that nothing bounds a picture whose size is not known. */
  readsAllPixels?: true;
};

const MOST_TILES = 8;

const tiles =
  (base: number, perTile: number): ImageCount["estimate"] =>
  (width, height, detail) => {
    if (detail === "low") return base;
    const fit = Math.min(1, 2_048 / Math.max(width, height));
    const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit));
    const count = Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
    return base + perTile * Math.min(MOST_TILES, count);
  };

const patches =
  (pixels: number, budget: number, factor: number): ImageCount["estimate"] =>
  (width, height) =>
    Math.ceil(Math.min(budget, Math.ceil(width / pixels) * Math.ceil(height / pixels)) * factor);

/** OpenAI's since GPT-5.4, whose patches depend on the detail. */
const detailedPatches =
  (factor: number, budgets: { auto: number; original: number }): ImageCount["estimate"] =>
  (width, height, detail) => {
    const budget = { low: 256, high: 2_500, ...budgets }[detail ?? "auto"];
    return patches(32, budget, factor)(width, height, detail);
  };

/** Tokens around a picture: its start, its end, and a line break. */
const TOKENS_AROUND = 4;
/** For what the documentation of a formula leaves open: how a picture is scaled, and factors of models that it does not name. */
const TIMES_FORMULA = 1.5;

const larger =
  (one: ImageCount["estimate"], other: ImageCount["estimate"]): ImageCount["estimate"] =>
  (...image) =>
    Math.max(one(...image), other(...image));

const UNLIMITED = { auto: Number.POSITIVE_INFINITY, original: Number.POSITIVE_INFINITY };

/** Google names no maximum: an elongated picture has more than a square one. */
const crops: ImageCount["estimate"] = (width, height) => {
  if (width <= 384 && height <= 384) return 258;
  const unit = Math.min(768, Math.max(256, Math.floor(Math.min(width, height) / 1.5)));
  return 258 * Math.ceil(width / unit) * Math.ceil(height / unit);
};

/** The first that matches an upstream model's name. */
const COUNTS: readonly ImageCount[] = [
  // The factor of the smaller ones is not documented: that of the smallest before them.
  {
    model: SMALL_GPT_SINCE_5_6,
    most: 6_500,
    estimate: detailedPatches(2.46, UNLIMITED),
    readsAllPixels: true,
  },
  {
    model: GPT_SINCE_5_6,
    most: 3_100,
    estimate: detailedPatches(1.2, UNLIMITED),
    readsAllPixels: true,
  },
  { model: /gpt-4o-mini/, most: 2_833 + 5_667 * MOST_TILES, estimate: tiles(2_833, 5_667) },
  { model: /gpt-4\.1-nano/, most: 3_800, estimate: patches(32, 1_536, 2.46) },
  // By other copies of the same guide, their factors are those of GPT-4.1's.
  {
    model: /gpt-5-nano/,
    most: 3_800,
    estimate: patches(32, 1_536, 1.5),
    orElse: patches(32, 1_536, 2.46),
  },
  {
    model: /gpt-5-mini/,
    most: 3_800,
    estimate: patches(32, 1_536, 1.2),
    orElse: patches(32, 1_536, 1.62),
  },
  { model: /gpt-4\.1-mini/, most: 3_800, estimate: patches(32, 1_536, 1.62) },
  { model: /o4-mini|codex-mini/, most: 3_800, estimate: patches(32, 1_536, 1.72) },
  { model: /gpt-4o|gpt-4\.[15]|gpt-4|chatgpt-4o/, most: 1_600, estimate: tiles(85, 170) },
  { model: /(?:^|\/)o[13]\b/, most: 1_600, estimate: tiles(75, 150) },
  { model: /gpt-5(?!\.)/, most: 3_800, estimate: tiles(70, 140) },
  {
    // The factor of these is not documented: at most that of the smallest before them.
    model: /gpt-5\.\d[^/]*-(?:mini|nano)/,
    most: 24_600,
    isBoundBySize: true,
    estimate: detailedPatches(1.2, { auto: 2_500, original: 10_000 }),
    orElse: larger(tiles(85, 170), detailedPatches(2.46, { auto: 2_500, original: 10_000 })),
  },
  {
    model: /gpt-5\.5/,
    most: 16_384,
    isBoundBySize: true,
    estimate: detailedPatches(1.2, { auto: 10_000, original: 10_000 }),
  },
  // Those between GPT-5 and GPT-5.4 may count in tiles, as GPT-5 does.
  {
    model: /gpt-5\.[1-4](?!\d)/,
    most: 16_384,
    isBoundBySize: true,
    estimate: detailedPatches(1.2, { auto: 2_500, original: 10_000 }),
    orElse: tiles(85, 170),
  },
  {
    model: /gpt-\d/,
    most: 16_384,
    estimate: detailedPatches(1.2, { auto: 2_500, original: 10_000 }),
    orElse: tiles(85, 170),
  },
  {
    model: /claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?![-.@][7-9]\b|\d))/,
    most: 1_700,
    estimate: patches(28, 1_568, 1),
  },
  { model: /claude/, most: 4_800, estimate: patches(28, 4_784, 1) },
  // A name for the latest is one of Gemini 2 or later.
  {
    model: /gemini-(?:pro|flash)[^/]*-latest/,
    most: 258 * 17,
    mostOfAnySize: 258 * 100,
    estimate: crops,
    orElse: () => 2_240,
  },
  { model: /gemini-(?:[12]|pro|flash)/, most: 258 * 17, mostOfAnySize: 258 * 100, estimate: crops },
  // As `media_resolution` may be set, for which there is no field in chat completions.
  { model: /gemini/, most: 258 * 17, estimate: () => 1_120, orElse: () => 2_240 },
];

/** Qwen-VL reads large pictures whole unless it is configured otherwise (huggingface.co/Qwen/Qwen2.5-VL-7B-Instruct). */
const QWEN: ImageCount = {
  model: /qwen|qvq/,
  most: 16_384,
  estimate: patches(28, 16_384, 1),
  // Small ones are enlarged to `min_pixels`, mostly 256 patches, and one that is narrow to nearly twice as many.
  orElse: () => 512,
};

/** Servers of open models take pictures of up to 16 384 tokens (Qwen-VL) unless they are configured otherwise. */
const UNKNOWN: ImageCount = { model: /./, most: 16_384, estimate: patches(28, 1_568, 1) };

/** A picture of which nothing is known. */
const COMMON_SIZE = { width: 1_024, height: 768 };
/** Square and elongated: which of them has most tokens depends on the model. */
const LARGE_SIZES = [
  { width: 20_000, height: 20_000 },
  { width: 20_000, height: 6_500 },
];
const MOST_TIMES_COMMON = 1.5;

/** Tokens that a picture does not exceed in a model; without one, that none of the usual size does. */
export function mostImageTokens(upstreamModel: string, image: ImageSize | null = null): number {
  const count = countOf(upstreamModel);
  const { most, mostOfAnySize = most, estimate, orElse = estimate, isBoundBySize, readsAllPixels } = count;
  if (image === null || image.width === null || image.height === null) return mostOfAnySize;
  const { width, height, detail } = image;
  if (!isBoundBySize) return Math.max(most, estimate(width, height, readsAllPixels ? detail : null));
  // A server may take another detail than that in a body.
  const byFormula = larger(estimate, orElse)(width, height, "original");
  return Math.min(most, Math.ceil(byFormula * TIMES_FORMULA) + TOKENS_AROUND);
}

/** Whether a model reads each pixel of a picture, unless its detail is bounded. */
export const readsAllPixels = (upstreamModel: string): boolean =>
  countOf(upstreamModel).readsAllPixels === true;

/** Tokens of a picture in a model, by its size. */
export function estimateImageTokens({ width, height, detail }: ImageSize, upstreamModel: string): number {
  const isKnown = width !== null && height !== null;
  const size = isKnown ? { width, height } : COMMON_SIZE;
  return countOf(upstreamModel).estimate(size.width, size.height, detail);
}

/** Tokens that a picture of known size is charged at, where a client caused that the bill is not known. */
export function chargedImageTokens(image: ImageSize, upstreamModel: string): number {
  const { width, height, detail } = image;
  if (width === null || height === null) return mostImageTokens(upstreamModel, image);
  const { estimate, orElse = estimate } = countOf(upstreamModel);
  return Math.max(estimate(width, height, detail), orElse(width, height, detail)) + TOKENS_AROUND;
}

/**
 * Whether a picture may be far more tokens in a model than it is estimated at: one of unknown size than one of a common
 * size, and any where nothing is known of how the model counts (a tile of Together's has 1 601 tokens for any picture,
 * docs.together.ai/docs/inference/vision/overview).
 */
export function mayExceedEstimate(upstreamModel: string, { width, height, detail }: ImageSize): boolean {
  const count = countOf(upstreamModel);
  if (count === UNKNOWN) return true;
  if (width !== null && height !== null) return false;
  const { estimate } = count;
  const most = MOST_TIMES_COMMON * estimate(COMMON_SIZE.width, COMMON_SIZE.height, detail);
  return LARGE_SIZES.some((large) => estimate(large.width, large.height, detail) > most);
}

function countOf(upstreamModel: string): ImageCount {
  const name = upstreamModel.toLowerCase();
  return [...COUNTS, QWEN].find(({ model }) => model.test(name)) ?? UNKNOWN;
}
