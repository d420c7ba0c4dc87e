// @own-process: it measures processor time, of which other files' garbage would be a part.
import { test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { expectLinear } from "#lib/testing/linear-time";
import { CLIENTS } from "./registry";
import { heardStream, heardWhole } from "./testing/answers/heard";
import { ANSWERS } from "./testing/answers/of-wires";

const SCALE = { characters: 98_304, harmlessMs: 60 };

/** A stream with one of its events as often as it takes. @param seen those that were in another before */
function* longStreams(events: string, seen: Set<string>): Generator<(characters: number) => string> {
  const all = events.split(/(?<=\n\n)/);
  for (const [at, event] of all.entries()) {
    if (event === "" || seen.has(event)) continue;
    seen.add(event);
    yield (characters) => all.toSpliced(at, 1, event.repeat(Math.ceil(characters / event.length))).join("");
  }
}

/** A body with the elements of one of its lists as often as it takes. */
function* longBodies(value: unknown): Generator<(characters: number) => unknown> {
  if (Array.isArray(value)) {
    const length = JSON.stringify(value).length;
    if (value.length > 0)
      yield (characters) => Array.from({ length: Math.ceil(characters / length) }, () => value).flat();
    for (const [at, inner] of value.entries())
      for (const long of longBodies(inner)) yield (characters) => value.with(at, long(characters));
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value))
      for (const long of longBodies(inner)) yield (characters) => ({ ...value, [name]: long(characters) });
  }
}

const WIRES = Object.entries(ANSWERS);

test.each(WIRES)(
  "an answer by the wire %s is read and written in linear time, whatever is many in it",
  async (wire, { model, said, streaming }) => {
    const raw = Object.values(said);
    const streams = [...raw.map(({ events }) => events), streaming];
    const wholes = new Map(raw.map(({ whole }) => [JSON.stringify(whole), whole]));
    for (const { dialect } of CLIENTS) {
      const plan = { dialect: dialect.name, wire, model };
      if (dialect.name === wire) continue;
      const seen = new Set<string>();
      for (const events of streams) {
        for (const streamOf of longStreams(events, seen)) {
          const work = (characters: number) => {
            const stream = streamOf(characters);
            return () => heardStream(plan, stream);
          };
          await expectLinear(
            `a stream for ${dialect.name} like ${events.slice(0, 500)}`,
            work,
            undefined,
            SCALE,
          );
        }
      }
      for (const [json, whole] of wholes) {
        for (const bodyOf of longBodies(whole)) {
          const work = (characters: number) => {
            const body = bodyOf(characters);
            return () => heardWhole(plan, isObject(body) ? body : {});
          };
          await expectLinear(
            `an answer for ${dialect.name} like ${json.slice(0, 500)}`,
            work,
            undefined,
            SCALE,
          );
        }
      }
    }
  },
  120_000,
);
