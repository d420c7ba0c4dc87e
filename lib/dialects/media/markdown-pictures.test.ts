import { expect, test } from "vitest";
import { quickestMs } from "#lib/testing/promptness";
import { pictureCounter } from "./markdown-pictures";

function picturesIn(...texts: string[]): number {
  const counter = pictureCounter();
  for (const text of texts) counter.add(text);
  counter.end();
  return counter.count();
}

test.each<[number, string[]]>([
  [1, ["![](https://a.example/1.png)"]],
  [1, ["See ![a badge]( HTTP://a.example/1.png 'x')"]],
  [1, ["![](<https://a.example/1.png>)"]],
  [1, ["![](data:image/png;base64,AAAA)"]],
  [2, ["[![](https://a.example/1.png)](https://a.example) ![b](https://a.example/2.png)"]],
  [1, ["![![](https://a.example/1.png)"]],
  [1, ["!", "[", "](ht", "tps://a.example/1.png)"]],
  [1, ['{"url":"\\u0021\\u005b](\\u0068ttps://a.example/1.png)"}']],
  [0, ["[a link](https://a.example)"]],
  [0, ["![](pictures/1.png) ![](/1.png)"]],
  [1, ["![ ! [](https://a.example"]],
  [1, ['{"url":"![\\u005D(https://a.example/1.png)"}']],
  [0, ["caf\\u00e9 \\u003cb\\u003e !"]],
  [0, ["wow![1] = x; items![0](y)"]],
])("finds %i in %j", (count, texts) => {
  expect(picturesIn(...texts)).toBe(count);
});

test("does not join what ended", () => {
  const counter = pictureCounter();
  for (const text of ["![", "](https://a.example/1.png)"]) {
    counter.add(text);
    counter.end();
  }
  expect(counter.count()).toBe(0);
});

const LENGTH = 20_000_000;

test.each([
  ["prose", "Nobody had expected the ferry! "],
  ["openings", "!["],
  ["pictures", "![](https://a.example/1.png)\n"],
  ["closed brackets", "![]"],
  ["unknown sources", "![]("],
  ["escapes", "\\u0021"],
  ["harmless escapes", "\\u00e9"],
])("20 MB of %s take some milliseconds", async (_, unit) => {
  const text = unit.repeat(LENGTH / unit.length);
  expect(await quickestMs(() => picturesIn(text))).toBeLessThan(250);
});

test("counts the rest of a text with very many brackets as pictures", () => {
  expect(picturesIn("![]".repeat(1_000_000))).toBeGreaterThan(100_000);
});
