import { pino } from "pino";
import { expect, test } from "vitest";
import { compileRates } from "#lib/credit/prices/price";
import { DIALECTS } from "#lib/dialects/registry";
import { testModel } from "#lib/gateway/testing/test-model";
import { warnOfFurther, warnOfMissingRate } from "./uncovered-warnings";

/** A log, and the messages of its warnings. */
function logging() {
  const messages: string[] = [];
  const log = pino({ level: "warn" }, { write: (line) => messages.push(JSON.parse(line).msg) });
  return { gateway: { log }, messages };
}

const body = { model: "m", messages: [{ role: "user", content: "Hi" }], modalities: ["text", "audio"] };
const call = DIALECTS[0]?.parse(JSON.stringify(body));
const model = testModel(null, "gpt-audio");

test("what is charged like text though its provider bills more is warned of, once", () => {
  if (call === undefined) throw new Error("no dialect");
  const { gateway, messages } = logging();
  for (const id of ["1", "2"]) warnOfMissingRate(gateway, id, call, model);
  expect(messages).toEqual([
    'The provider bills this apart from text (audio output), and it is charged like text. Set output_audio_per_mtok in the price of the model "m".',
  ]);
});

test("nothing is warned of that has a rate", () => {
  if (call === undefined) throw new Error("no dialect");
  const { gateway, messages } = logging();
  const rates = compileRates({ inputPerMtok: "1", outputPerMtok: "1", outputAudioPerMtok: "6" });
  const routes = model.routes.map((route) => ({ ...route, rates }));
  warnOfMissingRate(gateway, "1", call, { ...model, routes });
  expect(messages).toEqual([]);
});

test("answers that a provider appends to a stream are warned of, once for each model", () => {
  const { gateway, messages } = logging();
  for (const { routes } of [testModel(null, "a"), testModel(null, "a"), testModel(null, "b")])
    for (const route of routes) warnOfFurther(gateway, "1", route, 2);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain("appended further answers to a stream");
});
