import { expect, test } from "vitest";
import { saidBy } from "#lib/dialects/events/stream-meter";
import { CLIENTS, WIRES } from "./registry";
import { chatAnswers } from "./testing/answers/chat";
import { converseAnswers } from "./testing/answers/converse";
import { geminiAnswers } from "./testing/answers/gemini";
import { type AnswerPlan, heardStream, heardWhole } from "./testing/answers/heard";
import { messagesAnswers } from "./testing/answers/messages";
import { responsesAnswers } from "./testing/answers/responses";
import { ANSWER_ROWS, type AnswerRow } from "./testing/answers/rows";
import { answerFor, type RawAnswer, type WireAnswers } from "./testing/answers/wire-answers";
import { table } from "./testing/matrix";
import { named } from "./testing/named";

/** By wire: a line for each. */
const ANSWERS: Readonly<Record<string, WireAnswers>> = {
  gemini: geminiAnswers,
  messages: messagesAnswers,
  converse: converseAnswers,
  responses: responsesAnswers,
  chat: chatAnswers,
};

const answersOf = (wire: string): WireAnswers => named(ANSWERS, wire);

/** What becomes of a part of an answer, which must be the same whole and in a stream. */
async function outcome(row: AnswerRow, plan: AnswerPlan, raw: RawAnswer | undefined): Promise<string> {
  if (raw === undefined) return "-";
  if (plan.dialect === plan.wire) return "=";
  const { name, heard, lossy } = row;
  const changed = lossy?.[plan.dialect];
  const words = heard[plan.dialect];
  const whole = await heardWhole(plan, raw.whole);
  const { assembled, meter } = await heardStream(plan, raw.events);
  expect(meter.usage, `${name}: usage in a stream`).toMatchObject(answersOf(plan.wire).counted);
  expect(meter.done && meter.fault === null, `${name}: the stream ends`).toBe(true);
  if (words === undefined) {
    if (changed === undefined) throw new Error(`${name} has neither words nor a reason for ${plan.dialect}`);
    return `no: ${changed}`;
  }
  for (const text of [whole, assembled])
    if (!words.test(text)) throw new Error(`${name} of ${plan.wire} is lost for ${plan.dialect}: ${text}`);
  const known = [answersOf(plan.wire).where?.[name], changed].filter((words) => words !== undefined);
  return known.length === 0 ? "yes" : `yes: ${known.join("; ")}`;
}

const PARTS_OF_ARGUMENTS: Readonly<Record<string, RegExp>> = {
  chat: /"function":{"arguments":"[^"]/g,
  messages: /"partial_json":"[^"]/g,
  responses: /"type":"response.function_call_arguments.delta"/g,
};

async function outcomeOfParts(plan: AnswerPlan, { streaming }: WireAnswers): Promise<string> {
  const { text } = await heardStream(plan, streaming);
  const parts = text.match(PARTS_OF_ARGUMENTS[plan.dialect] ?? /$^/g)?.length ?? 0;
  const calls = new Set(text.match(/"call_\d/g)).size;
  expect(parts).toBeGreaterThan(0);
  return parts > calls ? "yes" : "yes: in one piece";
}

/** An error is one that the pipeline reads, before or after content; a cut stream is one without an end. */
async function outcomesOfFailing(
  plan: AnswerPlan,
  { failing }: WireAnswers,
): Promise<[string, string, string]> {
  const first = await heardStream(plan, failing.first);
  expect([saidBy(first.meter), first.meter.fault?.kind]).toEqual(["error", "provider_error"]);
  const late = await heardStream(plan, failing.late);
  expect([saidBy(late.meter), late.meter.fault?.kind]).toEqual(["content", "provider_error"]);
  for (const { meter } of [first, late]) expect(JSON.stringify(meter.fault)).toContain("Overloaded.");
  const { meter } = await heardStream(plan, failing.cut);
  expect([saidBy(meter), meter.fault, meter.done, meter.finished]).toEqual(["content", null, false, false]);
  return ["yes", "yes", "yes"];
}

async function tableOf(dialect: string): Promise<string> {
  const wires = WIRES.map(({ name }) => name);
  const plans = wires.map((wire): AnswerPlan => ({ dialect, wire, model: answersOf(wire).model }));
  const rows: string[][] = [["answered", ...wires]];
  for (const row of ANSWER_ROWS) {
    const cells = plans.map((plan) => outcome(row, plan, answerFor(answersOf(plan.wire), row.name)));
    rows.push([row.name, ...(await Promise.all(cells))]);
  }
  const others = await Promise.all(
    plans.map(async (plan) => {
      if (plan.dialect === plan.wire) return ["=", "=", "=", "="];
      const answers = answersOf(plan.wire);
      return [await outcomeOfParts(plan, answers), ...(await outcomesOfFailing(plan, answers))];
    }),
  );
  const names = [
    "arguments as they arrive",
    "an error at once",
    "an error after content",
    "a stream that is cut",
  ];
  for (const [at, name] of names.entries()) rows.push([name, ...others.map((cells) => cells[at] ?? "")]);
  return table(rows);
}

const LEGEND =
  "What becomes of a provider's answer for the client. `=`: it passes through unchanged. `yes`: the same is said, whole and in a stream, or with the other meaning that is named. `no`: the client's dialect has no place for it, and what is left. `-`: the provider's API does not say such a thing. Whatever the client's dialect can say, the ledger has all counts. An error at once is one before anything was sent: another target is tried, or the client gets its status; a cut stream ends in an error of the client's dialect. Generated by answers-fidelity.test.ts (`npx vitest run lib/translation/answers-fidelity -u`).";

test("ANSWERS-FIDELITY.md has what becomes of each part of an answer for each client", async () => {
  const tables: string[] = [];
  for (const { dialect } of CLIENTS)
    tables.push(`# \`/v1/${dialect.endpoint}\`\n\n${await tableOf(dialect.name)}\n`);
  await expect(`${LEGEND}\n\n${tables.join("\n")}`).toMatchFileSnapshot("./ANSWERS-FIDELITY.md");
});
