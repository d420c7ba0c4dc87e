import { decimalTimes } from "./decimal-text";
import { eachTier } from "./each-tier";
import { PART_RATES } from "./meters";
import type { Rates } from "./price";

/** A provider's hosts of one region or of several, where some models cost 10 % more than at its global host. */
type Regional = {
  hosts: RegExp;
  /** The address whose prices apply, if catalogues do not know the region's. */
  global: string | null;
  isDearer: (model: string) => boolean;
};

/** Claude's models before Sonnet 4.5. */
const CLAUDE_BEFORE = /^claude-(?:instant|v?2|3|(?:opus|sonnet)-4(?:-1)?(?:@|$|-2025))/;
const GEMINI_SINCE = /^gemini-(?:[3-9]|\d\d)/;
/** OpenAI's models from before GPT-5.4. */
const OPENAI_BEFORE =
  /^(?:ft:)?(?:gpt-(?:[34]|5(?:\.[0-3])?(?![.\d]))|o[134](?!\d)|chatgpt-4o|codex-mini|computer-use|davinci|babbage|text-)/;

const REGIONAL: readonly Regional[] = [
  /*
   * Vertex AI bills Claude Sonnet 4.5 and later so (platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai, "Global,
   * multi-region, and regional endpoints"), and since July 2026 Gemini (github.com/BerriAI/litellm/pull/37543), of which 3.5 is
   * known.
   */
  {
    hosts: /^[a-z0-9-]+-aiplatform\.googleapis\.com$|^aiplatform\.[a-z]+\.rep\.googleapis\.com$/,
    global: null,
    isDearer: (model) => (/^claude-/.test(model) ? !CLAUDE_BEFORE.test(model) : GEMINI_SINCE.test(model)),
  },
  // "Data residency endpoints are charged a 10% uplift for models released on or after March 5, 2026"
  // (developers.openai.com/api/docs/guides/data-residency).
  {
    hosts: /^[a-z]{2}\.api\.openai\.com$/,
    global: "https://api.openai.com/v1",
    isDearer: (model) => !OPENAI_BEFORE.test(model),
  },
  // "Token usage costs 10% more than on the global endpoint" (docs.x.ai/developers/advanced-api-usage/regions).
  { hosts: /^us\.api\.x\.ai$/, global: "https://api.x.ai/v1", isDearer: () => true },
];

const regionalAt = (baseUrl: string): Regional | undefined =>
  URL.canParse(baseUrl) ? REGIONAL.find(({ hosts }) => hosts.test(new URL(baseUrl).hostname)) : undefined;

/** Whether a model costs 10 % more at an address than at its provider's global one, whose price catalogues have. */
export const hasRegionalPremium = (baseUrl: string, model: string): boolean =>
  regionalAt(baseUrl)?.isDearer(model) ?? false;

/** The address by which catalogues know whose prices apply at an address. */
export const globalAddress = (baseUrl: string): string => regionalAt(baseUrl)?.global ?? baseUrl;

/** The same rates 10 % higher, exactly. */
export const withRegionalPremium = (rates: Rates): Rates =>
  eachTier(rates, (tier) => {
    const higher = { ...tier };
    for (const name of ["inputPerMtok", "outputPerMtok", ...PART_RATES] as const) {
      const rate = tier[name];
      if (rate !== undefined) higher[name] = decimalTimes(rate, 11, 1);
    }
    return higher;
  });
