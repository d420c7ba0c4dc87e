import { beforeEach, describe, expect, test } from "vitest";
import { pdf, png } from "#lib/dialects/media/testing/media-files";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { chat } from "#lib/testing/upstream/scenario";

const rates = { inputPerMtok: "3", outputPerMtok: "15" };
const gate = await testGateway({
  maxBodyBytes: 8 * 1024 * 1024,
  models: [
    { name: "gpt-4o", rates },
    { name: "windowed", rates, contextWindow: 200_000 },
  ],
  rules: [{ scenario: chat({ text: "A harbour at dawn, without people.", usage: null }) }],
});

const say = (content: unknown) => ({ max_tokens: 100, messages: [{ role: "user", content }] });
const file = (data: string) => ({ type: "file", file: { filename: "a.pdf", file_data: data } });
const picture = (bytes: number) => ({
  type: "image_url",
  image_url: { url: `data:image/png;base64,${png(2048, 1024, bytes)}` },
});
const byUrl = file("https://files.example/report.pdf");
const asData = file(`data:application/pdf;base64,${pdf(3)}`);

async function limit({ usd, tokensPerMinute }: { usd?: string; tokensPerMinute?: number }): Promise<void> {
  await leaveBudget(gate, usd ?? null);
  await gate.sql`
    UPDATE users
    SET rate_limits = ${tokensPerMinute === undefined ? null : gate.sql.json({ tokens_per_minute: tokensPerMinute })}
    WHERE id = ${gate.seeded.ids.user}`;
}

async function ask(fields: object) {
  const response = await gate.chat({ model: "gpt-4o", ...fields });
  return { response, body: await response.json() };
}

beforeEach(() => limit({}));

describe("what the provider fetches or unpacks", () => {
  test.each([
    ["a document by URL", byUrl],
    ["a document as data", asData],
  ])("%s is held at the context window", async (_, part) => {
    const { response } = await ask({ ...say([part]), model: "windowed" });
    expect(response.status).toBe(200);
    // 200 000 tokens at $3 and 100 at $15.
    expect(await gate.rowOf(response)).toMatchObject({ hold_usd: "0.601500000000" });
  });

  test("does not fit a budget that its length in the body would fit", async () => {
    await limit({ usd: "0.50" });
    const { body } = await ask({ ...say([byUrl]), model: "windowed" });
    expect(body.error.code).toBe("insufficient_quota");
  });

  test("is a 400 that names the field if the model has no context window", async () => {
    const { response, body } = await ask(say([{ type: "text", text: "Read this." }, byUrl]));
    expect(response.status).toBe(400);
    expect(body.error).toMatchObject({
      code: "invalid_request",
      param: "messages[0].content[1].file.file_data",
      message: expect.stringMatching(/Send its text instead, or ask an administrator/),
    });
  });

  test("is charged by its pages, not by its bytes, if the usage is missing", async () => {
    const { response } = await ask({ ...say([asData]), model: "windowed" });
    const { input_tokens: tokens } = await gate.rowOf(response);
    expect(Number(tokens)).toBeGreaterThan(2_000);
    expect(Number(tokens)).toBeLessThan(9_000);
  });
});

describe("media are not weighed as text", () => {
  test("a PNG of 1.5 MB is estimated at its 1 105 tokens", async () => {
    const { response } = await ask(say([picture(1_500_000)]));
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({ usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeGreaterThan(550);
    expect(Number(row.input_tokens)).toBeLessThan(2_210);
    expect(Number(row.cost_usd)).toBeLessThan(2 * 0.0036);
  });

  test("a PNG of 1.5 MB fits a budget of a cent", async () => {
    await limit({ usd: "0.01" });
    expect((await ask(say([picture(1_500_000)]))).response.status).toBe(200);
  });

  test("prose of 1.5 MB passes on an unspent budget of $1 if it fits", async () => {
    await limit({ usd: "1" });
    const sentence =
      "Nobody in the town had expected the ferry before Thursday evening, so most of the rooms were taken. ";
    const prose = sentence.repeat(1_500_000 / sentence.length);
    const { response } = await ask(say(prose));
    expect(response.status).toBe(200);
    const { hold_usd: held, input_tokens: tokens } = await gate.rowOf(response);
    expect(Number(held)).toBeLessThan(1);
    expect(Number(tokens) * 3e-6).toBeLessThanOrEqual(Number(held));
  });

  test("a picture of 500 KB passes a limit of 100 000 tokens a minute", async () => {
    await limit({ tokensPerMinute: 100_000 });
    expect((await ask(say([picture(500_000)]))).response.status).toBe(200);
  });
});
