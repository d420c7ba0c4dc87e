import { expect, test } from "vitest";
import { isKnown, knownIn, modelsOf, nameOf, unknownRows } from "./testing/known";
import { LANES, requestDifferences } from "./testing/requests";

const KNOWN = knownIn("Requests");
const found = await Promise.all(LANES.map((lane) => requestDifferences(lane, KNOWN)));

test.each(LANES.map(([wire, model], at) => [wire, model, found[at] ?? []] as const))(
  "on the wire %s, a request to %s is the AI SDK's but for the known differences",
  (_wire, _model, differences) => {
    expect(unknownRows(differences, KNOWN)).toEqual([]);
  },
);

test("each known difference of requests still occurs, for each model that it names", () => {
  const all = found.flat();
  const gone = KNOWN.filter(({ theirName }) => theirName === null).flatMap((known) => {
    const asked = LANES.filter(([wire]) => wire === known.wire).map(([, model]) => model);
    const models = modelsOf(known, asked);
    const missing = models.filter((model) => !all.some((one) => one.model === model && isKnown(one, known)));
    return (models.length === 0 ? ["no model"] : missing).map((model) => `${model}: ${nameOf(known)}`);
  });
  expect(gone).toEqual([]);
});

test("each name that the AI SDK has for a field is still one", async () => {
  for (const renamed of KNOWN.filter(({ theirName }) => theirName !== null)) {
    const others = KNOWN.filter((known) => known !== renamed);
    const lanes = LANES.filter(([wire]) => wire === renamed.wire);
    const without = await Promise.all(lanes.map((lane) => requestDifferences(lane, others)));
    expect(
      without.flat().some(({ path }) => path === renamed.path),
      nameOf(renamed),
    ).toBe(true);
  }
});
