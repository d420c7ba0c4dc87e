import { describe, expect, test } from "vitest";
import { ExtraHeaders, secretsInHeader } from "./extra-headers";

const problem = (headers: unknown) =>
  ExtraHeaders.safeParse(headers).error?.issues.map(({ message }) => message);

describe("extra headers", () => {
  test("have a name, and a value or null for a stored one", () => {
    const headers = {
      "HTTP-Referer": "https://acme.example",
      "x-title": null,
      "cf-aig-authorization": "Bearer x",
    };
    expect(ExtraHeaders.parse(headers)).toEqual(headers);
    expect(problem(undefined)).toBeUndefined();
    expect(problem({})).toBeUndefined();
  });

  test.each([
    ["Authorization", /as `credentials`/],
    ["Host", /belongs to the connection/],
    ["content-length", /belongs to the connection/],
    ["Transfer-Encoding", /belongs to the connection/],
    ["connection", /belongs to the connection/],
    ["proxy-authorization", /belongs to the connection/],
    ["content-type", /sets this header itself/],
    ["User-Agent", /sets this header itself/],
    ["x-request-id", /sets this header itself/],
    ["anthropic-version", /sets this header itself/],
    ["", /Not a header name/],
    ["x title", /Not a header name/],
    ["x:y", /Not a header name/],
    ["é", /Not a header name/],
    ["_x", /Not a header name/],
  ])("cannot be named %j", (name, words) => {
    expect(problem(JSON.parse(`{${JSON.stringify(name)}: "v"}`))).toEqual([expect.stringMatching(words)]);
  });

  test.each(["", "two\nlines", "a\rb", " spaces around ", "é", "x".repeat(4001)])(
    "cannot have the value %j",
    (value) => {
      expect(problem({ "x-a": value })).toEqual(["Use up to 4000 printable ASCII characters."]);
    },
  );

  test("are named once, whatever their case, and are at most fifty", () => {
    expect(problem({ "x-a": "1", "X-A": "2" })).toEqual(["Name each header once."]);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`x-${at}`, "v"]));
    expect(problem(many)).toEqual(["At most 50 headers are possible."]);
  });
});

test("a token is a secret without its scheme, too", () => {
  expect(secretsInHeader("Bearer abc")).toEqual(["Bearer abc", "abc"]);
  expect(secretsInHeader("My own app")).toEqual(["My own app"]);
  expect(secretsInHeader("abc")).toEqual(["abc"]);
});
