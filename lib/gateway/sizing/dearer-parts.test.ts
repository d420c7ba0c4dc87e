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

const FLAC = Buffer.concat([Buffer.from("fLaC"), Buffer.alloc(3_000, 0xf8)]).toString("base64");
const PDF = Buffer.from("%PDF-1.7 1 0 obj << /Type /Page >> endobj").toString("base64");
const flacAs = (type: string) => `data:${type};base64,${FLAC}`;
const withPart = (part: object) => ({ messages: [{ role: "user", content: [part] }], max_tokens: 9 });
const file = (file_data: string, filename: string) => ({ type: "file", file: { filename, file_data } });
const withSource = (type: string, source: object) => ({ type, source });

/** Ways in which a recording or a film of unknown length can arrive. */
const UNMEASURED: [string, object, string?][] = [
  ...["flac", "ogg", "opus", "aac", "aiff", "m4a", "amr", "wav", "mp3"].map((format): [string, object] => [
    `format ${format}`,
    { type: "input_audio", input_audio: { data: FLAC, format } },
  ]),
  ["a data URL", { type: "audio_url", audio_url: { url: flacAs("audio/ogg") } }],
  ["percent-encoded", { type: "audio_url", audio_url: { url: "data:audio/ogg,OggS%00" } }],
  ["by URL", { type: "audio_url", audio_url: { url: "https://a.example/a" } }],
  ["an input by URL", { type: "input_audio", input_audio: { data: "https://a.example/a", format: "wav" } }],
  ["a film by URL", { type: "video_url", video_url: { url: "https://a.example/film" } }],
  ["a film", { type: "video_url", video_url: { url: flacAs("video/mp4") } }],
  ["a film as a document", { type: "video_url", video_url: { url: flacAs("application/pdf") } }],
  ["a file", file(flacAs("audio/flac"), "a.flac")],
  ["a file of any type", file(flacAs("application/octet-stream"), "a")],
  ["a file without a type", file(FLAC, "a.flac")],
  ["a file by URL", file("https://a.example/a", "a.pdf")],
  ["a file that is called a document", file(flacAs("application/pdf"), "a.pdf")],
  ["a PDF file that is called a recording", file(`data:application/pdf;base64,${PDF}`, "a.flac")],
  ["a picture by its type", { type: "image_url", image_url: { url: flacAs("image/png") } }],
  ["a picture by URL", { type: "image_url", image_url: { url: "https://a.example/a" } }],
  ["Gemini's inlineData", { type: "media", inlineData: { mimeType: "audio/flac", data: FLAC } }],
  ["Gemini's fileData", { type: "text", text: "x", fileData: { fileUri: "https://youtu.be/x" } }],
  ["a message's document", withSource("document", { type: "url", url: "https://a.example/a" }), "messages"],
  [
    "a message's data",
    withSource("document", { type: "base64", media_type: "audio/aac", data: FLAC }),
    "messages",
  ],
  ["a message's video", withSource("video", { type: "url", url: "https://a.example/a" }), "messages"],
];

describe.each(["gemini-2.5-flash", "google/gemini-3-flash-preview"])(
  "sound of unknown length at %s",
  (upstreamModel) => {
    test.each(UNMEASURED)("needs a rate for sound: %s", async (_, part, dialect = "chat") => {
      const asked = { upstreamModel, body: withPart(part), dialect };
      expect((await rejectionOf(asked))?.message).toContain("set input_audio_per_mtok in the model's price");
      expect(await rejectionOf({ ...asked, rates: { inputAudioPerMtok: "1" } })).toBeNull();
      expect(await rejectionOf({ ...asked, upstreamModel: "gemini-2.5-pro" })).toBeNull();
    });

    test("is not in a document that says what it is, or in a picture", async () => {
      const png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
      for (const part of [
        file(`data:application/pdf;base64,${PDF}`, "a.pdf"),
        file(`data:text/csv;base64,${Buffer.from("a,b").toString("base64")}`, "a.csv"),
        { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
      ])
        expect(
          await rejectionOf({ upstreamModel, body: withPart(part) }),
          JSON.stringify(part).slice(0, 60),
        ).toBeNull();
    });
  },
);

test.each([
  [
    { type: "input_audio", input_audio: { data: FLAC, format: "flac" } },
    "google/gemini-2.5-pro",
    "bills recordings by the second",
  ],
  [
    file(`data:application/octet-stream;base64,${FLAC}`, "a"),
    "mistralai/voxtral-small",
    "bills recordings by the second",
  ],
])("is billed by time at OpenRouter: %#", async (part, upstreamModel, message) => {
  const asked = { upstreamModel, body: withPart(part), baseUrl: "https://openrouter.ai/api/v1" };
  expect((await rejectionOf(asked))?.message).toMatch(new RegExp(`${message}|read by a service`));
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
