import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Db } from "#lib/db/client";
import { signInFailures } from "#lib/db/schema/identity";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { log } from "#lib/observability/log";
import { type PasswordSignIn, signIn } from "./sign-in";
import { countAttempt, deleteOldFailures, LIMITS, uncountAttempt, WINDOW_S } from "./sign-in-throttle";
import { createPerson, digest, ENCRYPTION_KEY } from "./testing/people";

const HERE = "192.0.2.1";
const ELSEWHERE = "198.51.100.7";

const database = await databaseOfFile();
// Two replicas.
const db = database.control();
const otherDb = database.control();

beforeAll(async () => {
  await createPerson(db, {
    email: "ada@example.com",
    organizationId: null,
    role: "admin",
    password: "toll road 7",
  });
});
beforeEach(async () => {
  await db.delete(signInFailures);
});

const from = (address: string | null) => ({
  address,
  userAgent: null,
  digest,
  hashing: ENCRYPTION_KEY,
});

const ada = (password: string, address: string | null = HERE): Promise<PasswordSignIn> =>
  signIn(db, { email: "Ada@example.com ", password }, from(address));

const fail = (email: string, address: string | null = HERE, replica: Db = db) =>
  countAttempt(replica, digest, { email, address });

async function failOften(times: number, email: string, address: string | null = HERE): Promise<void> {
  for (let time = 0; time < times; time++) await fail(email, address);
}

/** Moves all failures so far into the past. */
const moveBack = (seconds: number) =>
  database.sql`UPDATE sign_in_failures SET window_started_at = window_started_at - make_interval(secs => ${seconds})`;

