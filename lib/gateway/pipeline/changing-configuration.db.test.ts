import { expect, test } from "vitest";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "m" }] });
const { gateway, sql } = gate;
const { routing } = gateway;
const messages = [{ role: "user", content: "Hello!" }];
let changes = 0;
// Another replica's administrator changes models after each reading.
gateway.routing = async (options) => {
  const read = await routing(options);
  if (changes > 0) {
    changes -= 1;
    await sql`UPDATE models SET enabled = enabled`;
  }
  return read;
};

test.each([
  [4, 200],
  [20, 503],
])("a request whose configuration changes %s times meanwhile is answered with %s", async (times, status) => {
  changes = times;
  const response = await gate.chat({ model: "m", messages });
  expect(response.status).toBe(status);
  await response.text();
  changes = 0;
  await expectBalancedBooks(gate);
});
