import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressRange, addressSet, isWithinRanges, plainAddress } from "./address-ranges";

describe("an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7 ", "203.0.113.7"],
    ["203.0.113.7:51234", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:CB00:7107", "203.0.113.7"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
  ])("%j becomes %s", (text, plain) => expect(plainAddress(text)).toBe(plain));

  test.each([
    "",
    "unknown",
    "_hidden",
    "203.0.113",
    "203.0.113.256",
    "010.0.0.1",
    "10.0.0.0/8",
    "a.example",
    "1.2.3.4:x",
  ])("%j is invalid", (text) => expect(plainAddress(text)).toBeNull());
});

describe("a range", () => {
  test.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["172.16.255.255/12", "172.16.0.0/12"],
    ["203.0.113.129/25", "203.0.113.128/25"],
    ["203.0.113.7/32", "203.0.113.7"],
    ["203.0.113.7", "203.0.113.7"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8:1:2:3::/33", "2001:db8::/33"],
    ["2001:DB8::1/128", "2001:db8::1"],
    ["::/0", "::/0"],
    ["::ffff:10.1.2.3/104", "10.0.0.0/8"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
  ])("%s becomes %s", (text, kept) => {
    expect(addressRange(text)).toBe(kept);
    expect(addressRange(kept)).toBe(kept);
  });

  test.each([
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/08x",
    "::1/129",
    "::ffff:10.0.0.1/95",
    "fe80::1%eth0",
    "localhost",
    "*",
  ])("%j is invalid", (text) => expect(addressRange(text)).toBeNull());
});

describe("a set of ranges", () => {
  const set = addressSet(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"]);

  test.each(["203.0.113.7", "10.255.0.1", "2001:db8:ffff::1"])("has %s", (address) =>
    expect(set.has(address)).toBe(true),
  );
  test.each(["203.0.113.8", "11.0.0.0", "2001:db9::1", "::1", "", "nonsense"])(
    "does not have %j",
    (address) => expect(set.has(address)).toBe(false),
  );

  test("has nothing without ranges, and ignores invalid ranges", () => {
    expect(addressSet([]).has("10.0.0.1")).toBe(false);
    expect(addressSet(["nonsense", "10.0.0.0/99"]).has("10.0.0.1")).toBe(false);
  });

  test("has every address if it has the range of all", () => {
    expect(addressSet(["0.0.0.0/0"]).has("198.51.100.1")).toBe(true);
    expect(addressSet(["::/0"]).has("2001:db8::1")).toBe(true);
  });
});

describe("a range within others", () => {
  test.each([
    ["10.1.2.3", ["10.0.0.0/8"]],
    ["10.0.0.0/8", ["10.0.0.0/8"]],
    ["10.0.0.0/8", ["10.128.0.0/9", "10.0.0.0/9"]],
    ["::ffff:10.0.0.1", ["10.0.0.0/31"]],
    ["2001:db8:1::/48", ["192.0.2.0/24", "2001:db8::/32"]],
    ["0.0.0.0/0", ["0.0.0.0/0"]],
  ])("%s is in %j", (range, others) => expect(isWithinRanges(range, others)).toBe(true));

  test.each([
    ["10.0.0.0/7", ["10.0.0.0/8"]],
    ["10.0.0.0/8", ["10.0.0.0/9", "10.192.0.0/10"]],
    ["0.0.0.0/0", ["::/0"]],
    ["::/0", ["0.0.0.0/0"]],
    ["10.0.0.1", []],
    ["nonsense", ["0.0.0.0/0", "::/0"]],
  ])("%s is not in %j", (range, others) => expect(isWithinRanges(range, others)).toBe(false));

  test("is in them exactly if each of its addresses is", () => {
    const range = fc
      .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
      .map(([last, prefix]) => `10.0.0.${last}/${prefix}`);
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 6 }), (asked, others) => {
        const set = addressSet(others);
        const own = addressSet([asked]);
        const addresses = Array.from({ length: 256 }, (_, last) => `10.0.0.${last}`).filter(own.has);
        expect(isWithinRanges(asked, others)).toBe(addresses.every(set.has));
      }),
      { numRuns: 200 },
    );
  });
});
