import { describe, expect, test } from "vitest";
import { AddressNotAllowed, guardedLookup, isAddressAllowed } from "./address";

type Resolve = NonNullable<Parameters<typeof guardedLookup>[1]>;

describe("isAddressAllowed", () => {
  test.each([
    "169.254.169.254",
    "169.254.170.2",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "::169.254.169.254",
    "::ffff:0:a9fe:a9fe",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1",
    "fe80::1%eth0",
    "febf:ffff::1",
    "fd00:ec2::254",
    "FD00:EC2:0:0::254",
    "fd20:ce::254",
    "100.100.100.200",
    "::ffff:100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "not an address",
    "",
  ])("never allows %s", (address) => {
    expect(isAddressAllowed(address, false)).toBe(false);
  });

  test.each([
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "::",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
  ])("allows %s only if private networks are allowed", (address) => {
    expect(isAddressAllowed(address, false)).toBe(true);
    expect(isAddressAllowed(address, true)).toBe(false);
  });

  test.each([
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "100.128.0.1",
    "169.253.1.1",
    "2606:4700::6810:1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
  ])("always allows %s", (address) => {
    expect(isAddressAllowed(address, true)).toBe(true);
  });
});

describe("guardedLookup", () => {
  const resolving =
    (...addresses: string[]): Resolve =>
    (_hostname, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
  const lookUp = (resolve: Resolve, all: boolean) =>
    new Promise((settle) => {
      guardedLookup(true, resolve)("provider.test", { all }, (error, address) => settle(error ?? address));
    });

  test("returns only the allowed addresses", async () => {
    const resolve = resolving("10.0.0.1", "8.8.8.8", "169.254.169.254");
    expect(await lookUp(resolve, true)).toEqual([{ address: "8.8.8.8", family: 4 }]);
    expect(await lookUp(resolve, false)).toBe("8.8.8.8");
  });

  test("rejects a host without an allowed address", async () => {
    expect(await lookUp(resolving("10.0.0.1"), true)).toBeInstanceOf(AddressNotAllowed);
    expect(await lookUp(resolving(), true)).toBeInstanceOf(AddressNotAllowed);
  });

  test("passes on the error for an unknown host", async () => {
    const failure = await new Promise((settle) => {
      guardedLookup(false)("no-such-host.invalid", { all: true }, (error) => settle(error));
    });
    expect(failure).toBeInstanceOf(Error);
    expect(failure).not.toBeInstanceOf(AddressNotAllowed);
  });
});
