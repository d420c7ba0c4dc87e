// @own-process: it measures processor time, of which other files' garbage would be a part.
import { expect, test } from "vitest";
import type { Call } from "#lib/dialects/call";
import { expectLinear } from "#lib/testing/linear-time";
import { CLIENTS, WIRES } from "./registry";
import { awkwardTurns } from "./testing/awkward-turns";
import { acceptedCall, SENT, translationOf } from "./testing/translate";

/** What is quadratic takes a hundred milliseconds here, and what is not a fraction. */
const SCALE = { characters: 262_144, harmlessMs: 60 };
const MODELS: Readonly<Record<string, string>> = {
  converse: "anthropic.claude-sonnet-4-5",
  messages: "claude-sonnet-4-5",
  gemini: "gemini-3.8-flash",
};

test.each(CLIENTS.map(({ dialect }) => dialect.name))(
  "a request of %s is planned and written in linear time, whatever is many in it",
  async (dialect) => {
    for (const [what, bodyOf] of awkwardTurns(dialect)) {
      const calls = new Map<number, Call | null>();
      for (const { name: wire } of WIRES) {
        if (wire === dialect) continue;
        const workOf = (characters: number) => {
          const known = calls.get(characters);
          const call = known === undefined ? acceptedCall(dialect, bodyOf(characters)) : known;
          calls.set(characters, call);
          return () => {
            if (call === null) return;
            // A new one, since a plan is kept.
            const lane = translationOf(dialect, wire, MODELS[wire] ?? "gpt-5.4");
            lane.plan(call);
            lane.begin(call, SENT);
          };
        };
        await expectLinear(`${what}, by the wire ${wire}`, workOf, undefined, SCALE);
      }
    }
  },
  60_000,
);

test.each(CLIENTS.map(({ dialect }) => dialect.name))("bodies of %s are translated", (dialect) => {
  const bodies = awkwardTurns(dialect).map(([, bodyOf]) => acceptedCall(dialect, bodyOf(1_000)));
  expect(bodies.filter((call) => call !== null).length).toBeGreaterThan(15);
});
