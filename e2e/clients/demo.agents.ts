import { expect, test } from "vitest";
import { CLIENT_AGENTS } from "./agents";
import { rowsOfAnswers } from "./expected-rows";
import { startTollgate } from "./tollgate-server";
import { COMMAND, RESULT, workWithAgent } from "./work-with-agent";

const MODEL = "demo-fast";
const server = await startTollgate();
const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);

test.each(CLIENT_AGENTS)("$package@$version works on the demo", async (agent) => {
  const { name, args } = agent.command(COMMAND);
  const prompt = `Please count.\nCall the tool ${name} with ${JSON.stringify(args)}`;
  const { proof, exchanges, rejected, rows } = await workWithAgent(server, agent, { model: MODEL, prompt });
  expect(proof).toBe(RESULT);
  expect(rejected).toEqual([]);
  // The next turn carries the result.
  expect(exchanges.some(({ body, status }) => status === 200 && body.includes(RESULT))).toBe(true);
  const expected = rowsOfAnswers(exchanges, agent.endpoint, await server.priceOf(MODEL));
  expect(expected.length).toBeGreaterThanOrEqual(2);
  expect(rows.toSorted(byId)).toMatchObject(expected.toSorted(byId));
});
