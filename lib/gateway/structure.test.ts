import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DIALECTS } from "#lib/dialects/registry";

const ROOM = "lib/gateway";

/** Which sub-room imports which: the whole data plane in eight lines. Add an arrow only with a reason. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  mounts: ["pipeline", "ports", "runtime"],
  runtime: ["pipeline", "ports", "rejections", "routing", "sizing"],
  pipeline: ["ports", "provider-errors", "rejections", "routing", "sizing"],
  ports: ["rejections", "routing", "sizing"],
  sizing: ["routing"],
  "provider-errors": [],
  rejections: [],
  routing: [],
};

const isSource = (file: string) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|(^|\/)testing\//.test(file);

/** Every import, also of types: a circle of types is a circle. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import\() ?"([^"]+)"/g)].flatMap(([, name]) => name ?? []);
}

function sourcesIn(room: string): string[] {
  const files = readdirSync(room, { recursive: true, encoding: "utf8" });
  return files.filter(isSource).map((file) => join(room, file));
}

test("the sub-rooms import each other as the table says, and in no circle", () => {
  const arrows = new Map<string, Set<string>>();
  for (const file of sourcesIn(ROOM)) {
    const [from = ""] = file.slice(ROOM.length + 1).split("/");
    const to = arrows.get(from) ?? new Set();
    arrows.set(from, to);
    for (const name of importsOf(file)) {
      const [, room] = /^#lib\/gateway\/([\w-]+)\//.exec(name) ?? [];
      if (room !== undefined && room !== from) to.add(room);
    }
  }
  const found = Object.fromEntries([...arrows].map(([from, to]) => [from, [...to].toSorted()]));
  expect(found).toEqual(ARROWS);
  // Rooms whose arrows all lead to rooms that are done: if none is left, there is no circle.
  const left = new Map(Object.entries(ARROWS));
  for (;;) {
    const done = [...left].filter(([, to]) => to.every((room) => !left.has(room)));
    if (done.length === 0) break;
    for (const [room] of done) left.delete(room);
  }
  expect([...left.keys()]).toEqual([]);
});

test.each([ROOM, "lib/dialects", "lib/providers", "lib/translation"])(
  "no file in %s is part of an import circle",
  (room) => {
    const graph = new Map<string, string[]>();
    for (const file of sourcesIn(room)) {
      const folder = file.slice(0, file.lastIndexOf("/"));
      const targets = importsOf(file).flatMap((name) => {
        if (name.startsWith("#lib/")) return [`${name.slice(1)}.ts`];
        return name.startsWith(".") ? [`${join(folder, name)}.ts`] : [];
      });
      graph.set(file, targets);
    }
    for (;;) {
      const done = [...graph].filter(([, to]) => to.every((file) => !graph.has(file)));
      if (done.length === 0) break;
      for (const [file] of done) graph.delete(file);
    }
    expect([...graph.keys()]).toEqual([]);
  },
);

/** Rooms that may name a dialect or an endpoint: what defines, offers, documents or demonstrates one. */
const MAY_NAME = [
  "lib/dialects",
  "lib/providers",
  "lib/admin-api",
  "lib/boot/demo",
  "lib/cli",
  "lib/testing",
  "lib/translation",
];

test("no stage names a dialect or an endpoint, or knows a field of one", () => {
  const names = DIALECTS.flatMap(({ name, endpoint }) => [name, endpoint]);
  const own = ["max_tokens", "max_completion_tokens", "stream_options", "choices", "[DONE]"];
  const naming = sourcesIn("lib").filter((file) => {
    if (MAY_NAME.some((room) => file.startsWith(`${room}/`))) return false;
    const literals = [...readFileSync(file, "utf8").matchAll(/["'`]([^"'`\n]*)["'`]/g)];
    return literals.some(([, text = ""]) => names.includes(text) || own.includes(text));
  });
  expect(naming).toEqual([]);
});
