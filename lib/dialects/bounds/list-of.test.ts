import { expect, test } from "vitest";
import { z } from "zod";
import { listOf } from "./list-of";

const MANY = 1_000;
const numbers = z.object({ list: listOf(z.object({ n: z.number() })) });
const listWith = (wrong: ReadonlyMap<number, unknown>) => ({
  list: Array.from({ length: MANY }, (_, at) => wrong.get(at) ?? { n: at, more: true }),
});

test("reads all elements as their schema does", () => {
  expect(numbers.parse(listWith(new Map())).list).toEqual(Array.from({ length: MANY }, (_, n) => ({ n })));
});

test.each([0, 255, 256, 999])("names the element that is not valid: %i", (at) => {
  const { error } = numbers.safeParse(listWith(new Map([[at, { n: "1" }]])));
  expect(error?.issues).toMatchObject([{ path: ["list", at, "n"], message: "Must be a number." }]);
});

test("checks no element far behind one that is not valid", () => {
  let checked = 0;
  const element = z.unknown().refine(() => {
    checked += 1;
    return false;
  });
  const { error } = z.object({ list: listOf(element) }).safeParse(listWith(new Map()));
  expect(error?.issues).toMatchObject([{ path: ["list", 0] }]);
  expect(checked).toBeLessThan(MANY / 2);
});

test("is no list of another type", () => {
  expect(numbers.safeParse({ list: {} }).error?.issues[0]?.message).toContain("expected array");
});
