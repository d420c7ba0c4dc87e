import { expect, test } from "vitest";
import { unrepeatedNames } from "./unrepeated-names";

const numbered = { stemOf: (name: string) => name.slice(0, 5), suffix: (count: number) => `_${count}` };

test("numbers names that are repeated, or taken before", () => {
  const nameFor = unrepeatedNames({ ...numbered, isTaken: (name) => name === "a_3" });
  expect(["a", "a", "a_2", "a", "b"].map(nameFor)).toEqual(["a", "a_2", "a_2_2", "a_4", "b"]);
});

test("cuts names to the stem that a number fits", () => {
  const nameFor = unrepeatedNames(numbered);
  expect(["abcdefg", "abcdefg", "abcdefh", "abcdefh"].map(nameFor)).toEqual([
    "abcdefg",
    "abcde_2",
    "abcdefh",
    "abcde_3",
  ]);
});

test("tries each number of a name once", () => {
  let tries = 0;
  const isTaken = () => {
    tries += 1;
    return false;
  };
  const nameFor = unrepeatedNames({ ...numbered, isTaken });
  for (let at = 0; at < 10_000; at++) nameFor("a");
  expect(tries).toBeLessThan(30_000);
});
