import { describe, expect, test } from "vitest";
import { sentBy } from "#lib/translation/testing/translate";

const sentWith = (part: object) =>
  sentBy("chat", "gemini", "gemini-3.8-flash", { model: "m", messages: [{ role: "user", content: [part] }] });
const pictureAt = (url: string) => ({ type: "image_url", image_url: { url } });
const AT = ["messages[0].content[0]"];

describe("a picture", () => {
  test("by its address is fetched by Google, as a picture whatever its name says", () => {
    const { sent, refused } = sentWith(pictureAt("https://example.com/a.pdf?x=1"));
    expect(refused).toEqual([]);
    expect(sent.contents).toEqual([
      {
        role: "user",
        parts: [{ fileData: { fileUri: "https://example.com/a.pdf?x=1", mimeType: "image/jpeg" } }],
      },
    ]);
    expect(JSON.stringify(sentWith(pictureAt("https://example.com/a.PNG")).sent)).toContain('"image/png"');
  });

  test.each([
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "https://youtu.be/dQw4w9WgXcQ",
    "https://generativelanguage.googleapis.com/v1beta/files/abc",
    "https://storage.googleapis.com./bucket/film.mp4",
    "gs://bucket/film.mp4",
    "files/abc",
    `https://${"a".repeat(400)}.example/a.png`,
    "ht\ntps://example.com/a.png",
  ])(
    "is refused where Google would read a film or a file that tenants share, or where it cannot be: %s",
    (url) => {
      expect(sentWith(pictureAt(url)).refused).toEqual(AT);
    },
  );

  test.each(["video/mp4", "application/pdf", "audio/wav"])("is no data of the type %s", (type) => {
    expect(sentWith(pictureAt(`data:${type};base64,AAAA`)).refused).toEqual(AT);
  });
});

test("a document is a PDF or a text", () => {
  const file = (type: string) => ({ type: "file", file: { file_data: `data:${type};base64,AAAA` } });
  expect(sentWith(file("application/pdf")).refused).toEqual([]);
  expect(sentWith(file("text/csv")).refused).toEqual([]);
  expect(sentWith(file("video/mp4")).refused).toEqual(AT);
});
