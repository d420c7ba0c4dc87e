import { expect, test } from "vitest";
import { pictureCounter } from "./markdown-pictures";

function found(...texts: string[]) {
  const counter = pictureCounter();
  for (const text of texts) counter.add(text);
  counter.end();
  return [counter.tags(), counter.count()];
}

test.each<[string, number, number, string[]]>([
  ["Ollama's", 3, 0, ["[img-0]", "[img-0] [img-12]"]],
  ["one that two parts make", 1, 0, ["[im", "g-0]"]],
  ["an escaped one", 1, 0, ['{"a":"\\u005bim\\u0067-0]"}']],
  ["Mistral's", 1, 0, ["[IMG]"]],
  ["llama.cpp's", 1, 0, ["<__media__>"]],
  ["those of vision models", 5, 0, ["<image><|image|><|image_pad|><start_of_image><|image_1|>"]],
  ["a picture in HTML, as NVIDIA reads it", 0, 1, ['<img src="data:image/png;base64,AAAA" />']],
  ["the same otherwise", 0, 2, ["<IMG alt='x' SRC = data:a><img src='data:b'>"]],
  ["the same with Go's escapes", 0, 1, ['{"a":"\\u003cimg src=\\"data:image/png;base64,AAAA\\"\\u003e"}']],
  ["no link to a picture", 0, 0, ['<img src="https://a.example/1.png"> [img-x] [image] <imagery> a < b']],
])("counts %s", (_, tags, pictures, texts) => {
  expect(found(...texts)).toEqual([tags, pictures]);
});

test.each([
  ["openings", "<img "],
  ["sources", "<img src="],
  ["tags", "[img-0]"],
  ["brackets", "[img-"],
  ["escapes", "\\u003c"],
  ["signs", "<"],
])("20 MB of %s take some milliseconds", (_, unit) => {
  const text = unit.repeat(20_000_000 / unit.length);
  const before = process.cpuUsage();
  found(text);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(4_000);
});
