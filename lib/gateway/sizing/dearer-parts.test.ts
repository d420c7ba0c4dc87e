import { describe, expect, test } from "vitest";
import { compileRates, type Rates } from "#lib/credit/prices/price";
import { wav } from "#lib/dialects/media/testing/media-files";
import { DIALECTS } from "#lib/dialects/registry";
import { testModel } from "#lib/gateway/testing/test-model";
import { contextJudge } from "./context-window";
import { missingRate } from "./dearer-parts";

const RATES: Rates = { inputPerMtok: "1", outputPerMtok: "1" };
const TEXT = { role: "user", content: "Hi" };
const RECORDING = {
  role: "user",
  content: [{ type: "input_audio", input_audio: { data: wav(4, 8_000), format: "wav" } }],
};
const MARKED = {
  role: "user",
  content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }],
};

const HEARD = { messages: [RECORDING] };
const SPOKEN = {
  messages: [TEXT],
  modalities: ["text", "audio"],
  audio: { voice: "alloy", format: "wav" },
};
const PLAIN = { messages: [TEXT] };
const CACHED = { max_tokens: 9, messages: [MARKED] };
const CACHED_FOR_AN_HOUR = {
  max_tokens: 9,
  messages: [TEXT],
  cache_control: { type: "ephemeral", ttl: "1h" },
};

type Asked = {
  upstreamModel: string;
  body: object;
  dialect?: string;
  rates?: Partial<Rates>;
  baseUrl?: string;
};

async function rejectionOf(asked: Asked, isLimited = true) {
  const { upstreamModel, body, dialect: name = "chat", rates = {}, baseUrl } = asked;
  const dialect = DIALECTS.find((one) => one.name === name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  const model = testModel(100_000, upstreamModel);
  const routes = model.routes.map((route) => ({
    ...route,
    rates: compileRates({ ...RATES, ...rates }),
    target: { ...route.target, baseUrl: baseUrl ?? route.target.baseUrl },
  }));
  const call = dialect.parse(JSON.stringify({ model: "m", ...body }));
  return contextJudge(dialect, call).rejection({ ...model, routes }, isLimited);
}

/** What costs more than text, and the rate that it needs. */
const DEARER: readonly (Asked & { field: string; rate: keyof Rates })[] = [
  ...["gpt-4o-audio-preview", "openai/gpt-audio", "gemini-2.5-flash", "qwen3-omni-flash"].map(
    (upstreamModel) => ({
      upstreamModel,
      body: HEARD,
      field: "input_audio_per_mtok",
      rate: "inputAudioPerMtok" as const,
    }),
  ),
  ...["gpt-audio-mini", "qwen3-omni-flash"].map((upstreamModel) => ({
    upstreamModel,
    body: SPOKEN,
    field: "output_audio_per_mtok",
    rate: "outputAudioPerMtok" as const,
  })),
  ...["google/gemini-2.5-flash-image", "gpt-5-image"].map((upstreamModel) => ({
    upstreamModel,
    body: PLAIN,
    field: "output_image_per_mtok",
    rate: "outputImagePerMtok" as const,
  })),
  ...["claude-opus-5-5", "eu.anthropic.claude-sonnet-4-5", "kimi-k3", "qwen4-max"].map((upstreamModel) => ({
    upstreamModel,
    dialect: "messages",
    body: CACHED_FOR_AN_HOUR,
    rates: { cacheWritePerMtok: "1.25" },
    field: "cache_write_1h_per_mtok",
    rate: "cacheWrite1hPerMtok" as const,
  })),
];

describe.each(DEARER)("$upstreamModel under a hard budget, without $field", (asked) => {
  test("rejects what costs more than text, and names the rate", async () => {
    const rejection = await rejectionOf(asked);
    expect(rejection).toMatchObject({ code: "invalid_request", param: "messages" });
    expect(rejection?.message).toContain(`set ${asked.field} in the model's price`);
  });

  test("serves it once the price has the rate, whatever it is", async () => {
    expect(await rejectionOf({ ...asked, rates: { [asked.rate]: "1" } })).toBeNull();
  });

  test("serves it without a hard budget, and in process", async () => {
    expect(await rejectionOf(asked, false)).toBeNull();
    expect(await rejectionOf({ ...asked, baseUrl: "" })).toBeNull();
  });
});

test.each<Asked>([
  { upstreamModel: "gpt-audio", body: PLAIN },
  { upstreamModel: "gpt-4o", body: HEARD },
  { upstreamModel: "gemini-2.5-pro", body: HEARD },
  { upstreamModel: "gemini-2.0-flash-lite", body: HEARD },
  { upstreamModel: "gemini-2.5-flash", body: PLAIN },
  { upstreamModel: "claude-sonnet-4-5", body: CACHED, dialect: "messages" },
  { upstreamModel: "claude-sonnet-4-5", body: PLAIN },
  { upstreamModel: "llama", body: CACHED, dialect: "messages" },
])("serves what costs no more than text, or hardly more: $upstreamModel, $body", async (asked) => {
  expect(await rejectionOf(asked)).toBeNull();
});

describe("what is written to a cache", () => {
  const missingFor = (json: string, ...upstreamModels: [string, ...string[]]) => {
    const call = DIALECTS[0]?.parse(json);
    if (call === undefined) throw new Error("no dialect");
    return missingRate(call, { routes: upstreamModels.flatMap((name) => testModel(null, name).routes) });
  };
  const marked = (name: string) =>
    `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi","${name}":{"type":"ephemeral"}}]}]}`;
  const WRITES = { field: "cache_write_per_mtok", isUsual: true };

  test.each(["cache_control", "\\u0063ache_control", "c\\u0061che_control"])(
    "needs a rate, however its mark is spelled: %s",
    (name) => {
      for (const upstreamModel of ["claude-x", "qwen3-max", "openrouter/qwen/qwen-plus", "MiniMax-M2.7"])
        expect(missingFor(marked(name), upstreamModel), upstreamModel).toMatchObject(WRITES);
    },
  );

  test("needs none without a mark, and for other models", () => {
    for (const upstreamModel of ["claude-x", "qwen3-max", "MiniMax-M2.7"])
      expect(missingFor(marked("name"), upstreamModel), upstreamModel).toBeNull();
    expect(missingFor(marked("cache_control"), "llama")).toBeNull();
  });

  test.each(["gpt-5.6-sol", "gpt-5.10", "openai/gpt-6-luna", "GPT-12"])(
    "needs a rate unasked at %s",
    async (upstreamModel) => {
      expect(missingFor(marked("name"), upstreamModel)).toMatchObject(WRITES);
      expect(await rejectionOf({ upstreamModel, body: PLAIN })).toBeNull();
    },
  );

  test.each(["gpt-5.5", "gpt-5", "gpt-4o", "gpt-35-turbo", "gpt-oss-120b"])("needs none at %s", (model) => {
    expect(missingFor(marked("name"), model)).toBeNull();
  });

  test("hides no rate without which another target is not covered", () => {
    expect(missingFor(marked("name"), "gpt-5.6-sol", "gpt-5-image", "gpt-5.6-sol")).toMatchObject({
      field: "output_image_per_mtok",
      isUsual: false,
    });
  });
});
