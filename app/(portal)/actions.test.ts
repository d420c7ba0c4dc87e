import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOMS = ["app", "components", "lib"];

const sources = ROOMS.flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
    .map((file) => join(room, file)),
);
const withActions = sources.filter((file) =>
  /^\s*["']use server["'];?\s*$/m.test(readFileSync(file, "utf8")),
);

/**
 * Before anyone has signed in: one takes an address to mail a link to, one remembers, in a cookie, the invite whose page
 * the browser shows.
 */
const WITHOUT_CALLER = ["app/(auth)/forgot-password/actions.ts", "app/(auth)/invite/[token]/actions.ts"];

const importing = String.raw`import \{ [\w, ]+ \} from "#lib/services/[\w/-]+";`;
const declaring = String.raw`export const \w+Action = action\((\w+), \{[^(){}]*\}\);`;
const PORTAL_ACTIONS = new RegExp(
  String.raw`^"use server";\s+(${importing}\s+)+import \{ action \} from "\.\./action";\s+(${declaring}\s*)+$`,
);

const withoutComments = (text: string) => text.replace(/^\s*\/\/.*$/gm, "");
const isOnlyVerbs = (text: string) => PORTAL_ACTIONS.test(withoutComments(text));

describe("a server action", () => {
  test("is declared only in an actions.ts of the portal, and in two before the sign-in", () => {
    const others = withActions.filter((file) => !/^app\/\(portal\)\/[\w-]+\/actions\.ts$/.test(file));
    expect(others).toEqual(WITHOUT_CALLER);
    expect(withActions.length).toBeGreaterThan(WITHOUT_CALLER.length);
  });

  test.each(withActions.filter((file) => !WITHOUT_CALLER.includes(file)))(
    "in %s does nothing but run a verb, which judges the rights itself",
    (file) => {
      expect(isOnlyVerbs(readFileSync(file, "utf8"))).toBe(true);
    },
  );

  test.each([
    ["an action of its own", "export async function steal() {}"],
    ["a call in its options", 'export const aAction = action(listUsers, { page: find("/") });'],
    ["a verb declared in place", 'export const aAction = action({ handle }, { page: "/" });'],
    ["another import", 'import { controlDb } from "#lib/db/client";'],
  ])("would be found if a file had %s", (_what, line) => {
    const text = readFileSync("app/(portal)/choices/actions.ts", "utf8");
    expect(isOnlyVerbs(text)).toBe(true);
    expect(isOnlyVerbs(`${text}${line}\n`)).toBe(false);
  });
});