describe("failed sign-ins", () => {
  test("are throttled after five from one address, whatever the password, with the time to wait", async () => {
    for (let time = 0; time < LIMITS.here; time++) {
      expect(await ada("a wrong one")).toEqual({ outcome: "rejected" });
    }
    const throttled = await ada("toll road 7");
    expect(throttled).toMatchObject({ outcome: "throttled" });
    if (throttled.outcome !== "throttled") return;
    expect(throttled.retryAfterS).toBeGreaterThan(WINDOW_S - 60);
    expect(throttled.retryAfterS).toBeLessThanOrEqual(WINDOW_S);
  });

  test("are throttled in the same way for an unknown user", async () => {
    await failOften(LIMITS.here, "unknown@example.com");
    expect(await signIn(db, { email: "unknown@example.com", password: "x" }, from(HERE))).toMatchObject({
      outcome: "throttled",
    });
  });

  test("stop counting after the window, which further attempts do not extend", async () => {
    await failOften(LIMITS.here + 5, "ada@example.com");
    await moveBack(WINDOW_S - 60);
    const throttled = await ada("toll road 7");
    expect(throttled).toMatchObject({ outcome: "throttled" });
    if (throttled.outcome === "throttled") expect(throttled.retryAfterS).toBeLessThanOrEqual(60);
    await moveBack(61);
    expect(await ada("toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("from elsewhere do not lock out the owner", async () => {
    await failOften(100, "ada@example.com", ELSEWHERE);
    expect(await ada("toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("from many addresses together are throttled, too", async () => {
    for (let place = 0; place < LIMITS.email; place++) await fail("ada@example.com", `203.0.113.${place}`);
    expect(await ada("toll road 7")).toMatchObject({ outcome: "throttled" });
    await moveBack(WINDOW_S);
    expect(await ada("toll road 7")).toMatchObject({ outcome: "signed_in" });
  });

  test("of many users from one address are throttled only there", async () => {
    for (let person = 0; person < LIMITS.address; person++) await fail(`person-${person}@example.com`);
    expect(await ada("toll road 7")).toMatchObject({ outcome: "throttled" });
    expect(await ada("toll road 7", ELSEWHERE)).toMatchObject({ outcome: "signed_in" });
  });

  test("do not count while throttled", async () => {
    await failOften(LIMITS.here, "ada@example.com", ELSEWHERE);
    const before = await database.sql`SELECT * FROM sign_in_failures ORDER BY subject`;
    await failOften(20, "ada@example.com", ELSEWHERE);
    expect(await database.sql`SELECT * FROM sign_in_failures ORDER BY subject`).toEqual(before);
  });

  test("from one IPv6 /64 count together", async () => {
    for (let host = 0; host < LIMITS.here; host++) await fail("ada@example.com", `2001:db8:1:2::${host}`);
    expect(await ada("toll road 7", "2001:db8:1:2:ffff::1")).toMatchObject({ outcome: "throttled" });
    expect(await ada("toll road 7", "2001:db8:1:3::1")).toMatchObject({ outcome: "signed_in" });
  });

  test("from unknown addresses count together", async () => {
    await failOften(LIMITS.here, "ada@example.com", null);
    expect(await ada("toll road 7", null)).toMatchObject({ outcome: "throttled" });
  });

  test("pass exactly five times when concurrent on two replicas", async () => {
    const tries = Array.from({ length: 60 }, (_, index) =>
      fail("ada@example.com", HERE, index % 2 === 0 ? db : otherDb),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter(({ throttled }) => !throttled)).toHaveLength(LIMITS.here);
  });

  test("of many users at once do not deadlock", async () => {
    const people = ["a", "b", "c", "d"].map((name) => `${name}@example.com`);
    const places = ["192.0.2.10", "192.0.2.11", "192.0.2.12"];
    const tries = Array.from({ length: 96 }, (_, index) =>
      fail(people[index % 4] ?? "", places[index % 3] ?? null, index % 2 === 0 ? db : otherDb),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter(({ throttled }) => !throttled)).toHaveLength(12 * LIMITS.here);
  });

  test("are stored as digests, without addresses or e-mails", async () => {
    await fail("ada@example.com");
    const rows = await db.select().from(signInFailures);
    expect(rows.map(({ subject }) => subject.toString("hex")).sort()).toEqual(
      [`from ${HERE}`, "as ada@example.com", `from ${HERE} as ada@example.com`]
        .map((text) => digest(`sign-in ${text}`).toString("hex"))
        .sort(),
    );
  });

  test("are logged once, at the last one allowed", async () => {
    const logged = vi.spyOn(log, "warn").mockImplementation(() => {});
    for (let time = 0; time < LIMITS.here + 2; time++) await ada("a wrong one");
    expect(logged).toHaveBeenCalledTimes(1);
    expect(logged).toHaveBeenCalledWith({ address: HERE }, expect.stringContaining("too many"));
    logged.mockRestore();
  });
});

describe("a sign-in that succeeds", () => {
  test("takes back only its own count, since another account may have the address", async () => {
    await failOften(LIMITS.here - 2, "ada@example.com");
    for (let time = 0; time < 3; time++) {
      expect(await ada("toll road 7")).toMatchObject({ outcome: "signed_in" });
    }
    expect(await ada("a wrong one")).toEqual({ outcome: "rejected" });
    expect(await ada("a wrong one")).toEqual({ outcome: "rejected" });
    expect(await ada("toll road 7")).toMatchObject({ outcome: "throttled" });
  });

  test("does not count, and does not reset the failures of others", async () => {
    for (let person = 0; person < LIMITS.address - 1; person++) await fail(`person-${person}@example.com`);
    for (let time = 0; time < 3; time++) {
      expect(await ada("toll road 7")).toMatchObject({ outcome: "signed_in" });
    }
    expect(await fail("one-more@example.com")).toMatchObject({ throttled: false });
    expect(await fail("and-another@example.com")).toMatchObject({ throttled: true });
  });
});

describe("old failures", () => {
  test("are deleted, without those that still count", async () => {
    await fail("old@example.com");
    await moveBack(WINDOW_S + 1);
    await fail("new@example.com", ELSEWHERE);
    expect(await deleteOldFailures(db)).toBe(3);
    expect(await db.$count(signInFailures)).toBe(3);
  });

  test("can be taken back when there are none", async () => {
    await uncountAttempt(db, digest, { email: "ada@example.com", address: HERE });
    expect(await db.$count(signInFailures)).toBe(0);
  });
});
